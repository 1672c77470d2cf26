"""How long each component was down: the rule, the page's days, the rows and what is added while a period is open."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from status import uptime
from status.checks import page_id_has_the_form, time_zone_is_known
from status.models import Component, StatusPeriod, UptimeDay
from status.state import DayState
from status.tasks import roll_up
from status.uptime import Span
from tests.factories.status import ComponentFactory
from tests.status.states import component

HOUR = 3600
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = NOW.date()
LONG_AGO = date(2020, 1, 1)


def at(text: str) -> datetime:
    """A moment in UTC: 2026-03-29 00:30."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def split(*spans: Span, since: date = LONG_AGO, until: datetime = NOW) -> dict[str, DayState]:
    return {str(day.day): day for day in uptime.split(spans, since=since, until=until)}


def major(start: str, end: str | None) -> Span:
    return Span("major_outage", at(start), at(end) if end else None)


# --- The rule -----------------------------------------------------------------------------------------------------


def test_a_major_outage_counts_whole_and_a_partial_one_for_thirty_percent() -> None:
    assert uptime.down_seconds(DayState(TODAY, major=100, partial=0, degraded=0, maintenance=0)) == 100
    assert uptime.down_seconds(DayState(TODAY, major=0, partial=100, degraded=0, maintenance=0)) == 30
    assert uptime.down_seconds(DayState(TODAY, major=10, partial=100, degraded=0, maintenance=0)) == 40


def test_degraded_performance_and_maintenance_do_not_count() -> None:
    assert uptime.down_seconds(DayState(TODAY, major=0, partial=0, degraded=500, maintenance=500)) == 0


def test_uptime_is_what_is_left_of_ninety_days() -> None:
    day = DayState(TODAY, major=9 * HOUR, partial=0, degraded=0, maintenance=0)
    up = uptime.uptime(component("c", "C", start_date=LONG_AGO, days=(day,)), until=NOW)
    assert up == pytest.approx(1 - 9 / (89 * 24 + 12))


def test_what_was_before_the_ninety_days_does_not_count() -> None:
    day = DayState(date(2026, 8, 31), major=HOUR, partial=0, degraded=0, maintenance=0)
    assert uptime.uptime(component("c", "C", start_date=LONG_AGO, days=(day,)), until=NOW) == 1


def test_uptime_is_of_the_time_in_service() -> None:
    day = DayState(TODAY, major=3 * HOUR, partial=0, degraded=0, maintenance=0)
    up = uptime.uptime(component("c", "C", start_date=TODAY, days=(day,)), until=at("2026-11-29 12:00"))
    assert up == pytest.approx(1 - 3 / 12)


def test_a_component_that_is_yet_to_come_has_no_uptime() -> None:
    assert uptime.uptime(component("c", "C", start_date=date(2027, 1, 1)), until=NOW) is None


def test_the_window_is_ninety_days_and_ends_today() -> None:
    days = uptime.window(TODAY)
    assert (len(days), days[0], days[-1]) == (90, date(2026, 9, 1), TODAY)


# --- Days ---------------------------------------------------------------------------------------------------------


def test_each_status_is_added_up_for_itself() -> None:
    days = split(
        major("2026-11-02 01:00", "2026-11-02 02:00"),
        Span("partial_outage", at("2026-11-02 02:00"), at("2026-11-02 02:10")),
        Span("degraded_performance", at("2026-11-02 03:00"), at("2026-11-02 03:01")),
        Span("under_maintenance", at("2026-11-02 04:00"), at("2026-11-02 06:00")),
        Span("operational", at("2026-11-02 06:00"), at("2026-11-02 07:00")),
        major("2026-11-02 20:00", "2026-11-02 20:30"),
    )
    assert days == {"2026-11-02": DayState(date(2026, 11, 2), 5400, 600, 60, 7200)}


def test_a_period_over_midnight_belongs_to_both_days() -> None:
    days = split(major("2026-11-02 23:00", "2026-11-03 00:30"))
    assert {day: found.major for day, found in days.items()} == {"2026-11-02": HOUR, "2026-11-03": HOUR // 2}


def test_a_period_that_ends_at_midnight_leaves_the_next_day_clean() -> None:
    assert list(split(major("2026-11-02 23:00", "2026-11-03 00:00"))) == ["2026-11-02"]


def test_a_period_of_many_days_fills_those_between() -> None:
    days = split(major("2026-11-01 12:00", "2026-11-04 06:00"))
    assert [found.major for found in days.values()] == [12 * HOUR, 24 * HOUR, 24 * HOUR, 6 * HOUR]


def test_an_open_period_goes_on_until_now() -> None:
    assert split(major("2026-11-28 23:00", None))["2026-11-29"].major == 12 * HOUR


def test_what_is_yet_to_come_is_not_counted() -> None:
    assert split(major("2026-11-29 11:00", "2026-11-29 14:00"))["2026-11-29"].major == HOUR
    assert split(major("2026-11-29 13:00", None)) == {}


def test_what_was_before_the_first_day_is_not_counted() -> None:
    days = split(major("2026-11-01 12:00", "2026-11-03 06:00"), since=date(2026, 11, 2))
    assert {day: found.major for day, found in days.items()} == {"2026-11-02": 24 * HOUR, "2026-11-03": 6 * HOUR}


def test_less_than_half_a_second_is_nothing() -> None:
    start = at("2026-11-02 10:00")
    assert split(Span("major_outage", start, start + timedelta(milliseconds=400))) == {}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Pacific/Auckland", "2026-09-27", 23),
        ("Pacific/Auckland", "2026-04-05", 25),
        ("Asia/Kolkata", "2026-03-29", 24),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        # Clocks skip midnight itself, and run through it twice.
        ("Africa/Cairo", "2026-04-24", 23),
        ("America/Havana", "2026-11-01", 25),
    ],
)
def test_a_day_is_as_long_as_the_pages_zone_says(zone: str, day: str, hours: float) -> None:
    with override_settings(STATUS_TIME_ZONE=zone):
        found = date.fromisoformat(day)
        assert uptime.ends(found) - uptime.starts(found) == timedelta(hours=hours)
        outage = Span("major_outage", uptime.starts(found) - timedelta(days=1), uptime.ends(found) + timedelta(days=1))
        assert split(outage)[day].major == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", {"2026-11-02": 10, "2026-11-03": 2}),
        ("Pacific/Auckland", {"2026-11-03": 12}),
        ("America/New_York", {"2026-11-02": 12}),
        ("Asia/Kolkata", {"2026-11-02": 4.5, "2026-11-03": 7.5}),
    ],
)
def test_the_zone_decides_which_day_it_was(zone: str, days: dict[str, float]) -> None:
    with override_settings(STATUS_TIME_ZONE=zone):
        found = split(major("2026-11-02 14:00", "2026-11-03 02:00"))
    assert {day: state.major / HOUR for day, state in found.items()} == days


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Africa/Cairo"]
)
def test_no_second_is_lost_or_counted_twice_over_a_year(zone: str) -> None:
    with override_settings(STATUS_TIME_ZONE=zone):
        found = split(major("2025-06-01 07:13", "2026-06-01 07:13"))
    assert sum(day.major for day in found.values()) == 365 * 24 * HOUR
    assert len(found) == 366


# --- Rows ---------------------------------------------------------------------------------------------------------


def period(of: Component, start: str, end: str | None, status: str = "major_outage") -> StatusPeriod:
    return StatusPeriod.objects.create(
        component=of, status=status, started_at=at(start), ended_at=at(end) if end else None
    )


def rows(of: Component) -> dict[str, int]:
    return {str(row.day): row.major for row in UptimeDay.objects.filter(component=of).order_by("day")}


def recompute(*components: Component, since: str = "2026-09-01 00:00", now: datetime = NOW) -> None:
    uptime.recompute([one.pk for one in components], since=at(since), now=now)


def shown(of: Component, now: datetime = NOW) -> dict[str, int]:
    return {str(day.day): day.major for day in uptime.days_of([of], now)[of.pk]}


@pytest.fixture
def api(db: None) -> Component:
    made: Component = ComponentFactory(name="API", start_date=LONG_AGO)
    return made


def test_rows_are_written_for_bad_days_only(api: Component) -> None:
    period(api, "2026-11-02 10:00", "2026-11-02 11:00")
    recompute(api)
    assert rows(api) == {"2026-11-02": HOUR}


def test_writing_again_changes_nothing(api: Component) -> None:
    period(api, "2026-11-02 10:00", "2026-11-02 11:00")
    recompute(api)
    before = list(UptimeDay.objects.values_list("pk", "major"))
    recompute(api)
    assert list(UptimeDay.objects.values_list("pk", "major")) == before


def test_what_was_corrected_is_written_over_and_what_was_taken_back_is_gone(api: Component) -> None:
    wrong = period(api, "2026-11-02 10:00", "2026-11-03 11:00")
    recompute(api)
    wrong.ended_at = at("2026-11-02 10:30")
    wrong.save()
    recompute(api, since="2026-11-02 10:00")
    assert rows(api) == {"2026-11-02": HOUR // 2}
    wrong.delete()
    recompute(api, since="2026-11-02 10:00")
    assert rows(api) == {}


def test_a_day_that_began_before_the_correction_keeps_its_earlier_hours(api: Component) -> None:
    period(api, "2026-11-02 01:00", "2026-11-02 02:00")
    recompute(api)
    period(api, "2026-11-02 22:00", "2026-11-02 23:00")
    recompute(api, since="2026-11-02 22:00")
    assert rows(api) == {"2026-11-02": 2 * HOUR}


def test_days_before_the_correction_are_left_alone(api: Component) -> None:
    UptimeDay.objects.create(component=api, day=date(2026, 10, 1), major=7)
    recompute(api, since="2026-11-02 10:00")
    assert rows(api) == {"2026-10-01": 7}


def test_an_incident_entered_afterwards_makes_its_days(api: Component) -> None:
    period(api, "2025-02-01 10:00", "2025-02-03 11:00")
    recompute(api, since="2025-02-01 10:00")
    assert rows(api) == {"2025-02-01": 14 * HOUR, "2025-02-02": 24 * HOUR, "2025-02-03": 11 * HOUR}


def test_a_period_that_ends_days_later_is_written_from_its_start(api: Component) -> None:
    other = ComponentFactory(start_date=LONG_AGO)
    UptimeDay.objects.create(component=other, day=date(2026, 11, 25), major=7)
    period(api, "2026-11-25 01:00", "2026-11-25 02:00")
    lasting = period(api, "2026-11-25 23:00", None)
    recompute(api, since="2026-11-25 23:00", now=at("2026-11-25 23:00"))
    assert rows(api) == {"2026-11-25": HOUR}
    lasting.ended_at = at("2026-11-28 06:00")
    lasting.save()
    recompute(api, other, since="2026-11-28 06:00", now=at("2026-11-28 06:00"))
    days = {"2026-11-25": 2 * HOUR, "2026-11-26": 24 * HOUR, "2026-11-27": 24 * HOUR, "2026-11-28": 6 * HOUR}
    assert rows(api) == shown(api) == days
    assert rows(other) == {"2026-11-25": 7}


def test_other_components_are_left_alone(api: Component) -> None:
    other = ComponentFactory(start_date=LONG_AGO)
    period(other, "2026-11-02 10:00", "2026-11-02 11:00")
    recompute(api)
    assert rows(other) == {}


def test_time_before_a_component_was_in_service_is_not_counted(api: Component) -> None:
    api.start_date = date(2026, 11, 3)
    api.save()
    period(api, "2026-11-02 10:00", "2026-11-03 11:00")
    recompute(api)
    assert rows(api) == {"2026-11-03": 11 * HOUR}


def test_a_start_date_that_was_put_later_hides_the_days_before(api: Component) -> None:
    period(api, "2026-11-02 10:00", "2026-11-03 11:00")
    recompute(api)
    api.start_date = date(2026, 11, 3)
    assert shown(api) == {"2026-11-03": 11 * HOUR}


def test_today_is_shown_until_now_while_the_period_is_open(api: Component) -> None:
    period(api, "2026-11-29 10:00", None)
    recompute(api, now=at("2026-11-29 10:00"))
    assert shown(api) == {"2026-11-29": 2 * HOUR}
    assert shown(api, at("2026-11-29 13:00")) == {"2026-11-29": 3 * HOUR}


def test_nights_that_were_missed_change_nothing_that_is_shown(api: Component) -> None:
    period(api, "2026-11-25 22:00", "2026-11-25 23:00", "partial_outage")
    period(api, "2026-11-25 23:00", None)
    recompute(api, now=at("2026-11-25 23:30"))
    days = uptime.days_of([api], NOW)[api.pk]
    assert [(day.major, day.partial) for day in days] == [(HOUR, HOUR), *[(24 * HOUR, 0)] * 3, (12 * HOUR, 0)]


def test_a_period_that_ended_today_is_shown_from_its_row(api: Component) -> None:
    period(api, "2026-11-29 10:00", "2026-11-29 10:30")
    recompute(api)
    assert rows(api) == shown(api) == {"2026-11-29": HOUR // 2}


def test_a_period_older_than_the_window_is_cut_to_it(api: Component) -> None:
    period(api, "2026-01-01 00:00", None)
    days = shown(api)
    assert len(days) == 90
    assert next(iter(days)) == "2026-09-01"


def test_days_older_than_the_window_are_not_shown(api: Component) -> None:
    period(api, "2026-08-31 10:00", "2026-09-01 10:00")
    recompute(api, since="2026-08-31 00:00")
    assert shown(api) == {"2026-09-01": 10 * HOUR}


def test_a_clean_component_has_no_days(api: Component) -> None:
    assert uptime.days_of([api], NOW) == {api.pk: ()}


def statements(number: int) -> tuple[int, int]:
    for position in range(number):
        one = ComponentFactory(start_date=LONG_AGO)
        for day in range(1, 15):
            period(one, f"2026-11-{day:02} 10:00", f"2026-11-{day:02} 11:00")
        if position % 2:
            period(one, "2026-11-28 10:00", None)
    components = list(Component.objects.all())
    with CaptureQueriesContext(
        connection,
    ) as writing:
        recompute(*components)
    with CaptureQueriesContext(connection) as reading:
        uptime.days_of(components, NOW)
    return len(writing), len(reading)


def test_statements_do_not_grow_with_components_and_periods(db: None) -> None:
    assert statements(2) == statements(40) == (5, 3)


# --- The nightly roll-up --------------------------------------------------------------------------------------------


def test_the_nightly_task_catches_up_and_may_run_twice(api: Component) -> None:
    now = uptime.starts(uptime.day_of(datetime.now(UTC)))
    StatusPeriod.objects.create(
        component=api, status="major_outage", started_at=now - timedelta(days=3), ended_at=now - timedelta(days=1)
    )
    roll_up()
    roll_up()
    assert list(rows(api).values()) == [24 * HOUR, 24 * HOUR]


def test_a_change_of_zone_is_made_good_by_rebuilding(api: Component) -> None:
    period(api, "2025-11-02 22:00", "2025-11-03 02:00")
    recompute(api, since="2025-11-02 22:00")
    assert rows(api) == {"2025-11-02": 2 * HOUR, "2025-11-03": 2 * HOUR}
    with override_settings(STATUS_TIME_ZONE="Pacific/Auckland"):
        call_command("rebuild_uptime", stdout=StringIO())
        assert rows(api) == {"2025-11-03": 4 * HOUR}
    call_command("rebuild_uptime", stdout=StringIO())
    assert rows(api) == {"2025-11-02": 2 * HOUR, "2025-11-03": 2 * HOUR}


def test_rebuilding_with_no_history_leaves_nothing(api: Component) -> None:
    UptimeDay.objects.create(component=api, day=date(2020, 1, 2), major=7)
    call_command("rebuild_uptime", stdout=StringIO())
    assert rows(api) == {}


# --- Settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "setting", "good", "bad"),
    [
        (time_zone_is_known, "STATUS_TIME_ZONE", ["UTC", "Asia/Kolkata"], ["Mars/Base", "", "../etc/passwd"]),
        (page_id_has_the_form, "STATUS_PAGE_ID", ["", "kctbh9vrtdwd"], ["kctbh9", "KCTBH9VRTDWD", "kctbh9vrtdwd\n"]),
    ],
    ids=["zone", "page id"],
)
def test_a_setting_that_cannot_be_is_refused_at_start(
    check: Any, setting: str, good: list[str], bad: list[str]
) -> None:
    for value in good:
        with override_settings(**{setting: value}):
            assert check() == []
    for value in bad:
        with override_settings(**{setting: value}):
            assert len(check()) == 1
