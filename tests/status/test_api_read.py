"""The read API in Statuspage's shapes, field by field."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import translation

from status.overall import Overall, overall
from status.snapshot import api
from status.state import State
from tests.status import states
from tests.status.states import NOW, STATE, incident, kept, maintenance, rendered, with_incidents, with_statuses

FILES = {
    "status": {"page", "status"},
    "summary": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
}


def ids(name: str, key: str, state: State = STATE) -> list[str]:
    return [one["id"] for one in api.files(state)[name][key]]


def test_every_file_stands_at_both_addresses_with_the_same_bytes() -> None:
    written = rendered(api.documents, STATE)
    assert set(written) == {f"{prefix}/{name}.json" for name in FILES for prefix in ("api/v2", "status/api/v2")}
    for name in FILES:
        assert written[f"api/v2/{name}.json"] == written[f"status/api/v2/{name}.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_what_the_contract_names(name: str) -> None:
    content = json.loads(rendered(api.documents, STATE)[f"api/v2/{name}.json"])
    assert set(content) == FILES[name]


@override_settings(STATUS_TIME_ZONE="Europe/Berlin", STATUS_URL="https://status.harbor.example", PORTAL_VENDOR="Harbor")
def test_the_page() -> None:
    page = api.files(STATE)["status"]["page"]
    assert page == {
        "id": api.page_id(),
        "name": "Harbor",
        "url": "https://status.harbor.example",
        "time_zone": "Europe/Berlin",
        "updated_at": "2026-11-29T18:20:41.123Z",
    }


def test_the_pages_id_is_its_addresss_until_it_is_set() -> None:
    with override_settings(STATUS_URL="https://one.example"):
        made = api.page_id()
        assert made == api.page_id()
    with override_settings(STATUS_URL="https://two.example"):
        assert api.page_id() != made
    with override_settings(STATUS_PAGE_ID="kctbh9vrtdwd"):
        assert api.page_id() == "kctbh9vrtdwd"
    assert len(made) == 12
    assert made.isalnum()
    assert made == made.lower()


def test_a_component() -> None:
    listed = {one["id"]: one for one in api.files(STATE)["components"]["components"]}
    assert listed["loaderload02"] == {
        "id": "loaderload02",
        "name": "Data Loader",
        "status": "operational",
        "created_at": "2026-01-05T09:30:00.000Z",
        "updated_at": "2026-11-29T17:20:41.123Z",
        "position": 2,
        "description": "Loads & unloads.",
        "showcase": True,
        "start_date": "2026-01-05",
        "group_id": "groupgroup01",
        "page_id": api.page_id(),
        "group": False,
        "only_show_if_degraded": False,
    }
    assert listed["docsdocsdoc3"]["only_show_if_degraded"] is True
    assert listed["docsdocsdoc3"]["showcase"] is False
    assert listed["docsdocsdoc3"]["description"] is None
    assert listed["mailmailmai4"]["group_id"] is None


def test_a_group_is_a_component_that_names_its_members_and_has_the_worst_ones_status() -> None:
    listed = {one["id"]: one for one in api.files(STATE)["components"]["components"]}
    assert listed["groupgroup01"] == {
        "id": "groupgroup01",
        "name": "Platform",
        "status": "partial_outage",
        "created_at": "2026-01-05T09:30:00.000Z",
        "updated_at": "2026-01-05T09:30:00.000Z",
        "position": 1,
        "description": "What everything runs on.",
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": api.page_id(),
        "group": True,
        "only_show_if_degraded": False,
        "components": ["apiapiapi001", "loaderload02"],
    }


def test_members_follow_their_group_and_a_group_without_any_is_left_out() -> None:
    assert ids("components", "components") == [
        "groupgroup01",
        "apiapiapi001",
        "loaderload02",
        "groupgroup02",
        "docsdocsdoc3",
        "mailmailmai4",
    ]


def test_an_incident() -> None:
    found = api.files(STATE)["incidents/unresolved"]["incidents"][0]
    components = found.pop("components")
    assert [one["id"] for one in components] == ["apiapiapi001"]
    assert components[0]["status"] == "partial_outage"
    updates = found.pop("incident_updates")
    assert found == {
        "id": "outageoutag1",
        "name": "API requests fail",
        "status": "identified",
        "created_at": "2026-11-29T17:30:41.123Z",
        "updated_at": "2026-11-29T18:10:41.123Z",
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "major",
        "shortlink": found["shortlink"],
        "started_at": "2026-11-29T17:30:41.123Z",
        "page_id": api.page_id(),
    }
    assert found["shortlink"].endswith("/status/incidents/outageoutag1/")
    assert [one["status"] for one in updates] == ["identified", "investigating"]
    assert updates[1] == {
        "id": "updateupdat1",
        "status": "investigating",
        "body": "We are looking.",
        "incident_id": "outageoutag1",
        "created_at": "2026-11-29T17:30:41.123Z",
        "updated_at": "2026-11-29T17:30:41.123Z",
        "display_at": "2026-11-29T17:30:41.123Z",
        "affected_components": [
            {"code": "apiapiapi001", "name": "API", "old_status": "operational", "new_status": "partial_outage"}
        ],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
    assert updates[0]["affected_components"] is None


def test_a_maintenance_adds_its_plan() -> None:
    found = api.files(STATE)["scheduled-maintenances/upcoming"]["scheduled_maintenances"][0]
    assert found["scheduled_for"] == "2026-12-01T18:20:41.123Z"
    assert found["scheduled_until"] == "2026-12-01T20:20:41.123Z"
    assert found["impact"] == "maintenance"
    assert "scheduled_for" not in api.files(STATE)["incidents"]["incidents"][0]


def test_each_list_holds_its_own() -> None:
    assert ids("incidents", "incidents") == ["outageoutag1", "oldoldoldol2"]
    assert ids("incidents/unresolved", "incidents") == ["outageoutag1"]
    assert ids("scheduled-maintenances", "scheduled_maintenances") == ["plannedplan3", "cancelledca5", "underwayund4"]
    assert ids("scheduled-maintenances/upcoming", "scheduled_maintenances") == ["plannedplan3"]
    assert ids("scheduled-maintenances/active", "scheduled_maintenances") == ["underwayund4"]
    assert ids("summary", "incidents") == ["outageoutag1"]
    assert ids("summary", "scheduled_maintenances") == ["underwayund4", "plannedplan3"]


def test_upcoming_maintenance_is_listed_in_the_order_in_which_it_begins() -> None:
    later = maintenance("laterlaterl1", "Later", NOW + timedelta(days=9))
    sooner = maintenance("soonersoone2", "Sooner", NOW + timedelta(days=1))
    state = with_incidents(later, sooner)
    assert ids("scheduled-maintenances/upcoming", "scheduled_maintenances", state) == ["soonersoone2", "laterlaterl1"]


def test_the_lists_of_all_stop_at_fifty_and_that_of_the_unresolved_does_not() -> None:
    many = [incident(f"incident{n:04}", f"Incident {n}") for n in range(60)]
    state = with_incidents(*many)
    assert ids("incidents", "incidents", state) == [one.id for one in many[:50]]
    assert len(ids("incidents/unresolved", "incidents", state)) == 60


def test_what_was_cancelled_is_completed_to_clients_that_know_no_other_word() -> None:
    listed = {one["id"]: one for one in api.files(STATE)["scheduled-maintenances"]["scheduled_maintenances"]}
    assert listed["cancelledca5"]["status"] == "completed"
    assert listed["cancelledca5"]["incident_updates"][0]["status"] == "completed"
    assert listed["cancelledca5"]["resolved_at"] == "2026-11-28T18:20:41.123Z"


def test_a_component_out_of_service_is_not_listed_with_the_incident_that_it_had() -> None:
    gone = replace(STATE, components=STATE.components[1:])
    assert api.files(gone)["incidents/unresolved"]["incidents"][0]["components"] == []


def test_what_has_not_changed_is_not_written_again() -> None:
    assert kept(api.documents, STATE, STATE) == set(rendered(api.documents, STATE))
    assert kept(api.documents, STATE, replace(STATE, changed_at=NOW + timedelta(seconds=1))) == set()


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), ("none", "All Systems Operational")),
        (("operational", "operational"), ("none", "All Systems Operational")),
        (("operational", "under_maintenance"), ("maintenance", "Service Under Maintenance")),
        (("under_maintenance",), ("maintenance", "Service Under Maintenance")),
        (("operational", "degraded_performance"), ("minor", "Partially Degraded Service")),
        (("degraded_performance", "degraded_performance"), ("minor", "Degraded System Service")),
        (("operational", "partial_outage"), ("minor", "Minor Service Outage")),
        (("partial_outage", "partial_outage"), ("major", "Partial System Outage")),
        (("operational", "major_outage"), ("major", "Partial System Outage")),
        (("partial_outage", "major_outage"), ("major", "Partial System Outage")),
        (("major_outage", "major_outage"), ("critical", "Major System Outage")),
        (("under_maintenance", "degraded_performance"), ("minor", "Partially Degraded Service")),
    ],
    ids=lambda value: "-".join(value) or "nothing",
)
def test_the_overall_state_of_components(statuses: tuple[str, ...], expected: tuple[str, str]) -> None:
    said = api.status(with_statuses(*statuses))
    assert (said["indicator"], said["description"]) == expected


@pytest.mark.parametrize(
    ("impact", "expected"),
    [
        ("none", Overall.OPERATIONAL),
        ("minor", Overall.MINOR_OUTAGE),
        ("major", Overall.PARTIAL_OUTAGE),
        ("critical", Overall.MAJOR_OUTAGE),
    ],
)
def test_an_open_incident_counts_by_its_impact_although_every_component_is_well(impact: str, expected: Overall) -> None:
    quiet = with_statuses("operational", "operational")
    assert overall(replace(quiet, incidents=(incident("outageoutag1", "Odd", impact=impact),))) is expected
    ended = incident("outageoutag1", "Odd", impact=impact, status="resolved", resolved_at=NOW)
    assert overall(replace(quiet, incidents=(ended,))) is Overall.OPERATIONAL


def test_maintenance_counts_while_it_is_under_way() -> None:
    quiet = with_statuses("operational")
    assert overall(replace(quiet, incidents=(states.PLANNED, states.CANCELLED))) is Overall.OPERATIONAL
    assert overall(replace(quiet, incidents=(states.UNDER_WAY,))) is Overall.MAINTENANCE


def test_the_contracts_words_are_english_in_every_language() -> None:
    with translation.override("de"):
        assert api.status(states.EMPTY)["description"] == "All Systems Operational"
