"""What an operator does at the console, from opening an incident to its postmortem."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.constants import Role
from accounts.models import User
from notifications.models import Delivery, Message
from status import incidents
from status.changes import By, Said
from status.constants import Act, ComponentStatus, Impact, Stage
from status.incidents import NewIncident
from status.models import Component, Incident, IncidentTemplate, IncidentUpdate, StatusEvent
from tests.cast import SignedIn, staff
from tests.factories.status import ComponentFactory, ComponentGroupFactory, RegionFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

ROOT = "/status/manage/"
OPEN = f"{ROOT}incidents/new/"


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


@pytest.fixture
def other_operator(db: None) -> User:
    return staff(Role.OPERATOR, "operator.two@portal.example", "Noor Haddad")


@pytest.fixture
def api() -> Component:
    component: Component = ComponentFactory(
        name="API", region=RegionFactory(name="Europe"), group=ComponentGroupFactory()
    )
    return component


@pytest.fixture
def web() -> Component:
    component: Component = ComponentFactory(name="Web")
    return component


def filled(*components: Component, **other: str) -> dict[str, object]:
    return {
        "token": str(uuid4()),
        "name": "Orders are late",
        "body": "We are **looking** into it.",
        "status": Stage.INVESTIGATING,
        "impact": "",
        "component_status": ComponentStatus.PARTIAL,
        "components": [one.pk for one in components],
        "deliver": "on",
        **other,
    }


def opened(operator: User, *components: Component, publish: bool = True) -> Incident:
    given = dict.fromkeys([one.pk for one in components], ComponentStatus.PARTIAL.value)
    new = NewIncident(name="Orders are late", body="We look.", components=given, publish=publish)
    return incidents.open_incident(by=By(operator), new=new)


def at(incident: Incident, path: str = "") -> str:
    return f"{ROOT}incidents/{incident.public_id}/{path}"


def seen(incident: Incident, **other: object) -> dict[str, object]:
    """What every form about an incident carries, as its page shows it now."""
    incident.refresh_from_db()
    last = incident.events.order_by("-id").values_list("pk", flat=True).first()
    return {"token": str(uuid4()), "version": incident.version, "seen": last or 0, **other}


def said(incident: Incident, status: str, **other: object) -> dict[str, object]:
    held = dict(incident.affected.values_list("component", "status"))
    rows: dict[str, object] = {"components": list(held)}
    for pk, given in held.items():
        rows |= {f"components-{pk}": given, f"components-was-{pk}": given}
    common = {"status": status, "body": "What is new.", "component_status": ComponentStatus.PARTIAL, "deliver": "on"}
    return seen(incident, **common, **rows) | other


# --- Opening ------------------------------------------------------------------------------------------------------


def test_an_incident_is_opened_on_two_components(console: Client, api: Component, web: Component) -> None:
    SubscriberFactory()
    sent = filled(api, web, **{f"components-{web.pk}": ComponentStatus.MAJOR})
    answer = console.post(OPEN, sent)
    incident = Incident.objects.get()
    assert answer["Location"] == at(incident)
    assert dict(incident.affected.values_list("component__name", "status")) == {
        "API": ComponentStatus.PARTIAL,
        "Web": ComponentStatus.MAJOR,
    }
    assert (incident.impact, incident.is_draft) == (Impact.CRITICAL, False)
    assert Delivery.objects.count() == 1
    api.refresh_from_db()
    assert api.status == ComponentStatus.PARTIAL


def test_the_same_form_sent_twice_makes_one_incident(console: Client, api: Component) -> None:
    SubscriberFactory()
    sent = filled(api)
    first = console.post(OPEN, sent)
    again = console.post(OPEN, sent, follow=True)
    assert again.redirect_chain == [(first["Location"], 302)]
    assert "This was sent already." in again.content.decode()
    assert (Incident.objects.count(), Delivery.objects.count()) == (1, 1)


def test_nobody_is_told_when_the_box_is_empty(console: Client, api: Component) -> None:
    SubscriberFactory()
    console.post(OPEN, filled(api, deliver=""))
    assert Incident.objects.get().updates.get().deliver_notifications is False
    assert not Message.objects.exists()


def test_a_preview_writes_nothing_and_keeps_what_was_typed(console: Client, api: Component, web: Component) -> None:
    SubscriberFactory.create_batch(3)
    SubscriberFactory(wants_everything=False, components=[web])
    page = console.post(OPEN, filled(api, preview="1"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "3 subscribers" in text
    assert "Orders are late" in text.split("console-subject")[1]
    assert 'value="Orders are late"' in text
    assert re.search(rf'value="{api.pk}"\s+checked', text)
    assert not Incident.objects.exists()
    assert not Message.objects.exists()


def test_a_preview_for_htmx_is_the_part_alone(console: Client, api: Component) -> None:
    text = console.post(OPEN, filled(api, preview="1"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "Nobody subscribes to this" in text


def test_a_preview_of_half_a_form_says_what_is_missing(console: Client, api: Component) -> None:
    page = console.post(OPEN, filled(api, preview="1", body=""), headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert "There is nothing to preview yet" in page.content.decode()


def test_the_operator_is_not_counted_among_those_who_are_told(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory(address=operator.email, user=operator)
    text = console.post(OPEN, filled(api, preview="1")).content.decode()
    assert "Nobody subscribes to this" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a" * 201},
        {"name": "Orders\0"},
        {"body": ""},
        {"body": "a" * 20_001},
        {"status": "resolved"},
        {"status": ""},
        {"impact": "maintenance"},
        {"components": ["999999999999999999999"]},
        {"components": ["x"]},
        {"component_status": "broken"},
        {"started_at": "9999-12-31T23:59"},
        {"started_at": "0001-01-01T00:00"},
        {"started_at": "tomorrow"},
        {"started_at": "2099-01-01T00:00"},
        {"token": "x"},
    ],
    ids=lambda wrong: next(f"{name}={str(value)[:12]!r}" for name, value in wrong.items()),
)
def test_what_makes_no_sense_comes_back_with_all_that_was_typed(
    wrong: dict[str, object], console: Client, api: Component
) -> None:
    page = console.post(OPEN, filled(api) | wrong)
    assert page.status_code == 422
    assert not Incident.objects.exists()
    if "body" not in wrong:
        assert "We are **looking** into it." in page.content.decode()


def test_a_component_that_has_gone_is_named(console: Client, api: Component) -> None:
    Component.objects.update(archived_at=timezone.now())
    page = console.post(OPEN, filled(api))
    assert page.status_code == 422
    assert "not in service any more" in page.content.decode()


def test_a_template_fills_title_text_and_components(console: Client, api: Component, web: Component) -> None:
    template = IncidentTemplate.objects.create(
        name="Slow", title="Everything is slow", body="We look.", component_status=ComponentStatus.DEGRADED
    )
    template.components.set([web])
    text = console.get(f"{OPEN}?template={template.pk}").content.decode()
    assert 'value="Everything is slow"' in text
    assert re.search(rf'value="{web.pk}"\s+checked', text)
    assert not re.search(rf'value="{api.pk}"\s+checked', text)
    assert re.search(r'value="degraded_performance" selected', text)


@pytest.mark.parametrize("template", ["999999", "x", "\0", "9" * 40])
def test_a_template_that_is_none_leaves_the_form_empty(template: str, console: Client) -> None:
    assert console.get(OPEN, {"template": template}).status_code == 200


# --- Drafts -------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_edited_published_once(console: Client, api: Component, web: Component) -> None:
    SubscriberFactory()
    console.post(OPEN, filled(api, draft="1"))
    incident = Incident.objects.get()
    assert (incident.is_draft, Message.objects.count()) == (True, 0)

    edited = filled(web) | seen(incident, name="Orders are very late")
    assert console.post(at(incident, "draft/"), edited).status_code == 302
    incident.refresh_from_db()
    assert incident.name == "Orders are very late"
    assert [row.component for row in incident.affected.all()] == [web]

    published = {"version": incident.version, "deliver": "on"}
    for _tap in range(2):
        assert console.post(at(incident, "publish/"), published).status_code == 302
    assert Delivery.objects.count() == 1
    assert StatusEvent.objects.filter(act=Act.OPENED).count() == 1


def test_a_draft_that_a_colleague_changed_is_not_published_unseen(
    console: Client, operator: User, other_operator: User, api: Component
) -> None:
    incident = opened(operator, api, publish=False)
    version = incident.version
    new = NewIncident(name="Payments are late", body="We look.")
    incidents.edit_draft(by=By(other_operator), public_id=incident.public_id, new=new)
    page = console.post(at(incident, "publish/"), {"version": version, "deliver": "on"})
    assert page.status_code == 409
    assert "Payments are late" in page.content.decode()
    incident.refresh_from_db()
    assert incident.is_draft


def test_a_draft_is_discarded(console: Client, operator: User, api: Component) -> None:
    incident = opened(operator, api, publish=False)
    assert console.post(at(incident, "discard/")).status_code == 302
    assert Incident.objects.get().status == Stage.CANCELLED
    assert console.post(at(incident, "publish/"), {"version": 2, "deliver": "on"}).status_code in {409, 422}


def test_what_is_published_is_not_discarded(console: Client, operator: User, api: Component) -> None:
    incident = opened(operator, api)
    assert console.post(at(incident, "discard/")).status_code == 422
    assert not Incident.objects.get().has_ended


# --- Updates ------------------------------------------------------------------------------------------------------


def test_the_next_status_is_chosen_beforehand(console: Client, operator: User, api: Component) -> None:
    incident = opened(operator, api)
    text = console.get(at(incident, "update/")).content.decode()
    assert re.search(r'name="status"[^>]* value="identified"[^>]* checked', text)
    assert "We have found the cause" in text


def test_an_update_changes_one_component_and_leaves_the_other(
    console: Client, operator: User, api: Component, web: Component
) -> None:
    incident = opened(operator, api, web)
    sent = said(incident, Stage.IDENTIFIED, **{f"components-{api.pk}": ComponentStatus.OPERATIONAL})
    assert console.post(at(incident, "update/"), sent)["Location"] == at(incident)
    update = incident.updates.first()
    assert update is not None
    assert [(one.component, one.new_status) for one in update.effects.all()] == [(api, ComponentStatus.OPERATIONAL)]


def test_an_update_takes_in_another_component(console: Client, operator: User, api: Component, web: Component) -> None:
    incident = opened(operator, api)
    sent = said(incident, Stage.IDENTIFIED, component_status=ComponentStatus.MAJOR)
    sent["components"] = [api.pk, web.pk]
    console.post(at(incident, "update/"), sent)
    web.refresh_from_db()
    assert web.status == ComponentStatus.MAJOR


def test_an_update_sent_twice_is_one(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = opened(operator, api)
    sent = said(incident, Stage.IDENTIFIED)
    console.post(at(incident, "update/"), sent)
    assert console.post(at(incident, "update/"), sent)["Location"] == at(incident)
    assert incident.updates.count() == 2
    assert Delivery.objects.count() == 2


def test_an_updates_preview_counts_those_whom_it_reaches(
    console: Client, operator: User, api: Component, web: Component
) -> None:
    incident = opened(operator, api)
    SubscriberFactory.create_batch(2)
    SubscriberFactory(wants_everything=False, components=[web])
    SubscriberFactory(wants_incidents=False, wants_components=True)
    same = said(incident, Stage.IDENTIFIED, preview="1")
    assert "2 subscribers" in console.post(at(incident, "update/"), same).content.decode()
    worse = same | {f"components-{api.pk}": ComponentStatus.MAJOR}
    assert "3 subscribers" in console.post(at(incident, "update/"), worse).content.decode()
    assert incident.updates.count() == 1


def test_the_preview_counts_exactly_those_who_are_then_told(
    console: Client, operator: User, api: Component, web: Component
) -> None:
    SubscriberFactory.create_batch(2)
    SubscriberFactory(wants_incidents=False, wants_components=True)
    SubscriberFactory(wants_everything=False, components=[web])
    incident = opened(operator, api)
    Delivery.objects.all().delete()
    sent = said(incident, Stage.RESOLVED)
    text = console.post(at(incident, "update/"), sent | {"preview": "1"}).content.decode()
    console.post(at(incident, "update/"), sent)
    assert "3 subscribers" in text
    assert Delivery.objects.count() == 3


def test_a_colleague_was_quicker_and_nothing_typed_is_lost(
    console: Client, operator: User, other_operator: User, api: Component, web: Component
) -> None:
    incident = opened(operator, api, web)
    sent = said(incident, Stage.IDENTIFIED, body="My own words.", **{f"components-{api.pk}": ComponentStatus.DEGRADED})
    theirs = Said(Stage.MONITORING, "A fix is in.", {web.pk: ComponentStatus.OPERATIONAL})
    incidents.post_update(by=By(other_operator), public_id=incident.public_id, said=theirs)

    page = console.post(at(incident, "update/"), sent)
    text = page.content.decode()
    assert page.status_code == 409
    assert "<strong>Noor Haddad</strong> posted an update: Monitoring" in text
    assert "A fix is in." in text
    assert "My own words." in text
    assert incident.updates.count() == 2

    # What the page shows is sent again as it stands: it goes through, and undoes nothing of the colleague's.
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version
    again = sent | {"version": version[1]}
    for pk in (api.pk, web.pk):
        chosen = re.search(rf'name="components-{pk}".*?<option value="(\w+)" selected', text, re.DOTALL)
        was = re.search(rf'name="components-was-{pk}" value="(\w+)"', text)
        assert chosen
        assert was
        again |= {f"components-{pk}": chosen[1], f"components-was-{pk}": was[1]}
    assert console.post(at(incident, "update/"), again).status_code == 302
    assert dict(incident.affected.values_list("component__name", "status")) == {
        "API": ComponentStatus.DEGRADED,
        "Web": ComponentStatus.OPERATIONAL,
    }


def test_one_tap_resolves_and_a_second_does_nothing(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = opened(operator, api)
    sent = seen(incident, status=Stage.RESOLVED)
    for _tap in range(2):
        assert console.post(at(incident, "move/"), sent)["Location"] == at(incident)
    incident.refresh_from_db()
    api.refresh_from_db()
    assert (incident.status, api.status) == (Stage.RESOLVED, ComponentStatus.OPERATIONAL)
    assert [update.body for update in incident.updates.all()] == ["This incident is resolved.", "We look."]
    assert Delivery.objects.count() == 2


def test_one_tap_on_an_old_page_does_nothing(
    console: Client, operator: User, other_operator: User, api: Component
) -> None:
    incident = opened(operator, api)
    sent = seen(incident, status=Stage.RESOLVED)
    theirs = Said(Stage.IDENTIFIED, "It is worse than we thought.", {})
    incidents.post_update(by=By(other_operator), public_id=incident.public_id, said=theirs)
    page = console.post(at(incident, "move/"), sent)
    assert page.status_code == 409
    assert "It is worse than we thought." in page.content.decode()
    incident.refresh_from_db()
    assert incident.status == Stage.IDENTIFIED


@pytest.mark.parametrize("status", [Stage.IN_PROGRESS, Stage.COMPLETED, "nonsense", ""])
def test_one_tap_to_where_it_cannot_go_is_refused(status: str, console: Client, operator: User) -> None:
    incident = opened(operator)
    assert console.post(at(incident, "move/"), seen(incident, status=status)).status_code == 422
    assert incident.updates.count() == 1


def test_a_resolved_incident_gets_a_postmortem(console: Client, operator: User, api: Component) -> None:
    incident = opened(operator, api)
    console.post(at(incident, "move/"), seen(incident, status=Stage.RESOLVED))
    assert "Write a postmortem" in console.get(at(incident)).content.decode()
    form = console.get(at(incident, "update/?status=postmortem")).content.decode()
    assert re.search(r'name="status"[^>]* value="postmortem"[^>]* checked', form)
    console.post(at(incident, "update/"), said(incident, Stage.POSTMORTEM, body="What we learned."))
    incident.refresh_from_db()
    assert incident.status == Stage.POSTMORTEM


def test_a_draft_gets_no_update(console: Client, operator: User) -> None:
    incident = opened(operator, publish=False)
    assert console.get(at(incident, "update/")).status_code == 409
    assert console.post(at(incident, "update/"), said(incident, Stage.IDENTIFIED)).status_code == 409


# --- Correcting ---------------------------------------------------------------------------------------------------


def test_title_and_start_are_corrected_and_nobody_is_told(console: Client, operator: User, api: Component) -> None:
    SubscriberFactory()
    incident = opened(operator, api)
    before = incident.started_at
    shown = f"{timezone.localtime(before):%Y-%m-%dT%H:%M}"
    kept = seen(
        incident,
        name="Orders were late",
        impact=Impact.MINOR,
        started_at=shown,
        **{"initial-name": "Orders are late", "initial-impact": Impact.MAJOR, "initial-started_at": shown},
    )
    assert console.post(at(incident, "edit/"), kept).status_code == 302
    incident.refresh_from_db()
    # A time that nobody touched keeps the seconds that the page does not show.
    assert (incident.name, incident.impact, incident.started_at) == ("Orders were late", Impact.MINOR, before)

    earlier = f"{timezone.localtime(before) - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    console.post(at(incident, "edit/"), kept | seen(incident) | {"started_at": earlier})
    incident.refresh_from_db()
    assert incident.started_at == (before - timedelta(hours=1)).replace(second=0, microsecond=0)
    assert Delivery.objects.count() == 1


def test_two_who_edit_both_keep_their_words(
    console: Client, operator: User, other_operator: User, api: Component
) -> None:
    incident = opened(operator, api)
    shown = f"{timezone.localtime(incident.started_at):%Y-%m-%dT%H:%M}"
    hidden = {"initial-name": incident.name, "initial-impact": incident.impact, "initial-started_at": shown}
    mine = seen(incident, name="My title", impact=incident.impact, started_at=shown, **hidden)
    incidents.edit_incident(
        by=By(other_operator), public_id=incident.public_id, name=incident.name, impact=Impact.CRITICAL
    )
    page = console.post(at(incident, "edit/"), mine)
    text = page.content.decode()
    assert page.status_code == 409
    assert "<strong>Noor Haddad</strong> edited it" in text
    assert 'value="My title"' in text
    assert '<option value="critical" selected>' in text


def test_an_updates_text_is_corrected(console: Client, operator: User, api: Component) -> None:
    incident = opened(operator, api)
    update = incident.updates.get()
    shown = f"{timezone.localtime(update.display_at):%Y-%m-%dT%H:%M}"
    url = f"{ROOT}updates/{update.public_id}/edit/"
    assert console.get(url).status_code == 200
    sent = seen(incident, body="Corrected.", display_at=shown, **{"initial-display_at": shown, "initial-body": "x"})
    assert console.post(url, sent)["Location"] == at(incident)
    after = IncidentUpdate.objects.get()
    assert (after.body, after.display_at) == ("Corrected.", update.display_at)
    stale = console.post(url, sent | {"body": "Mine."})
    assert stale.status_code == 409
    assert "Mine." in stale.content.decode()


def test_the_trail_names_who_did_what(console: Client, operator: User, other_operator: User, api: Component) -> None:
    incident = opened(other_operator, api)
    console.post(at(incident, "move/"), seen(incident, status=Stage.RESOLVED))
    text = console.get(at(incident)).content.decode()
    assert "<strong>Noor Haddad</strong> published it" in text
    assert "<strong>Olga Petrova</strong> posted an update: Resolved" in text


# --- Afterwards ---------------------------------------------------------------------------------------------------


def past(api: Component, **other: object) -> dict[str, object]:
    local = timezone.localtime()
    began, ended = local - timedelta(hours=5), local - timedelta(hours=3)
    return {
        "token": str(uuid4()),
        "name": "Mail was late",
        "impact": "",
        "component_status": ComponentStatus.MAJOR,
        "components": [api.pk],
        "u0-at": f"{began:%Y-%m-%dT%H:%M}",
        "u0-status": Stage.INVESTIGATING,
        "u0-body": "It began.",
        "u1-at": f"{ended:%Y-%m-%dT%H:%M}",
        "u1-status": Stage.RESOLVED,
        "u1-body": "It ended.",
        **{f"u{number}-status": Stage.RESOLVED for number in range(2, 8)},
        **other,
    }


def test_a_past_incident_is_entered_once_and_nobody_is_told(console: Client, api: Component) -> None:
    SubscriberFactory()
    sent = past(api)
    answer = console.post(f"{ROOT}incidents/past/", sent)
    incident = Incident.objects.get()
    assert answer["Location"] == at(incident)
    assert console.post(f"{ROOT}incidents/past/", sent)["Location"] == at(incident)
    assert Incident.objects.count() == 1
    assert (incident.is_backfilled, incident.status, incident.impact) == (True, Stage.RESOLVED, Impact.CRITICAL)
    assert [update.body for update in incident.updates.all()] == ["It ended.", "It began."]
    assert api.periods.get().status == ComponentStatus.MAJOR
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"u1-status": Stage.MONITORING},
        {"u0-at": "", "u0-body": "", "u1-at": "", "u1-body": ""},
        {"u1-at": "2020-01-01T00:00"},
        {"u1-body": ""},
        {"u0-at": "nonsense"},
        {"name": ""},
        {"components": ["7" * 30]},
    ],
    ids=["never ends", "no updates", "wrong order", "no text", "no time", "no title", "no component"],
)
def test_a_past_incident_that_makes_no_sense_is_not_entered(
    wrong: dict[str, object], console: Client, api: Component
) -> None:
    page = console.post(f"{ROOT}incidents/past/", past(api) | wrong)
    assert page.status_code == 422
    assert not Incident.objects.exists()
    if "u0-body" not in wrong:
        assert "It began." in page.content.decode()
