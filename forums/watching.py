"""Watching: who is told of what, and how soon.

Anybody who takes part may watch what they can see: a community, a category or a tag for its new topics, a topic for
its replies. Of several watches that fit one event, the strongest decides: see ``forums.emails``.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from forums import changes, policies
from forums.constants import Level
from forums.models import Category, Community, Tag, Topic, Watch

Target: TypeAlias = Community | Category | Tag | Topic

_FIELDS: Mapping[type, str] = {Community: "community", Category: "category", Tag: "tag", Topic: "topic"}


@transaction.atomic
def watch(*, user: User, target: Target, level: Level = Level.AT_ONCE) -> Watch:
    """Tell ``user`` of news about ``target``; a second call changes how soon. A tag's synonym is the tag it means.

    Raises ``ForumError`` for who takes no part, and ``DoesNotExist`` for what ``user`` may not see.
    """
    changes.require(policies.take_part(user))
    if isinstance(target, Tag) and target.synonym_of is not None:
        target = target.synonym_of
    _require_sight(user, target)
    found, _created = Watch.objects.update_or_create(user=user, **_of(target), defaults={"level": level})
    return found


def unwatch(*, user: User, target: Target) -> bool:
    """Tell ``user`` no more, whatever else they may do or see by now. Says whether they were watching."""
    deleted, _rows = Watch.objects.filter(user=user, **_of(target)).delete()
    return bool(deleted)


def watch_own(user: User, topic: Topic) -> None:
    """Let somebody who has just written in ``topic`` hear of replies, unless they watch it already."""
    Watch.objects.bulk_create([Watch(user=user, topic=topic)], ignore_conflicts=True)


def level_of(user: User, targets: Iterable[Target]) -> Mapping[Target, Level]:
    """Return how soon ``user`` is told of each of ``targets`` by a watch of its own; one query for a whole page."""
    wanted = list(targets)
    if not wanted:
        return {}
    fits = Q()
    for target in wanted:
        fits |= Q(**_of(target))
    rows = Watch.objects.filter(fits, user=user)
    found = {
        (field, getattr(row, f"{field}_id")): Level(row.level)
        for row in rows
        for field in _FIELDS.values()
        if getattr(row, f"{field}_id") is not None
    }
    return {target: found[key] for target in wanted if (key := (_FIELDS[type(target)], target.pk)) in found}


def _of(target: Target) -> dict[str, Any]:
    return {_FIELDS[type(target)]: target}


def _require_sight(user: User, target: Target) -> None:
    """Raise ``DoesNotExist`` for a target in a community, or a topic, that does not exist for ``user``."""
    if isinstance(target, Topic):
        Topic.objects.visible_to(user).only("pk").get(pk=target.pk)
        return
    community_id = target.pk if isinstance(target, Community) else target.community_id
    Community.objects.visible_to(user).only("pk").get(pk=community_id)
