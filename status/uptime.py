"""How long each component was down, day by day.

The rule: a major outage counts whole, a partial outage 30 %, degraded performance and maintenance not at all. A day is
one of ``settings.STATUS_TIME_ZONE``, so it may have 23 or 25 hours. Time before a component's start date counts as
nothing at all.

``UptimeDay`` holds a row for each day on which something was wrong, today's part included. What a period that is still
open has added since, ``days_of`` works out when it reads, so that a missed night changes nothing that is shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from status.constants import ComponentStatus
from status.models import Component, Publication, StatusPeriod, UptimeDay
from status.state import ComponentState, DayState

WINDOW_DAYS = 90
PARTIAL_SHARE = 0.3

# The field of a day that a period's seconds are added to.
_FIELDS: Mapping[str, str] = {
    ComponentStatus.MAJOR: "major",
    ComponentStatus.PARTIAL: "partial",
    ComponentStatus.DEGRADED: "degraded",
    ComponentStatus.MAINTENANCE: "maintenance",
}
_ROW = ("component", "day", *_FIELDS.values())  # as in DayState


@dataclass(frozen=True, slots=True)
class Span:
    """A component had this status from ``start`` until ``end`` (null: it still has)."""

    status: str
    start: datetime
    end: datetime | None


# --- The rule -----------------------------------------------------------------------------------------------------


def zone() -> ZoneInfo:
    """Return the page's time zone."""
    return ZoneInfo(settings.STATUS_TIME_ZONE)


def day_of(moment: datetime) -> date:
    """Return the page's day that the moment lies in."""
    return moment.astimezone(zone()).date()


def starts(day: date) -> datetime:
    """Return the moment, in UTC, at which the day begins in the page's zone."""
    return _starts(day, settings.STATUS_TIME_ZONE)


def ends(day: date) -> datetime:
    """Return the moment, in UTC, at which the day is over."""
    return starts(day + timedelta(days=1))


def window(today: date) -> list[date]:
    """Return the 90 days that end with today, oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(WINDOW_DAYS))]


def down_seconds(day: DayState) -> float:
    """Return how many seconds of the day count as down."""
    return day.major + PARTIAL_SHARE * day.partial


def known_seconds(start_date: date, *, until: datetime) -> float:
    """Return how many of the window's seconds have passed while the component was in service."""
    return max((until - starts(_first(start_date, until))).total_seconds(), 0.0)


def uptime(component: ComponentState, *, until: datetime) -> float | None:
    """Return the share of the last 90 days, from 0 to 1, that the component was up; None before its first second.

    A page that shows it belongs to a source that names what is shown, as it moves a little with every second.
    """
    known = known_seconds(component.start_date, until=until)
    if known == 0:
        return None
    first = _first(component.start_date, until)
    down = sum(down_seconds(day) for day in component.days if day.day >= first)
    return min(max(1 - down / known, 0.0), 1.0)


def _first(start_date: date, until: datetime) -> date:
    return max(window(day_of(until))[0], start_date)


def split(spans: Iterable[Span], *, since: date, until: datetime) -> list[DayState]:
    """Return the days, from ``since`` on, that the spans touch; time after ``until`` is left out. Pure."""
    totals: dict[date, dict[str, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    for span in spans:
        field = _FIELDS.get(span.status)
        if field is not None:
            for day, length in _pieces(max(span.start, starts(since)), min(span.end or until, until)):
                totals[day][field] += length
    days = [
        DayState(day, **{field: round(totals[day][field].total_seconds()) for field in _FIELDS.values()})
        for day in sorted(totals)
    ]
    return [day for day in days if day != _clean(day.day)]


@lru_cache(maxsize=4096)
def _starts(day: date, zone_name: str) -> datetime:
    # Where clocks skip midnight, the day begins as they do: fold 0 is the moment of the change.
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone_name)).astimezone(UTC)


def _pieces(start: datetime, end: datetime) -> Iterator[tuple[date, timedelta]]:
    if start >= end:
        return
    day = day_of(start)
    while start < end:
        piece_end = min(ends(day), end)
        if piece_end > start:
            yield day, piece_end - start
            start = piece_end
        day += timedelta(days=1)


def _clean(day: date) -> DayState:
    return DayState(day, major=0, partial=0, degraded=0, maintenance=0)


# --- Rows ---------------------------------------------------------------------------------------------------------


def recompute(component_ids: Collection[int], *, since: datetime, now: datetime | None = None) -> None:
    """Write the days of these components anew, from that of ``since`` to today, from their periods.

    A period that ``since`` lies in, or ends, is written from its start: while it was open nobody may have come to it.

    Runs in the caller's transaction, which holds the publication's lock. Statements do not grow with the number of
    components or periods.
    """
    now = now or timezone.now()
    begin = dict.fromkeys(component_ids, day_of(since))
    touched = StatusPeriod.objects.filter(component__in=component_ids, started_at__lt=since)
    for pk, start in touched.filter(_lasts(since)).values_list("component", "started_at"):
        begin[pk] = min(begin[pk], day_of(start))
    served = Component.objects.filter(pk__in=component_ids).values_list("pk", "start_date")
    wanted = _split_all({pk: max(begin[pk], start_date) for pk, start_date in served}, now)
    rows = UptimeDay.objects.filter(component__in=component_ids, day__gte=min(begin.values(), default=date.max))
    had = {
        (component, day): (pk, DayState(day, *seconds))
        for pk, component, day, *seconds in rows.values_list("pk", *_ROW)
        if day >= begin[component]
    }
    gone = [pk for key, (pk, _day) in had.items() if key not in wanted]
    if gone:
        UptimeDay.objects.filter(pk__in=gone).delete()
    changed = [
        UptimeDay(component_id=key[0], day=key[1], **{field: getattr(day, field) for field in _FIELDS.values()})
        for key, day in wanted.items()
        if key not in had or had[key][1] != day
    ]
    UptimeDay.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["day", "component"], update_fields=list(_FIELDS.values())
    )


def roll_up(*, everything: bool = False, now: datetime | None = None) -> None:
    """Write the window's days of all components anew, or with ``everything`` those of all time. May run twice.

    Whatever was missed while nobody ran it is made good, and so is a change of the page's zone.
    """
    now = now or timezone.now()
    since = starts(window(day_of(now))[0])
    with transaction.atomic():
        # No period changes meanwhile.
        Publication.lock()
        if everything:
            since = StatusPeriod.objects.aggregate(first=Min("started_at"))["first"] or since
            UptimeDay.objects.filter(day__lt=day_of(since)).delete()
        recompute(list(Component.objects.values_list("pk", flat=True)), since=since, now=now)


def days_of(components: Iterable[Component], now: datetime | None = None) -> dict[int, tuple[DayState, ...]]:
    """Return, by component, the days of the window, oldest first, on which something was wrong; today's until ``now``.

    Three statements, however many components and days there are.
    """
    now = now or timezone.now()
    today = day_of(now)
    first = window(today)[0]
    begin = {component.pk: max(first, component.start_date) for component in components}
    # Rows do not know what an open period has added since they were written.
    live_from = {
        period.component_id: max(begin[period.component_id], day_of(period.started_at))
        for period in StatusPeriod.objects.filter(component__in=begin, ended_at=None)
    }
    rows = UptimeDay.objects.filter(component__in=begin, day__range=(first, today)).values_list(*_ROW)
    days = {
        (pk, day): DayState(day, *seconds)
        for pk, day, *seconds in rows
        if begin[pk] <= day < live_from.get(pk, date.max)
    }
    days |= _split_all(live_from, now)
    found: dict[int, list[DayState]] = {pk: [] for pk in begin}
    for pk, day in sorted(days):
        found[pk].append(days[pk, day])
    return {pk: tuple(of_component) for pk, of_component in found.items()}


def _lasts(moment: datetime) -> Q:
    return Q(ended_at=None) | Q(ended_at__gte=moment)


def _split_all(since: Mapping[int, date], now: datetime) -> dict[tuple[int, date], DayState]:
    """Return the days of components, each from its own day on, that periods touch."""
    if not since:
        return {}
    spans: dict[int, list[Span]] = defaultdict(list)
    periods = StatusPeriod.objects.filter(component__in=since, started_at__lt=now)
    periods = periods.filter(_lasts(starts(min(since.values()))))
    for pk, status, start, end in periods.values_list("component", "status", "started_at", "ended_at"):
        spans[pk].append(Span(status, start, end))
    return {(pk, day.day): day for pk, of_it in spans.items() for day in split(of_it, since=since[pk], until=now)}
