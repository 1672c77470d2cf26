"""Periods derived from what held when."""

from datetime import UTC, datetime, timedelta

import pytest

from status.constants import ComponentStatus
from status.history import Cause, Period, derive

UP, MAINTENANCE, DEGRADED, PARTIAL, MAJOR = (status.value for status in ComponentStatus)
START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_without_a_cause_there_is_no_period() -> None:
    assert derive([Cause(UP, at(1), None)], since=START) == []


def test_the_worst_of_what_holds_shows() -> None:
    causes = [Cause(DEGRADED, at(1), at(5)), Cause(MAJOR, at(2), at(3))]
    assert derive(causes, since=START) == [
        Period(DEGRADED, at(1), at(2)),
        Period(MAJOR, at(2), at(3)),
        Period(DEGRADED, at(3), at(5)),
    ]


def test_an_outage_during_maintenance_shows_as_outage() -> None:
    causes = [Cause(MAINTENANCE, at(1), at(4)), Cause(PARTIAL, at(2), None)]
    assert derive(causes, since=START) == [Period(MAINTENANCE, at(1), at(2)), Period(PARTIAL, at(2), None)]


def test_two_causes_of_one_status_are_one_period() -> None:
    causes = [Cause(PARTIAL, at(1), at(3)), Cause(PARTIAL, at(2), at(4)), Cause(PARTIAL, at(4), at(5))]
    assert derive(causes, since=START) == [Period(PARTIAL, at(1), at(5))]


def test_a_gap_parts_two_periods() -> None:
    causes = [Cause(PARTIAL, at(1), at(2)), Cause(PARTIAL, at(3), at(4))]
    assert derive(causes, since=START) == [Period(PARTIAL, at(1), at(2)), Period(PARTIAL, at(3), at(4))]


@pytest.mark.parametrize("end", [None, 9.0])
def test_what_began_before_counts_from_the_given_moment(end: float | None) -> None:
    until = at(end) if end else None
    assert derive([Cause(MAJOR, at(-5), until)], since=at(2)) == [Period(MAJOR, at(2), until)]


def test_what_ended_before_leaves_nothing() -> None:
    assert derive([Cause(MAJOR, at(-5), at(2))], since=at(2)) == []


def test_a_cause_of_no_length_leaves_nothing() -> None:
    assert derive([Cause(MAJOR, at(1), at(1))], since=START) == []
