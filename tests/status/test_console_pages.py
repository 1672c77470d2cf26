"""Every address of the console: who is let in, what does not exist, which verbs it takes."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from status.changes import By
from status.constants import Act
from status.incidents import NewIncident, open_incident
from status.models import Component, Incident, StatusEvent
from tests.cast import SignedIn
from tests.factories.status import ComponentFactory, IncidentFactory, MaintenanceFactory, RegionFactory, UpdateFactory

pytestmark = pytest.mark.django_db

PAGES = ["", "history/", "incidents/new/", "incidents/past/", "maintenance/new/", "components/"]
OF_INCIDENT = ["", "update/", "edit/"]
ACTS = ["move/", "publish/", "discard/"]
OF_PLAN = ["plan/", "cancel/"]
ROOT = "/status/manage/"


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


@pytest.fixture
def incident(operator: User) -> Incident:
    new = NewIncident(name="Orders are late", body="We look.", components={ComponentFactory().pk: "major_outage"})
    return open_incident(by=By(operator), new=new)


@pytest.fixture
def planned() -> Incident:
    maintenance_row: Incident = MaintenanceFactory()
    UpdateFactory(incident=maintenance_row)
    return maintenance_row


@pytest.mark.parametrize("path", PAGES)
def test_an_operator_sees_the_page(path: str, console: Client, incident: Incident, planned: Incident) -> None:
    assert console.get(ROOT + path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_signs_in_and_others_are_refused(
    path: str, client: Client, engineer: User, as_user: SignedIn
) -> None:
    assert client.get(ROOT + path)["Location"] == f"/accounts/login/?next={ROOT}{path}"
    assert as_user(engineer).get(ROOT + path).status_code == 403
    assert as_user(engineer).post(ROOT + path).status_code in {403, 405}


@pytest.mark.parametrize("path", OF_INCIDENT)
def test_an_incidents_pages(path: str, console: Client, incident: Incident, member: User, as_user: SignedIn) -> None:
    url = f"{ROOT}incidents/{incident.public_id}/{path}"
    answer = console.get(url)
    assert answer.status_code == 200
    assert "Orders are late" in answer.content.decode()
    assert as_user(member).get(url).status_code == 403
    assert console.put(url).status_code == 405


@pytest.mark.parametrize("path", OF_PLAN)
def test_a_plans_pages(path: str, console: Client, planned: Incident, member: User, as_user: SignedIn) -> None:
    url = f"{ROOT}incidents/{planned.public_id}/{path}"
    assert console.get(url).status_code == 200
    assert as_user(member).get(url).status_code == 403
    assert console.put(url).status_code == 405


@pytest.mark.parametrize("path", [*OF_INCIDENT, *ACTS, *OF_PLAN, "draft/"])
@pytest.mark.parametrize("public_id", ["zzzzzzzzzzzz", "ABCDEFGHIJKL", "1", "a'b", "a%00b"])
def test_a_guessed_id_does_not_exist(path: str, public_id: str, console: Client) -> None:
    assert console.post(f"{ROOT}incidents/{public_id}/{path}").status_code in {404, 405}
    if path not in ACTS:
        assert console.get(f"{ROOT}incidents/{public_id}/{path}").status_code == 404
    assert console.get(f"{ROOT}updates/{public_id}/edit/").status_code == 404
    assert console.post(f"{ROOT}components/{public_id}/status/", {"status": "operational"}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_posted(act: str, console: Client, incident: Incident, member: User, as_user: SignedIn) -> None:
    url = f"{ROOT}incidents/{incident.public_id}/{act}"
    assert console.get(url).status_code == 405
    assert as_user(member).post(url).status_code == 403
    assert Client().post(url)["Location"].startswith("/accounts/login/")


def test_a_text_is_previewed(console: Client, member: User, as_user: SignedIn) -> None:
    url = f"{ROOT}text/"
    assert "<strong>late</strong>" in console.post(url, {"text": "Orders are **late**"}).content.decode()
    assert "<script" not in console.post(url, {"text": "<script>x</script>\0"}).content.decode()
    assert console.get(url).status_code == 405
    assert as_user(member).post(url, {"text": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["", "history/", "components/", "incidents/new/"])
def test_a_page_asks_as_much_for_twelve_as_for_two(
    path: str, console: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def add(number: int) -> None:
        for region in [RegionFactory() for _one in range(number)]:
            component = ComponentFactory(region=region)
            for factory in (IncidentFactory, MaintenanceFactory):
                UpdateFactory(incident=factory(affecting=[component]))
                factory(affecting=[component], published_at=None)

    add(2)
    console.get(ROOT + path)
    with CaptureQueriesContext(connection) as two:
        console.get(ROOT + path)
    add(10)
    with django_assert_num_queries(len(two)):
        console.get(ROOT + path)


@pytest.mark.parametrize("path", OF_INCIDENT)
def test_an_incidents_page_asks_as_much_for_twelve_updates_as_for_two(
    path: str, console: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    incident = IncidentFactory(affecting=[ComponentFactory()])

    def add(number: int) -> None:
        for _one in range(number):
            component = ComponentFactory(region=RegionFactory())
            UpdateFactory(incident=incident, effects={component: ("operational", "partial_outage")})
            StatusEvent.objects.create(act=Act.UPDATED, incident=incident)

    url = f"{ROOT}incidents/{incident.public_id}/{path}"
    add(2)
    console.get(url)
    with CaptureQueriesContext(connection) as two:
        console.get(url)
    add(10)
    with django_assert_num_queries(len(two)):
        console.get(url)


def test_an_incident_on_five_hundred_components(console: Client) -> None:
    components = Component.objects.bulk_create([Component(name=f"Component {number}") for number in range(500)])
    sent: dict[str, object] = {
        "token": str(uuid4()),
        "name": "All is down",
        "body": "We look.",
        "status": "investigating",
        "component_status": "major_outage",
        "components": [one.pk for one in components],
        **{f"components-{one.pk}": "" for one in components},
    }
    assert console.get(f"{ROOT}incidents/new/").status_code == 200
    assert console.post(f"{ROOT}incidents/new/", sent).status_code == 302
    assert Incident.objects.get().affected.count() == 500


def test_the_list_pages_through_all_that_happened(console: Client) -> None:
    IncidentFactory.create_batch(35)
    first = console.get(f"{ROOT}history/").content.decode()
    assert first.count("row-title") == 30
    after = first.split('rel="next" href="')[1].split('"')[0]
    assert console.get(f"{ROOT}history/{after}".replace("&amp;", "&")).content.decode().count("row-title") == 5
    assert console.get(f"{ROOT}history/?after=damaged").status_code == 400
