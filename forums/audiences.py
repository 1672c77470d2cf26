"""Who watches what a post is about, and how soon each of them is mailed.

The criteria are ids and codes, frozen in the ledger: of a topic, or of the community, category and tags of a new one.
"""

import zoneinfo
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, F, Min, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from forums.constants import Level
from forums.models import Tag, Topic, Watch
from lib import zones

WATCHERS = "forums.watchers"
# When a digest arrives, in its reader's time zone; a weekly one on Mondays.
DIGEST_HOUR = 7
DIGEST_WEEKDAY = 0


def of_replies(topic: Topic) -> dict[str, Any]:
    """Return what somebody has to watch to hear of replies in ``topic``."""
    return {"topic": topic.pk}


def of_new_topic(topic: Topic) -> dict[str, Any]:
    """Return what somebody has to watch, one of these, to hear of a new topic: a synonym of a tag counts as the tag."""
    tags = Tag.objects.filter(Q(topics=topic) | Q(synonym_of__topics=topic))
    return {
        "community": topic.community_id,
        "category": topic.category_id,
        "tags": sorted(set(tags.values_list("pk", flat=True))),
    }


def watches(criteria: Mapping[str, Any]) -> "QuerySet[Watch]":
    """Return the watches that fit."""
    fits = Q(tag__in=criteria.get("tags", []))
    for field in ("topic", "community", "category"):
        if field in criteria:
            fits |= Q(**{field: criteria[field]})
    return Watch.objects.filter(fits)


def watchers(criteria: Mapping[str, Any]) -> "QuerySet[User, tuple[int, str, datetime | None]]":
    """Return the people who watch, each with the moment to mail them; the audience of ``notifications.audiences``.

    With a ``level`` these are the people whose strongest fitting watch has it. ``except`` are ids of people who hear
    of it in another way.
    """
    found = watches(criteria).values("user").annotate(strongest=Min("level"))
    if "level" in criteria:
        found = found.filter(strongest=criteria["level"])
    people = User.objects.filter(pk__in=found.values("user"), is_active=True).exclude(pk__in=criteria.get("except", []))
    return people.annotate(mail_at=_mail_at(criteria.get("level"))).values_list("pk", "email", "mail_at")


def next_digest(level: Level, zone: zoneinfo.ZoneInfo, now: datetime) -> datetime:
    """Return when the next digest of ``level`` is due where ``zone`` is the time, after ``now``."""
    local = now.astimezone(zone)
    days = (DIGEST_WEEKDAY - local.weekday()) % 7 if level == Level.WEEKLY else 0
    day = local.date() + timedelta(days=days)
    due = _at_digest_hour(day.year, day.month, day.day, zone)
    if due <= now:
        day += timedelta(days=7 if level == Level.WEEKLY else 1)
        due = _at_digest_hour(day.year, day.month, day.day, zone)
    return due


def _at_digest_hour(year: int, month: int, day: int, zone: zoneinfo.ZoneInfo) -> datetime:
    return datetime(year, month, day, DIGEST_HOUR, tzinfo=zone)


def _mail_at(level: int | None) -> Cast | Case:
    """Return the moment as an expression over people: none for now."""
    if level is None or level == Level.AT_ONCE:
        return Cast(Value(None), DateTimeField())
    now = timezone.now()
    return zones.by_zone(F("time_zone"), lambda zone: next_digest(Level(level), zone, now))
