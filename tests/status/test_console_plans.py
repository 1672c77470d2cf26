"""Maintenance at the console: scheduled, moved, begun, completed, called off."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.constants import Role
from accounts.models import User
from notifications.models import Delivery, Message
from status import maintenance
from status.changes import By
from status.constants import ComponentStatus, Stage
from status.maintenance import NewMaintenance, Plan
from status.models import Component, Incident, IncidentTemplate
from tests.cast import SignedIn, staff
from tests.factories.status import ComponentFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

ROOT = "/status/manage/"
NEW = f"{ROOT}maintenance/new/"


@pytest.fixture
def operator(operator: User) -> User:
    """One whose clock is not the server's."""
    User.objects.filter(pk=operator.pk).update(time_zone="Asia/Kolkata")
    return User.objects.get(pk=operator.pk)


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


@pytest.fixture
def other_operator(db: None) -> User:
    return staff(Role.OPERATOR, "operator.two@portal.example", "Noor Haddad")


@pytest.fixture
def api() -> Component:
    component: Component = ComponentFactory(name="API")
    return component


def start_of(days: int = 2) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


def local(moment: datetime | None, operator: User) -> str:
    assert moment
    return f"{moment.astimezone(operator.zone):%Y-%m-%dT%H:%M}"


def filled(operator: User, *components: Component, **other: object) -> dict[str, object]:
    start = start_of()
    return {
        "token": str(uuid4()),
        "name": "New disks",
        "body": "We put in **new** disks.",
        "start": local(start, operator),
        "end": local(start + timedelta(hours=2), operator),
        "starts_by_itself": "on",
        "reminders": ["60"],
        "components": [one.pk for one in components],
        "deliver": "on",
        **other,
    }


def scheduled(operator: User, *components: Component) -> Incident:
    # With seconds, as the API may: the page shows minutes.
    start = start_of() + timedelta(seconds=17)
    plan = Plan(start, start + timedelta(hours=2), reminders=[90])
    new = NewMaintenance(name="New disks", body="Disks.", plan=plan, components=[one.pk for one in components])
    return maintenance.schedule(by=By(operator), new=new)


def at(incident: Incident, path: str = "") -> str:
    return f"{ROOT}incidents/{incident.public_id}/{path}"


def replanned(incident: Incident, operator: User, **other: object) -> dict[str, object]:
    incident.refresh_from_db()
    start, end = local(incident.scheduled_for, operator), local(incident.scheduled_until, operator)
    last = incident.events.order_by("-id").values_list("pk", flat=True).first()
    return {
        "version": incident.version,
        "seen": last or 0,
        "start": start,
        "initial-start": start,
        "end": end,
        "initial-end": end,
        "starts_by_itself": "on",
        "ends_by_itself": "on",
        "reminders": incident.reminders,
        "components": list(incident.components.values_list("pk", flat=True)),
        "body": "",
        "deliver": "on",
        **other,
    }


def test_maintenance_is_announced_in_the_operators_time(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    assert "Asia/Kolkata" in console.get(NEW).content.decode()
    sent = filled(operator, api)
    answer = console.post(NEW, sent)
    incident = Incident.objects.get()
    assert answer["Location"] == at(incident)
    assert (incident.scheduled_for, incident.scheduled_until) == (start_of(), start_of() + timedelta(hours=2))
    assert (incident.starts_by_itself, incident.ends_by_itself, incident.reminders) == (True, False, [60])
    assert console.post(NEW, sent)["Location"] == at(incident)
    assert (Incident.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_preview_names_the_time_and_the_readers(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    SubscriberFactory(wants_maintenance=False)
    page = console.post(NEW, filled(operator, api, preview="1"))
    assert page.status_code == 200
    assert "1 subscriber<" in page.content.decode()
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": ""},
        {"end": "2020-01-01T00:00"},
        {"start": "2090-01-01T00:00", "end": "2090-01-01T02:00"},
        {"end": "2099-01-01T00:00"},
        {"start": "9999-12-31T23:59", "end": "9999-12-31T23:59"},
        {"reminders": ["61"]},
        {"reminders": ["x"]},
        {"name": ""},
        {"body": "\0"},
        {"components": ["-1"]},
    ],
    ids=["no start", "over", "too far", "too long", "end of time", "61", "x", "no title", "nul", "no component"],
)
def test_a_plan_that_makes_no_sense_comes_back(
    wrong: dict[str, object], console: Client, operator: User, api: Component
) -> None:
    page = console.post(NEW, filled(operator, api) | wrong)
    assert page.status_code == 422
    assert not Incident.objects.exists()


def test_a_template_fills_the_plan(console: Client, api: Component) -> None:
    template = IncidentTemplate.objects.create(name="Disks", kind="maintenance", title="New disks", body="Disks.")
    template.components.set([api])
    text = console.get(f"{NEW}?template={template.pk}").content.decode()
    assert 'value="New disks"' in text
    assert re.search(rf'value="{api.pk}"\s+checked', text)


def test_a_plan_is_moved_and_both_times_are_told(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = scheduled(operator, api)
    later = start_of(3)
    sent = replanned(incident, operator, start=local(later, operator), end=local(later + timedelta(hours=1), operator))
    shown = console.post(at(incident, "plan/"), sent | {"preview": "1"}).content.decode()
    assert "Rescheduled" in shown
    assert console.post(at(incident, "plan/"), sent)["Location"] == at(incident)
    incident.refresh_from_db()
    assert (incident.scheduled_for, incident.sequence) == (later, 1)
    assert Delivery.objects.count() == 2
    # A second tap finds it done.
    assert console.post(at(incident, "plan/"), sent)["Location"] == at(incident)
    assert Delivery.objects.count() == 2


def test_the_same_plan_again_tells_nobody(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = scheduled(operator, api)
    before = incident.scheduled_for
    sent = replanned(incident, operator)
    assert "Nobody is told" in console.post(at(incident, "plan/"), sent | {"preview": "1"}).content.decode()
    assert console.post(at(incident, "plan/"), sent).status_code == 302
    incident.refresh_from_db()
    assert (incident.scheduled_for, incident.reminders, incident.sequence) == (before, [90], 0)
    assert Delivery.objects.count() == 1


def test_a_colleague_moved_it_first(console: Client, operator: User, other_operator: User, api: Component) -> None:
    incident = scheduled(operator, api)
    sent = replanned(incident, operator, body="My words.")
    theirs = Plan(start_of(5), start_of(5) + timedelta(hours=4))
    maintenance.reschedule(by=By(other_operator), public_id=incident.public_id, plan=theirs)
    page = console.post(at(incident, "plan/"), sent)
    text = page.content.decode()
    assert page.status_code == 409
    assert "<strong>Noor Haddad</strong> changed the plan" in text
    assert "My words." in text
    # What was left alone is the colleague's now.
    assert f'value="{local(theirs.start, operator)}"' in text


def test_a_maintenance_is_begun_and_completed_by_one_tap_each(console: Client, operator: User, api: Component) -> None:
    incident = scheduled(operator, api)
    for status, given in (
        (Stage.IN_PROGRESS, ComponentStatus.MAINTENANCE),
        (Stage.COMPLETED, ComponentStatus.OPERATIONAL),
    ):
        incident.refresh_from_db()
        sent = {"token": str(uuid4()), "version": incident.version, "status": status}
        assert console.post(at(incident, "move/"), sent).status_code == 302
        incident.refresh_from_db()
        api.refresh_from_db()
        assert (incident.status, api.status) == (status, given)


def test_a_maintenance_under_way_is_neither_moved_nor_called_off(console: Client, operator: User) -> None:
    incident = scheduled(operator)
    sent = {"token": str(uuid4()), "version": incident.version, "status": Stage.IN_PROGRESS}
    console.post(at(incident, "move/"), sent)
    for path in ("plan/", "cancel/"):
        assert console.get(at(incident, path)).status_code == 409
        assert console.post(at(incident, path), replanned(incident, operator)).status_code == 409
    incident.refresh_from_db()
    assert incident.status == Stage.IN_PROGRESS


def test_a_maintenance_is_called_off(console: Client, operator: User, other_operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = scheduled(operator, api)
    stale = {"version": incident.version - 1, "seen": 0, "body": "We need no disks.", "deliver": "on"}
    again = console.post(at(incident, "cancel/"), stale)
    assert again.status_code == 409
    assert "We need no disks." in again.content.decode()

    sent = stale | {"version": incident.version}
    assert "1 subscriber<" in console.post(at(incident, "cancel/"), sent | {"preview": "1"}).content.decode()
    assert console.post(at(incident, "cancel/"), sent)["Location"] == at(incident)
    incident.refresh_from_db()
    assert incident.status == Stage.CANCELLED
    assert Message.objects.filter(context__act="cancelled").count() == 1


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_refused(
    console: Client, operator: User, as_user: SignedIn
) -> None:
    User.objects.filter(pk=operator.pk).update(time_zone="Europe/Vienna")
    twice = {"start": "2027-10-31T02:30", "end": "2027-10-31T04:00"}
    assert console.post(NEW, filled(operator) | twice).status_code == 302
    planned = Incident.objects.get()
    assert planned.scheduled_for
    assert planned.scheduled_for.isoformat() == "2027-10-31T00:30:00+00:00"
    never = {"start": "2027-03-28T02:30", "end": "2027-03-28T04:00"}
    assert console.post(NEW, filled(operator) | never).status_code == 422
