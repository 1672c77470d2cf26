"""Moments that depend on where somebody lives, worked out in the database for many people at once."""

import zoneinfo
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db.models import Case, DateTimeField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import In


def find(name: str) -> zoneinfo.ZoneInfo | None:
    """Return the IANA zone called ``name``, or nothing when there is none (any more)."""
    return zoneinfo.ZoneInfo(name) if name in names() else None


def next_at_hour(hour: int, zone: zoneinfo.ZoneInfo, now: datetime) -> datetime:
    """Return when it is next ``hour`` o'clock where ``zone`` is the time, after ``now``.

    An hour that a change of clocks leaves out is the one that follows it.
    """
    day = now.astimezone(zone).date()
    due = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    if due <= now:
        day += timedelta(days=1)
        due = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return due.astimezone(UTC)


def by_zone(name: Combinable, due: Callable[[zoneinfo.ZoneInfo], datetime]) -> Case:
    """Return ``due`` of the zone that the expression ``name`` names, as an expression.

    Worked out here and not by the database, so that both know the same zones: a name that has left the tz database
    counts as UTC.
    """
    utc = due(zoneinfo.ZoneInfo("UTC"))
    found: dict[datetime, list[str]] = defaultdict(list)
    for zone in sorted(names()):
        found[due(zoneinfo.ZoneInfo(zone)).astimezone(UTC)].append(zone)
    cases = [When(In(name, zones), then=Value(moment)) for moment, zones in found.items() if moment != utc]
    return Case(*cases, default=Value(utc), output_field=DateTimeField())


@cache
def names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset(zoneinfo.available_timezones())
