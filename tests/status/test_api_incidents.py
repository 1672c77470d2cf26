"""Incidents over the write API."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery
from status.api import access
from status.api.listing import PAGE
from status.models import Component, Incident, StatusEvent
from tests.factories.status import (
    ComponentFactory,
    IncidentFactory,
    MaintenanceFactory,
    SubscriberFactory,
    UpdateFactory,
)
from tests.status.api import ROOT, ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(operator: User) -> ApiClient:
    return ApiClient(operator, access.INCIDENTS)


@pytest.fixture
def component() -> Component:
    component: Component = ComponentFactory(name="API")
    return component


def opened(api: ApiClient, component: Component, **more: Any) -> dict[str, Any]:
    data = {"name": "API is slow", "body": "We look.", "components": {component.public_id: "partial_outage"}, **more}
    response = api.post("incidents/", data)
    assert response.status_code == 201, response.content
    answer: dict[str, Any] = response.json()
    return answer


# --- Writing ----------------------------------------------------------------------------------------------------


def test_an_incident_is_opened_and_subscribers_are_told(api: ApiClient, component: Component) -> None:
    SubscriberFactory()

    shown = opened(api, component)

    assert shown["status"] == "investigating"
    assert shown["impact"] == "major"
    assert shown["draft"] is False
    assert shown["origin"] == "api"
    assert shown["components"] == [{"id": component.public_id, "name": "API", "status": "partial_outage"}]
    assert [update["body"] for update in shown["updates"]] == ["We look."]
    assert shown["url"].endswith(f"/incidents/{shown['id']}/")
    component.refresh_from_db()
    assert component.status == "partial_outage"
    assert Delivery.objects.count() == 1


def test_the_owner_of_the_token_is_named_in_the_trail(api: ApiClient, component: Component, operator: User) -> None:
    opened(api, component)

    event = StatusEvent.objects.get()
    assert (event.actor, event.origin, event.act) == (operator, "api", "opened")


def test_a_draft_is_changed_and_published(api: ApiClient, component: Component) -> None:
    SubscriberFactory()
    draft = opened(api, component, draft=True)
    path = f"incidents/{draft['id']}/"
    assert Delivery.objects.count() == 0

    changed = api.patch(path, {"name": "API is down", "components": {component.public_id: "major_outage"}}).json()
    assert (changed["name"], changed["impact"], changed["draft"]) == ("API is down", "major", True)
    assert [update["body"] for update in changed["updates"]] == ["We look."]

    for _time in range(2):
        response = api.post(f"{path}publish/", {})
        assert (response.status_code, response.json()["draft"]) == (200, False)
    assert Delivery.objects.count() == 1
    component.refresh_from_db()
    assert component.status == "major_outage"


def test_updates_lead_to_the_end(api: ApiClient, component: Component) -> None:
    path = f"incidents/{opened(api, component)['id']}/updates/"

    still = api.post(
        path, {"body": "Found it.", "status": "identified", "components": {component.public_id: "major_outage"}}
    )
    over = api.post(path, {"body": "All is well.", "status": "resolved", "deliver_notifications": False})

    assert (still.status_code, still.json()["components"][0]["status"]) == (201, "major_outage")
    assert still.json()["impact"] == "critical"
    assert over.json()["resolved_at"] is not None
    assert [update["status"] for update in over.json()["updates"]] == ["resolved", "identified", "investigating"]
    component.refresh_from_db()
    assert component.status == "operational"


def test_an_update_may_leave_the_status_as_it_is(api: ApiClient, component: Component) -> None:
    shown = opened(api, component, status="identified")

    assert api.post(f"incidents/{shown['id']}/updates/", {"body": "Still at it."}).json()["status"] == "identified"


def test_corrections_tell_nobody(api: ApiClient, component: Component) -> None:
    SubscriberFactory()
    shown = opened(api, component, deliver_notifications=False)
    earlier = (timezone.now() - timedelta(hours=1)).replace(microsecond=0)

    answer = api.patch(
        f"incidents/{shown['id']}/", {"name": "API was slow", "impact": "minor", "started_at": earlier.isoformat()}
    ).json()

    assert (answer["name"], answer["impact"]) == ("API was slow", "minor")
    assert answer["started_at"] == earlier.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert Delivery.objects.count() == 0


def test_a_change_from_an_old_version_is_a_conflict(api: ApiClient, component: Component) -> None:
    shown = opened(api, component)
    path = f"incidents/{shown['id']}/"
    api.post(f"{path}updates/", {"body": "News."})

    response = api.patch(path, {"name": "Late", "version": shown["version"]})

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "changed"


def test_a_move_that_there_is_not_is_refused(api: ApiClient, component: Component) -> None:
    path = f"incidents/{opened(api, component)['id']}/updates/"

    response = api.post(path, {"body": "Too soon.", "status": "postmortem"})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "refused")


def test_the_end_of_what_goes_on_cannot_be_corrected(api: ApiClient, component: Component) -> None:
    shown = opened(api, component)

    response = api.patch(f"incidents/{shown['id']}/", {"resolved_at": timezone.now().isoformat()})

    assert list(response.json()["error"]["fields"]) == ["resolved_at"]


# --- Fields -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None), ("name", ""), ("name", 5), ("name", "x" * 201), ("body", ["a"]), ("body", "x" * 20_001),
        ("status", "resolved"), ("status", 1), ("status", {}), ("impact", "maintenance"), ("impact", []),
        ("components", []), ("components", {"abc": "major_outage"}), ("components", {"a" * 12: "major_outage"}),
        ("components", {"a" * 12: "broken"}), ("components", {"a" * 12: []}), ("components", "all"),
        ("started_at", "yesterday"), ("started_at", "2026-11-29T18:00:00"), ("started_at", "2026-13-29T18:00:00Z"),
        ("started_at", "0001-01-01T00:00:00Z"), ("started_at", "9999-12-31T23:59:59-12:00"), ("started_at", 1764439200),
        ("draft", "yes"), ("draft", 1), ("deliver_notifications", 0), ("nme", "typo"), ("x" * 500, 1),
    ],
    ids=range(28),
)  # fmt: skip
def test_what_is_not_right_is_said_by_field_and_nothing_is_written(api: ApiClient, field: str, value: Any) -> None:
    response = api.post("incidents/", {"name": "API is slow", "body": "We look.", field: value})

    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [field[:100]]
    assert not Incident.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(api: ApiClient) -> None:
    response = api.post("incidents/", {"name": "", "status": "over", "draft": 3})

    assert set(response.json()["error"]["fields"]) == {"name", "body", "status", "draft"}


def test_a_start_that_is_yet_to_come_is_refused(api: ApiClient) -> None:
    later = (timezone.now() + timedelta(hours=1)).isoformat()

    response = api.post("incidents/", {"name": "API", "body": "We look.", "started_at": later})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "refused")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"name": "\\u0000"}', b'{"name": "\xff"}'], ids=range(5))
def test_a_damaged_body_is_400(api: ApiClient, raw: bytes) -> None:
    response = api.send("POST", "incidents/", raw=raw)

    assert response.status_code in (400, 415)  # nothing at all has no type either
    assert not Incident.objects.exists()


# --- Reading ----------------------------------------------------------------------------------------------------


def test_drafts_and_what_is_public_are_shown_and_maintenance_is_not(api: ApiClient) -> None:
    public, draft = IncidentFactory(), IncidentFactory(published_at=None)
    planned = MaintenanceFactory()

    shown = {row["id"]: row["draft"] for row in api.get("incidents/").json()["incidents"]}

    assert shown == {public.public_id: False, draft.public_id: True}
    assert api.get(f"incidents/{draft.public_id}/").json()["name"] == draft.name
    assert api.get(f"incidents/{planned.public_id}/").status_code == 404
    assert api.post(f"incidents/{planned.public_id}/updates/", {"body": "x"}).status_code == 404


def test_the_list_goes_on_by_keyset(api: ApiClient) -> None:
    now = timezone.now()
    for number in range(PAGE + 5):
        IncidentFactory(started_at=now - timedelta(minutes=number))

    first = api.get("incidents/").json()
    second = api.get(f"incidents/{first['next']}").json()

    assert (len(first["incidents"]), len(second["incidents"]), second["next"]) == (PAGE, 5, None)
    assert len({row["id"] for row in first["incidents"] + second["incidents"]}) == PAGE + 5
    assert api.get("incidents/?after=nonsense").status_code == 400
    assert api.get("incidents/?after=%00").status_code == 400


def test_only_what_goes_on_when_asked(api: ApiClient) -> None:
    now = timezone.now()
    IncidentFactory(status="resolved", started_at=now - timedelta(hours=1), resolved_at=now)
    open_one = IncidentFactory()

    assert [row["id"] for row in api.get("incidents/?open=true").json()["incidents"]] == [open_one.public_id]


def test_a_list_of_twenty_takes_as_many_queries_as_one_of_two(api: ApiClient, component: Component) -> None:
    api.get("incidents/")  # notes the token's use
    counts = []
    for number in (2, 18):
        for _time in range(number):
            UpdateFactory(incident=IncidentFactory(affecting=[component]))
        with CaptureQueriesContext(connection) as queries:
            assert api.get("incidents/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Who --------------------------------------------------------------------------------------------------------

ADDRESSES = [
    ("GET", "incidents/"), ("POST", "incidents/"), ("GET", "incidents/{}/"), ("PATCH", "incidents/{}/"),
    ("POST", "incidents/{}/updates/"), ("POST", "incidents/{}/publish/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_token_never_can_more_than_its_owner(method: str, path: str, engineer: User) -> None:
    incident = IncidentFactory()

    response = ApiClient(engineer).send(method, path.format(incident.public_id))

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_another_scope_does_not_open_it(method: str, path: str, operator: User) -> None:
    client = ApiClient(operator, access.MAINTENANCE, access.COMPONENTS, access.ALERTS)

    response = client.send(method, path.format("a" * 12))

    assert (response.status_code, response.json()["error"]["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_without_a_token_it_is_401_though_signed_in(method: str, path: str, operator: User) -> None:
    client = Client()
    client.force_login(operator)

    assert client.generic(method, ROOT + path.format("a" * 12)).status_code == 401


@pytest.mark.parametrize(("method", "path"), ADDRESSES[2:])
def test_what_is_not_there_is_404(method: str, path: str, api: ApiClient) -> None:
    response = api.send(method, path.format("a" * 12))

    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "incidents/"), ("PUT", "incidents/{}/"), ("GET", "incidents/{}/updates/")]
)
def test_a_wrong_verb_is_405(method: str, path: str, api: ApiClient) -> None:
    assert api.send(method, path.format("a" * 12)).status_code == 405


@pytest.mark.parametrize("path", ["nothing/", "incidents", "incidents/UPPER/", "incidents/a%00/", "incidents/../x/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_404_in_json(method: str, path: str, api: ApiClient) -> None:
    response = api.send(method, path)

    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
