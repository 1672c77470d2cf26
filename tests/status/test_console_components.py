"""Components' own status at the console; components, groups, regions and templates in the administration."""

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import User
from notifications.models import Delivery
from status import incidents
from status.changes import By
from status.constants import ComponentStatus
from status.incidents import NewIncident
from status.models import Component, ComponentGroup, IncidentTemplate, Publication, Region
from tests.cast import SignedIn
from tests.factories.accounts import ProductFactory
from tests.factories.status import ComponentFactory, RegionFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

LIST = "/status/manage/components/"
ADMIN = "/admin/status/"
SCREENS = ["component/", "componentgroup/", "region/", "incidenttemplate/", "subscriber/"]


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


@pytest.fixture
def api() -> Component:
    component: Component = ComponentFactory(name="API")
    return component


def version() -> int:
    return Publication.objects.values_list("version", flat=True).first() or 0


def set_to(console: Client, component: Component, status: str, **other: str) -> int:
    return console.post(f"{LIST}{component.public_id}/status/", {"status": status, "deliver": "on"} | other).status_code


def test_a_component_is_set_and_who_follows_components_is_told(console: Client, api: Component) -> None:
    SubscriberFactory(wants_components=True)
    assert set_to(console, api, ComponentStatus.DEGRADED) == 302
    assert set_to(console, api, ComponentStatus.DEGRADED) == 302
    api.refresh_from_db()
    assert (api.status, Delivery.objects.count()) == (ComponentStatus.DEGRADED, 1)
    assert set_to(console, api, ComponentStatus.OPERATIONAL, deliver="") == 302
    assert Delivery.objects.count() == 1


def test_an_incident_that_is_worse_still_shows(console: Client, operator: User, api: Component) -> None:
    new = NewIncident(name="Down", body="We look.", components={api.pk: ComponentStatus.MAJOR})
    incidents.open_incident(by=By(operator), new=new)
    url = f"{LIST}{api.public_id}/status/"
    text = console.post(url, {"status": ComponentStatus.DEGRADED}, follow=True).content.decode()
    assert "An open incident still makes it worse: Major outage." in text
    page = console.get(LIST).content.decode()
    assert '<option value="degraded_performance" selected>' in page


@pytest.mark.parametrize("status", ["", "broken", "x\0"])
def test_a_status_that_is_none_is_refused(status: str, console: Client, api: Component) -> None:
    assert set_to(console, api, status) == 422


def test_who_may_set_it(console: Client, api: Component, engineer: User, as_user: SignedIn, client: Client) -> None:
    url = f"{LIST}{api.public_id}/status/"
    assert console.get(url).status_code == 405
    assert as_user(engineer).post(url, {"status": ComponentStatus.MAJOR}).status_code == 403
    assert client.post(url)["Location"].startswith("/accounts/login/")
    Component.objects.update(archived_at="2026-01-01T00:00Z")
    assert set_to(console, api, ComponentStatus.MAJOR) == 404


# --- Administration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_operators_and_administrators_see_the_screen(
    screen: str, console: Client, api: Component, administrator: User, engineer: User, as_user: SignedIn
) -> None:
    assert console.get(ADMIN + screen).status_code == 200
    assert as_user(administrator).get(ADMIN + screen).status_code == 200
    assert as_user(engineer).get(ADMIN + screen).status_code == 403


def test_a_component_is_made_and_published(console: Client) -> None:
    group, product = ComponentGroup.objects.create(name="Core"), ProductFactory()
    before = version()
    sent = {
        "name": "API", "group": group.pk, "position": 3, "showcase": "on", "start_date": "2026-01-01",
        "products": [product.pk],
    }  # fmt: skip
    assert console.post(f"{ADMIN}component/add/", sent).status_code == 302
    component = Component.objects.get()
    assert (component.group, list(component.products.all())) == (group, [product])
    assert version() > before


def test_an_edit_leaves_the_status_that_changed_meanwhile(
    console: Client, api: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = admin.site._registry[Component].get_form

    def meanwhile(*args: object, **kwargs: object) -> object:
        Component.objects.update(status=ComponentStatus.MAJOR)
        return original(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(admin.site._registry[Component], "get_form", meanwhile)
    sent = {"name": "The API", "position": 0, "showcase": "on", "start_date": "2026-01-01"}
    assert console.post(f"{ADMIN}component/{api.pk}/change/", sent).status_code == 302
    api.refresh_from_db()
    assert (api.name, api.status) == ("The API", ComponentStatus.MAJOR)


def test_components_are_put_in_order(console: Client, api: Component) -> None:
    web: Component = ComponentFactory(name="Web")
    before = version()
    sent = {
        "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "form-0-id": api.pk, "form-0-position": 5,
        "form-1-id": web.pk, "form-1-position": 1, "_save": "Save",
    }  # fmt: skip
    assert console.post(f"{ADMIN}component/", sent).status_code == 302
    assert list(Component.objects.in_order()) == [web, api]
    assert version() > before


def test_a_component_is_archived_and_never_deleted(console: Client, administrator: User, as_user: SignedIn) -> None:
    api: Component = ComponentFactory()
    before = version()
    console.post(f"{ADMIN}component/", {"action": "archive", "_selected_action": [api.pk]})
    api.refresh_from_db()
    assert api.archived_at is not None
    assert version() > before
    for client in (console, as_user(administrator)):
        assert client.post(f"{ADMIN}component/{api.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Component.objects.exists()


def test_groups_and_regions_are_published(console: Client) -> None:
    before = version()
    assert console.post(f"{ADMIN}componentgroup/add/", {"name": "Core", "position": 0}).status_code == 302
    assert console.post(f"{ADMIN}region/add/", {"name": "Europe", "slug": "eu", "position": 0}).status_code == 302
    region = Region.objects.get()
    sent = {"name": "Old Europe", "slug": "eu", "position": 0}
    assert console.post(f"{ADMIN}region/{region.pk}/change/", sent).status_code == 302
    assert Region.objects.get().name == "Old Europe"
    assert version() >= before + 3


def test_a_template_begins_as_its_kind_can(console: Client, api: Component) -> None:
    sent = {
        "name": "Slow", "kind": "incident", "title": "Slow", "body": "We look.", "status": "resolved",
        "component_status": "partial_outage", "components": [api.pk],
    }  # fmt: skip
    assert console.post(f"{ADMIN}incidenttemplate/add/", sent).status_code == 200
    assert not IncidentTemplate.objects.exists()
    assert console.post(f"{ADMIN}incidenttemplate/add/", sent | {"status": "identified"}).status_code == 302
    template = IncidentTemplate.objects.get()
    assert list(template.components.all()) == [api]
    console.post(f"{ADMIN}incidenttemplate/{template.pk}/delete/", {"post": "yes"})
    assert not IncidentTemplate.objects.exists()


def test_subscribers_are_looked_at_without_their_secrets(console: Client) -> None:
    subscriber = SubscriberFactory(components=[ComponentFactory()], regions=[RegionFactory()])
    text = console.get(f"{ADMIN}subscriber/{subscriber.pk}/change/").content.decode()
    assert subscriber.owner_email in text
    assert subscriber.token not in text
    assert console.post(f"{ADMIN}subscriber/{subscriber.pk}/change/", {}).status_code == 403
    assert console.get(f"{ADMIN}subscriber/add/").status_code == 403
