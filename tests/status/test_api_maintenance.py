"""Maintenance and components over the write API."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery
from status import publishing
from status.api import access
from status.models import Component, Incident
from tests.factories.status import ComponentFactory, IncidentFactory, MaintenanceFactory, SubscriberFactory
from tests.status.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(operator: User) -> ApiClient:
    return ApiClient(operator, access.MAINTENANCE, access.COMPONENTS)


@pytest.fixture
def component() -> Component:
    component: Component = ComponentFactory(name="Database")
    return component


def tomorrow(hours: float = 0) -> str:
    day = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (day + timedelta(hours=hours)).isoformat()


def planned(api: ApiClient, component: Component, **more: Any) -> dict[str, Any]:
    data = {
        "name": "New disks",
        "body": "The database is read-only meanwhile.",
        "scheduled_for": tomorrow(),
        "scheduled_until": tomorrow(2),
        "components": [component.public_id],
        **more,
    }
    response = api.post("maintenances/", data)
    assert response.status_code == 201, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_maintenance_is_scheduled_and_subscribers_are_told(api: ApiClient, component: Component) -> None:
    SubscriberFactory()

    shown = planned(api, component, reminders=[30])

    assert (shown["status"], shown["reminders"], shown["starts_by_itself"]) == ("scheduled", [30], True)
    assert datetime.fromisoformat(shown["scheduled_for"]) == datetime.fromisoformat(tomorrow()).astimezone(UTC)
    assert [held["id"] for held in shown["components"]] == [component.public_id]
    assert Delivery.objects.count() == 1
    component.refresh_from_db()
    assert component.status == "operational"


def test_it_is_moved_and_the_same_plan_again_tells_nobody(api: ApiClient, component: Component) -> None:
    SubscriberFactory()
    path = f"maintenances/{planned(api, component, deliver_notifications=False)['id']}/"

    for _time in range(2):
        answer = api.patch(path, {"scheduled_until": tomorrow(3), "name": "Newer disks"}).json()

    assert answer["name"] == "Newer disks"
    assert datetime.fromisoformat(answer["scheduled_until"]) == datetime.fromisoformat(tomorrow(3))
    assert Delivery.objects.count() == 1


def test_what_is_not_sent_stays_as_a_colleague_just_wrote_it(api: ApiClient, component: Component) -> None:
    path = f"maintenances/{planned(api, component)['id']}/"
    real = publishing.lock

    def overtaken() -> None:
        Incident.objects.update(scheduled_until=tomorrow(5))
        real()

    with mock.patch("status.publishing.lock", side_effect=overtaken):
        answer = api.patch(path, {"name": "Newer disks"}).json()

    assert datetime.fromisoformat(answer["scheduled_until"]) == datetime.fromisoformat(tomorrow(5))


def test_its_components_are_changed(api: ApiClient, component: Component) -> None:
    other = ComponentFactory()
    path = f"maintenances/{planned(api, component)['id']}/"

    answer = api.patch(path, {"components": [other.public_id]}).json()

    assert [held["id"] for held in answer["components"]] == [other.public_id]


def test_it_begins_goes_on_and_ends(api: ApiClient, component: Component) -> None:
    path = f"maintenances/{planned(api, component)['id']}/"

    for _time in range(2):
        assert api.post(f"{path}start/").json()["status"] == "in_progress"
    component.refresh_from_db()
    assert component.status == "under_maintenance"
    said = api.post(f"{path}updates/", {"body": "We check.", "status": "verifying"})
    assert (said.status_code, said.json()["status"]) == (201, "verifying")
    done = api.post(f"{path}complete/", {"body": "Done early."}).json()

    assert (done["status"], done["updates"][0]["body"]) == ("completed", "Done early.")
    assert len(done["updates"]) == 4
    component.refresh_from_db()
    assert component.status == "operational"


def test_it_is_cancelled_before_it_begins_and_not_after(api: ApiClient, component: Component) -> None:
    path = f"maintenances/{planned(api, component)['id']}/"
    other = f"maintenances/{planned(api, component)['id']}/"
    api.post(f"{other}start/")

    assert api.post(f"{path}cancel/").json()["status"] == "cancelled"
    response = api.post(f"{other}cancel/")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "refused")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheduled_for", None), ("scheduled_until", "soon"), ("scheduled_until", "2026-11-29"), ("reminders", 5),
        ("reminders", [1, 2, 3, 4, 5]), ("reminders", [-1]), ("reminders", [True]), ("reminders", [10**12]),
        ("components", None), ("components", {}), ("components", ["a" * 12]), ("components", [1]),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_not_right_is_said_by_field(api: ApiClient, component: Component, field: str, value: Any) -> None:
    data = {
        "name": "New disks",
        "body": "Read-only.",
        "scheduled_for": tomorrow(),
        "scheduled_until": tomorrow(2),
        "components": [component.public_id],
        field: value,
    }

    response = api.post("maintenances/", data)

    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [field]
    assert not Incident.objects.exists()


def test_a_plan_that_cannot_be_kept_is_refused(api: ApiClient, component: Component) -> None:
    path = f"maintenances/{planned(api, component)['id']}/"

    response = api.patch(path, {"scheduled_until": tomorrow(-1)})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "refused")


def test_the_list_shows_maintenance_only(api: ApiClient) -> None:
    maintenance, _incident = MaintenanceFactory(), IncidentFactory()

    assert [row["id"] for row in api.get("maintenances/").json()["maintenances"]] == [maintenance.public_id]
    assert api.get(f"maintenances/{maintenance.public_id}/").json()["scheduled_for"] is not None


# --- Components -------------------------------------------------------------------------------------------------


def test_a_components_status_is_set_once(api: ApiClient, component: Component) -> None:
    SubscriberFactory(wants_components=True)

    for _time in range(2):
        response = api.patch(f"components/{component.public_id}/", {"status": "degraded_performance"})
        assert (response.status_code, response.json()["status"]) == (200, "degraded_performance")

    assert Delivery.objects.count() == 1
    assert api.get(f"components/{component.public_id}/").json()["status"] == "degraded_performance"


def test_components_in_service_are_listed(api: ApiClient, component: Component) -> None:
    ComponentFactory(archived_at=timezone.now())

    assert [row["id"] for row in api.get("components/").json()["components"]] == [component.public_id]


@pytest.mark.parametrize("data", [{}, {"status": "broken"}, {"status": None}, {"status": "operational", "name": "New"}])
def test_a_status_that_is_none_is_refused(api: ApiClient, component: Component, data: dict[str, Any]) -> None:
    assert api.patch(f"components/{component.public_id}/", data).status_code == 422


# --- Who --------------------------------------------------------------------------------------------------------

ADDRESSES = [
    ("GET", "maintenances/"), ("POST", "maintenances/"), ("GET", "maintenances/{}/"), ("PATCH", "maintenances/{}/"),
    ("POST", "maintenances/{}/updates/"), ("POST", "maintenances/{}/start/"), ("POST", "maintenances/{}/complete/"),
    ("POST", "maintenances/{}/cancel/"), ("GET", "components/"), ("GET", "components/{}/"), ("PATCH", "components/{}/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_token_never_can_more_than_its_owner(method: str, path: str, manager: User) -> None:
    response = ApiClient(manager).send(method, path.format("a" * 12))

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_another_scope_does_not_open_it(method: str, path: str, operator: User) -> None:
    response = ApiClient(operator, access.INCIDENTS, access.ALERTS).send(method, path.format("a" * 12))

    assert (response.status_code, response.json()["error"]["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(("method", "path"), [address for address in ADDRESSES if "{}" in address[1]])
def test_what_is_not_there_is_404(method: str, path: str, api: ApiClient) -> None:
    data = {"status": "operational"} if path == "components/{}/" else {}

    assert api.send(method, path.format("a" * 12), data).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "maintenances/{}/"),
        ("GET", "maintenances/{}/start/"),
        ("POST", "components/"),
        ("PUT", "components/{}/"),
    ],
)
def test_a_wrong_verb_is_405(method: str, path: str, api: ApiClient) -> None:
    assert api.send(method, path.format("a" * 12)).status_code == 405
