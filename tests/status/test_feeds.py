"""The history as Atom and RSS, read by feedparser and checked against RFC 4287 and RSS 2.0."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import override_settings

from status.snapshot import feeds
from status.state import State
from tests.status import states
from tests.status.states import GOING_ON, NOW, RESOLVED, STATE, incident, kept, rendered, with_incidents

ATOM = "{http://www.w3.org/2005/Atom}"


def atom(state: State = STATE) -> feedparser.FeedParserDict:
    return parsed(state, "status/history.atom")


def rss(state: State = STATE) -> feedparser.FeedParserDict:
    return parsed(state, "status/history.rss")


def parsed(state: State, path: str) -> feedparser.FeedParserDict:
    found = feedparser.parse(rendered(feeds.documents, state)[path])
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_both_are_read_as_what_they_are() -> None:
    assert atom().version == "atom10"
    assert rss().version == "rss20"


@pytest.mark.parametrize("read", [atom, rss])
def test_what_happened_and_what_is_planned_newest_first(read) -> None:
    assert [entry.title for entry in read().entries] == [one.name for one in STATE.incidents]


@pytest.mark.parametrize(("read", "extension"), [(atom, "atom"), (rss, "rss")])
def test_it_names_itself_and_the_page_that_it_follows(read, extension: str) -> None:
    links = {link.rel: link.href for link in read().feed.links}
    assert links["self"].endswith(f"/status/history.{extension}")
    assert read().feed.link.endswith("/status/history/")


@pytest.mark.parametrize("read", [atom, rss])
def test_an_entry_leads_to_the_incident_and_tells_its_updates(read) -> None:
    entry = read().entries[2]
    assert entry.link.endswith("/status/incidents/outageoutag1/")
    content = entry.content[0].value if "content" in entry else entry.description
    assert content.index("It is the cache.") < content.index("We are looking.")
    assert "Affected: API" in " ".join(content.split())
    assert 'datetime="2026-11-29T18:10:41.123456+00:00"' in content


def test_a_maintenances_entry_tells_its_plan_in_the_pages_zone() -> None:
    with override_settings(STATUS_TIME_ZONE="Asia/Kolkata"):
        content = atom().entries[0].content[0].value
    assert "Dec. 1, 2026, 11:50 p.m." in content
    assert "IST" in content


@pytest.mark.parametrize("read", [atom, rss])
def test_ids_are_tag_uris_that_outlive_every_change(read) -> None:
    before = [entry.id for entry in read().entries]
    renamed = tuple(
        replace(one, name="Renamed", status="resolved", resolved_at=NOW, updated_at=NOW, version=9)
        for one in STATE.incidents
    )
    assert [entry.id for entry in read(replace(STATE, incidents=renamed)).entries] == before
    assert len(set(before)) == len(before)
    assert before[2] == "tag:localhost,2026:status/incident/outageoutag1"


def test_an_entry_is_updated_when_the_incident_was_and_not_when_the_page_was() -> None:
    later = replace(STATE, version=8, changed_at=NOW + timedelta(days=1))
    assert atom().entries[2].updated == (NOW - timedelta(minutes=10)).isoformat()
    assert [entry.updated for entry in atom(later).entries] == [entry.updated for entry in atom().entries]
    assert atom(later).feed.updated == atom().feed.updated == (NOW - timedelta(minutes=10)).isoformat()
    assert kept(feeds.documents, STATE, later) == {"status/history.atom", "status/history.rss"}


def test_a_change_of_an_incident_is_written() -> None:
    changed = with_incidents(replace(GOING_ON, version=2, name="API requests are slow"))
    assert kept(feeds.documents, with_incidents(GOING_ON), changed) == set()


def test_a_renamed_component_is_written() -> None:
    renamed = replace(STATE, components=(replace(states.API, name="Gateway"), *STATE.components[1:]))
    assert kept(feeds.documents, STATE, renamed) == set()


def test_what_was_entered_afterwards_is_published_when_it_happened() -> None:
    past = datetime(2025, 3, 1, 12, tzinfo=UTC)
    entered = incident("backfilledb1", "Long ago", is_backfilled=True, started_at=past, created_at=NOW, updated_at=NOW)
    entry = atom(with_incidents(entered)).entries[0]
    assert entry.published == past.isoformat()
    assert entry.updated == NOW.isoformat()


def test_an_entry_is_sorted_by_stage_and_by_impact_if_it_has_any() -> None:
    calm = incident("calmcalmcal1", "Odd lines in a log")
    found = [[tag.term for tag in entry.tags] for entry in atom(with_incidents(GOING_ON, calm)).entries]
    assert found == [["Identified", "Major"], ["Investigating"]]


@pytest.mark.parametrize("read", [atom, rss])
def test_an_empty_history_is_as_old_as_the_page(read) -> None:
    found = read(states.EMPTY)
    assert found.entries == []
    assert found.feed.updated_parsed[:5] == (2026, 1, 5, 9, 30)


@pytest.mark.parametrize("read", [atom, rss])
def test_fifty_at_most(read) -> None:
    many = [incident(f"incident{n:04}", f"Incident {n}") for n in range(60)]
    assert [entry.title for entry in read(with_incidents(*many)).entries] == [one.name for one in many[:50]]


@pytest.mark.parametrize("read", [atom, rss])
def test_what_xml_cannot_hold_is_left_out(read) -> None:
    odd = replace(RESOLVED, name="Bell\x07 & <b>bold</b> \ufffe", updates=())
    assert read(with_incidents(odd)).entries[0].title.startswith("Bell & <b>bold</b>")


def test_the_atom_feed_has_what_rfc_4287_requires() -> None:
    root = ElementTree.fromstring(rendered(feeds.documents, STATE)["status/history.atom"])
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(root.findall(f"{ATOM}{name}")) == 1
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == len(STATE.incidents)
    for entry in entries:
        for name in ("id", "title", "updated", "published"):
            assert len(entry.findall(f"{ATOM}{name}")) == 1
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"


def test_the_rss_feed_has_what_rss_2_requires() -> None:
    root = ElementTree.fromstring(rendered(feeds.documents, STATE)["status/history.rss"])
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    for name in ("title", "link", "description", "lastBuildDate"):
        assert root.findtext(f"channel/{name}")
    for item in root.findall("channel/item"):
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        assert item.findtext("pubDate")


def test_each_language_has_its_own() -> None:
    written = rendered(feeds.documents, STATE, languages=("en", "de"))
    assert set(written) == {f"status/{prefix}history.{kind}" for prefix in ("", "de/") for kind in ("atom", "rss")}
    german = feedparser.parse(written["status/de/history.atom"])
    assert german.feed.language == "de"
    assert german.feed.link.endswith("/status/de/history/")
    english = feedparser.parse(written["status/history.atom"])
    assert german.feed.id != english.feed.id
