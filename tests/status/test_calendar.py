"""Maintenance as a calendar, read by icalendar and checked against RFC 5545."""

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar, Component, Event

from status.snapshot import calendar
from status.state import State
from tests.status import states
from tests.status.states import CANCELLED, NOW, PLANNED, STATE, kept, rendered, with_incidents

PATH = "status/calendar.ics"


def written(state: State = STATE) -> bytes:
    return rendered(calendar.documents, state)[PATH]


def read(state: State = STATE) -> Calendar:
    found = Calendar.from_ical(written(state))
    assert isinstance(found, Calendar)
    assert found.errors == []
    return found


def events(state: State = STATE) -> dict[str, Event]:
    return {event.uid.partition("@")[0]: event for event in read(state).events}


def test_every_required_property_is_there_once() -> None:
    everything: list[Component] = [read(), *read().events]
    assert len(everything) == 4
    for component in everything:
        required: tuple[str, ...] = component.required
        assert required
        for name in required:
            assert name in component
            assert not isinstance(component[name], list)


def test_only_maintenance_is_in_it() -> None:
    assert set(events()) == {"plannedplan3", "underwayund4", "cancelledca5"}


def test_an_event_has_the_plan_and_where_to_read_on() -> None:
    event = events()["plannedplan3"]
    start = (NOW + timedelta(days=2)).replace(microsecond=0)
    assert event.start == start
    assert event.end == start + timedelta(hours=2)
    assert event["summary"] == "Database upgrade; reads go on, writes wait"
    assert str(event["url"]).endswith("/status/incidents/plannedplan3/")
    description = str(event["description"])
    assert description.startswith("Scheduled: We upgrade.\nTwice.")
    assert "Affected: Data Loader" in description
    assert event["status"] == "CONFIRMED"
    assert event["transp"] == "TRANSPARENT"


def test_what_was_cancelled_stays_and_says_so() -> None:
    event = events()["cancelledca5"]
    assert event["status"] == "CANCELLED"
    assert event["sequence"] == 1


def test_a_new_plan_has_the_same_uid_and_a_higher_sequence() -> None:
    before = events()["plannedplan3"]
    moved = replace(
        PLANNED,
        scheduled_for=NOW + timedelta(days=4),
        scheduled_until=NOW + timedelta(days=4, hours=1),
        sequence=3,
        updated_at=NOW,
    )
    after = events(with_incidents(moved))["plannedplan3"]
    assert after["uid"] == before["uid"] == "plannedplan3@localhost"
    assert after.sequence > before.sequence
    assert after.DTSTAMP > before.DTSTAMP
    assert NOW.replace(microsecond=0) == after.LAST_MODIFIED
    assert after.start == (NOW + timedelta(days=4)).replace(microsecond=0)


def test_lines_end_in_crlf_and_are_at_most_75_octets_of_whole_characters() -> None:
    long = replace(PLANNED, name="Wartung für Größe und Übermaß 🛠️ " * 8, updates=())
    content = written(with_incidents(long))
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # a line that is cut within a character is not UTF-8
    assert events(with_incidents(long))["plannedplan3"]["summary"] == long.name


@pytest.mark.parametrize(
    "text", ["a;b,c\\d", "one\ntwo\r\nthree", "BEGIN:VEVENT\r\nEND:VCALENDAR", "tab\tbell\x07\x1b"], ids=range(4)
)
def test_text_cannot_break_out_of_its_line(text: str) -> None:
    odd = replace(PLANNED, name=text, updates=(states.update("updateupdat9", "scheduled", text, NOW),))
    found = events(with_incidents(odd))
    assert list(found) == ["plannedplan3"]
    shown = text.replace("\r\n", "\n").replace("\x07\x1b", "")
    assert found["plannedplan3"]["summary"] == shown
    assert shown in str(found["plannedplan3"]["description"])


def test_it_says_how_often_to_look_and_is_no_invitation() -> None:
    found = read()
    assert found["version"] == "2.0"
    assert found.refresh_interval == timedelta(hours=1)
    assert "method" not in found


def test_what_happens_elsewhere_does_not_change_it() -> None:
    later = replace(
        STATE, version=8, changed_at=NOW + timedelta(days=1), incidents=(*STATE.incidents[:2], states.UNDER_WAY)
    )
    assert kept(calendar.documents, STATE, later) == {PATH}
    assert kept(calendar.documents, STATE, with_incidents(CANCELLED)) == set()
    assert written(later) == written()


def test_each_language_has_its_own() -> None:
    found = rendered(calendar.documents, STATE, languages=("en", "de"))
    assert set(found) == {PATH, "status/de/calendar.ics"}
    assert b"/status/de/incidents/plannedplan3/" in found["status/de/calendar.ics"].replace(b"\r\n ", b"")
