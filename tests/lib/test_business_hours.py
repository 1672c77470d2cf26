from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lib.business_hours import BusinessHours

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = BusinessHours(range(5), 9, 17, NEW_YORK)
HOUR = timedelta(hours=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        ("2026-11-23T10:00", 2, "2026-11-23T12:00"),
        ("2026-11-23T09:00", 8, "2026-11-23T17:00"),  # to the very end of the day
        ("2026-11-23T16:00", 4, "2026-11-24T12:00"),  # over the evening
        ("2026-11-23T07:00", 1, "2026-11-23T10:00"),  # before the office opens
        ("2026-11-23T17:00", 1, "2026-11-24T10:00"),  # as it closes
        ("2026-11-23T23:59", 1, "2026-11-24T10:00"),
        ("2026-11-24T00:00", 1, "2026-11-24T10:00"),  # midnight
        ("2026-11-27T16:00", 4, "2026-11-30T12:00"),  # Friday to Monday
        ("2026-11-28T12:00", 1, "2026-11-30T10:00"),  # Saturday
        ("2026-11-23T09:00", 80, "2026-12-04T17:00"),  # two weeks
        ("2026-12-31T16:00", 2, "2027-01-01T10:00"),  # over the year's end
        ("2026-10-30T16:00", 2, "2026-11-02T10:00"),  # clocks go back on 1 November
        ("2026-03-06T16:00", 2, "2026-03-09T10:00"),  # clocks go forward on 8 March
    ],
)
def test_working_time_is_added(moment, hours, due):
    assert OFFICE.add(at(moment), hours * HOUR) == at(due)


def test_answer_is_in_utc():
    due = OFFICE.add(at("2026-11-23T10:00"), HOUR)
    assert due.tzinfo == UTC
    assert due == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def test_moment_of_another_zone_is_understood():
    in_vienna = datetime(2026, 11, 23, 16, 0, tzinfo=ZoneInfo("Europe/Vienna"))  # 10:00 in New York
    assert OFFICE.add(in_vienna, HOUR) == at("2026-11-23T11:00")


@pytest.mark.parametrize(
    ("day", "length"),
    [("2026-11-01", 25), ("2026-03-08", 23), ("2026-11-02", 24)],
)
def test_day_around_the_clock_is_as_long_as_that_day(day, length):
    always = BusinessHours(range(7), 0, 24, NEW_YORK)
    assert always.add(at(f"{day}T00:00"), length * HOUR) == at(f"{day}T00:00") + timedelta(days=1)


def test_start_that_the_clock_skips_costs_nothing_of_the_rest():
    early = BusinessHours(range(7), 2, 10, NEW_YORK)  # 02:00 does not exist on 8 March
    assert early.add(at("2026-03-08T09:00"), HOUR) == at("2026-03-08T10:00")


def test_nothing_to_add_in_the_office_is_now():
    assert OFFICE.add(at("2026-11-23T10:00"), timedelta(0)) == at("2026-11-23T10:00")


@pytest.mark.parametrize(
    ("days", "start", "end"), [((), 9, 17), ((0,), 17, 9), ((0,), 9, 9), ((0,), -1, 5), ((0,), 9, 25)]
)
def test_impossible_hours_are_refused(days, start, end):
    with pytest.raises(ValueError, match="Business hours"):
        BusinessHours(days, start, end, NEW_YORK)
