"""What would leave a Production Down unheard, as system checks with a hint."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, transaction

from cases import production_down


@checks.register()
def phrases_are_words(**_options: Any) -> list[checks.CheckMessage]:
    """Refuse phrases that no subject could hold."""
    phrases = [production_down.normalise(phrase) for phrase in settings.PRODUCTION_DOWN_PHRASES]
    if phrases and all(phrases):
        return []
    return [
        checks.Error(
            "PRODUCTION_DOWN_PHRASES holds no phrase, or an empty one.",
            hint="Leave it unset for 'production down', or list phrases separated by commas.",
            id="cases.E001",
        )
    ]


@checks.register(checks.Tags.database)
def on_call_list_reaches_somebody(databases: Sequence[str] | None = None, **_options: Any) -> list[checks.CheckMessage]:
    """Warn of an on-call list that wakes nobody. Reads the database: runs with ``check --database default``."""
    from cases import oncall

    if "default" not in (databases or ()):
        return []
    try:
        # Before the first migrate there is no table to ask; a broken query must not break a transaction around it.
        with transaction.atomic():
            is_empty = oncall.is_list_empty()
    except DatabaseError:
        return []
    if not is_empty:
        return []
    return [
        checks.Warning(
            "The on-call list reaches nobody: Production Down alerts go to the support managers.",
            hint="Add people or a webhook under Administration → On-call list.",
            id="cases.W001",
        )
    ]
