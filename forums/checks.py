"""What would leave a community without an address or without a shelf, as system checks with a hint."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, transaction
from django.urls import NoReverseMatch, reverse


@checks.register(checks.Tags.urls)
def mounts_have_addresses(**_options: Any) -> list[checks.CheckMessage]:
    """Refuse a community that is mounted where no addresses are."""
    return [
        checks.Error(
            f"COMMUNITY_MOUNTS puts the community {slug!r} at {namespace!r}, which is no namespace of addresses.",
            hint="Include forums.urls under that namespace, or leave the community out of the setting.",
            id="forums.E001",
        )
        for slug, namespace in settings.COMMUNITY_MOUNTS.items()
        if not _has_addresses(namespace)
    ]


@checks.register(checks.Tags.database)
def communities_have_categories(databases: Sequence[str] | None = None, **_options: Any) -> list[checks.CheckMessage]:
    """Warn of open communities in which nobody can start a topic. Runs with ``check --database default``."""
    from forums.models import Community

    if "default" not in (databases or ()):
        return []
    try:
        # Before the first migrate there is no table to ask; a broken query must not break a transaction around it.
        with transaction.atomic():
            empty = list(Community.objects.filter(is_open=True).exclude(categories__is_for_staff=False))
    except DatabaseError:
        return []
    return [
        checks.Warning(
            f"The community {community.slug!r} has no category in which members start topics.",
            hint="Add one under Administration → Communities.",
            id="forums.W001",
        )
        for community in empty
    ]


def _has_addresses(namespace: str) -> bool:
    try:
        reverse(f"{namespace}:home")
    except NoReverseMatch:
        return False
    return True
