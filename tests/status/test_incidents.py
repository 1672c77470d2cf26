"""Opening, updating, correcting: what incidents do to components, and what is left of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from notifications.models import Message
from status import components, incidents
from status.changes import By, Said
from status.constants import Act, ComponentStatus, Impact, Origin, Stage
from status.errors import Changed, StatusError
from status.incidents import NewIncident
from status.models import Component, Incident, Publication, StatusEvent, StatusPeriod
from tests.factories.status import ComponentFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

PARTIAL, MAJOR, UP = ComponentStatus.PARTIAL.value, ComponentStatus.MAJOR.value, ComponentStatus.OPERATIONAL.value
AGO = timedelta(hours=3)


@pytest.fixture
def by(operator: User) -> By:
    return By(actor=operator)


@pytest.fixture
def api(db: None) -> Component:
    component: Component = ComponentFactory(name="API")
    return component


@pytest.fixture
def web(db: None) -> Component:
    component: Component = ComponentFactory(name="Web")
    return component


def opened(by: By, **fields: object) -> Incident:
    new = NewIncident(**{"name": "Calls fail", "body": "We look into it.", **fields})  # type: ignore[arg-type]
    return incidents.open_incident(by=by, new=new)


def say(by: By, incident: Incident, status: str, *, body: str = "News.", **components_now: str) -> None:
    statuses = {Component.objects.get(name=name).pk: status_now for name, status_now in components_now.items()}
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(status, body, statuses))


def status_of(component: Component) -> str:
    return Component.objects.get(pk=component.pk).status


def periods(component: Component) -> list[tuple[str, bool]]:
    rows = StatusPeriod.objects.filter(component=component).order_by("started_at")
    return [(row.status, row.ended_at is None) for row in rows]


def test_opening_sets_components_and_the_impact_of_the_worst(by: By, api: Component, web: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR, web.pk: PARTIAL})
    assert (status_of(api), status_of(web)) == (MAJOR, PARTIAL)
    assert Incident.objects.get().impact == Impact.CRITICAL
    assert StatusEvent.objects.get(incident=incident).act == Act.OPENED


def test_resolving_restores_components(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    say(by, incident, Stage.RESOLVED)
    assert status_of(api) == UP
    assert periods(api) == [(MAJOR, False)]
    effects = Incident.objects.get().updates.first().effects.all()  # type: ignore[union-attr]
    assert [(one.old_status, one.new_status) for one in effects] == [(MAJOR, UP)]


def test_what_another_incident_holds_stays_when_one_is_resolved(by: By, api: Component) -> None:
    first = opened(by, components={api.pk: MAJOR})
    opened(by, name="Slow as well", components={api.pk: PARTIAL})
    say(by, first, Stage.RESOLVED)
    assert status_of(api) == PARTIAL


def test_a_resolution_does_not_tell_that_a_component_works_which_another_incident_holds(
    by: By, api: Component, web: Component
) -> None:
    first = opened(by, components={api.pk: MAJOR, web.pk: MAJOR})
    opened(by, name="Slow as well", components={api.pk: PARTIAL})
    SubscriberFactory()
    say(by, first, Stage.RESOLVED)
    context = Message.objects.get(kind="status.incident", deliveries__isnull=False).context
    assert dict(context["components"]) == {api.pk: PARTIAL, web.pk: UP}


def test_an_update_changes_the_components_that_it_names_only(by: By, api: Component, web: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR, web.pk: MAJOR})
    say(by, incident, Stage.MONITORING, API=PARTIAL)
    assert (status_of(api), status_of(web)) == (PARTIAL, MAJOR)
    assert Incident.objects.get().monitoring_at is not None


def test_a_resolved_incident_that_returns_gives_components_what_it_gave_them(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    say(by, incident, Stage.RESOLVED)
    say(by, incident, Stage.INVESTIGATING, body="It is back.")
    assert status_of(api) == MAJOR
    assert Incident.objects.get().resolved_at is None
    say(by, incident, Stage.RESOLVED)
    say(by, incident, Stage.POSTMORTEM, body="What we learned.")
    assert status_of(api) == UP


def test_a_title_cannot_hide_what_it_says(by: By) -> None:
    assert opened(by, name="All\x1b is \u202ellew\n now").name == "All is llew now"


def test_a_draft_affects_nothing_until_it_is_published(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, publish=False)
    version = Publication.objects.get().version if Publication.objects.exists() else 0
    assert status_of(api) == UP
    incidents.publish_draft(by=by, public_id=incident.public_id)
    incidents.publish_draft(by=by, public_id=incident.public_id)
    assert status_of(api) == MAJOR
    assert Publication.objects.get().version == version + 1
    assert StatusEvent.objects.filter(act=Act.OPENED).count() == 1


def test_a_discarded_draft_cannot_be_published(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, publish=False)
    incidents.discard_draft(by=by, public_id=incident.public_id)
    with pytest.raises(StatusError):
        incidents.publish_draft(by=by, public_id=incident.public_id)
    assert status_of(api) == UP


def test_a_draft_that_is_edited_opens_as_it_was_last_written(by: By, api: Component, web: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, publish=False)
    new = NewIncident(name="Web only", body="It is the web.", components={web.pk: PARTIAL})
    incidents.edit_draft(by=by, public_id=incident.public_id, new=new)
    incidents.publish_draft(by=by, public_id=incident.public_id)
    assert (status_of(api), status_of(web)) == (UP, PARTIAL)


def test_a_draft_that_goes_back_is_not_monitored(by: By) -> None:
    incident = opened(by, status=Stage.MONITORING, publish=False)
    told = incident.updates.get().display_at
    for status, monitored in ((Stage.INVESTIGATING, None), (Stage.MONITORING, told)):
        new = NewIncident(name="Calls fail", body="We look into it.", status=status)
        incidents.edit_draft(by=by, public_id=incident.public_id, new=new)
        assert Incident.objects.get().monitoring_at == monitored


def test_without_a_start_an_incident_begins_as_it_is_told_and_moves_with_that(by: By) -> None:
    incident = opened(by)
    update = incident.updates.get()
    assert incident.started_at == update.display_at
    earlier = update.display_at - AGO
    later = earlier + AGO / 2
    for at in (earlier, later):
        incidents.edit_update(by=by, update_id=update.public_id, body="We look into it.", display_at=at)
        assert Incident.objects.get().started_at == at


def test_the_same_key_opens_one_incident(by: By, api: Component) -> None:
    first = opened(by, components={api.pk: MAJOR}, origin_key="alert:1")
    assert opened(by, components={api.pk: MAJOR}, origin_key="alert:1") == first
    assert Incident.objects.count() == 1


def test_the_same_key_posts_one_update(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    said = Said(Stage.IDENTIFIED, "Found.", {}, origin_key="form:1")
    first = incidents.post_update(by=by, public_id=incident.public_id, said=said)
    assert incidents.post_update(by=by, public_id=incident.public_id, said=said) == first
    assert incident.updates.count() == 2


def test_a_colleagues_change_is_named_not_overwritten(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    version = Incident.objects.get().version
    say(by, incident, Stage.IDENTIFIED)
    with pytest.raises(Changed):
        incidents.post_update(
            by=by, public_id=incident.public_id, said=Said(Stage.RESOLVED, "Over.", {}), version=version
        )
    assert status_of(api) == MAJOR


@pytest.mark.parametrize("status", [Stage.SCHEDULED, Stage.COMPLETED, Stage.POSTMORTEM, "nonsense"])
def test_an_open_incident_cannot_go_where_the_table_of_moves_does_not_lead(by: By, api: Component, status: str) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    with pytest.raises(StatusError):
        say(by, incident, status)


def test_what_goes_out_of_service_in_an_incident_can_still_be_restored(by: By, api: Component, web: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    components.archive(by=by, public_id=api.public_id)
    say(by, incident, Stage.MONITORING, API=UP)
    assert status_of(api) == UP
    components.archive(by=by, public_id=web.public_id)
    with pytest.raises(StatusError):
        say(by, incident, Stage.MONITORING, Web=MAJOR)


def test_who_does_not_operate_the_site_opens_nothing(engineer: User, api: Component) -> None:
    with pytest.raises(PermissionDenied):
        opened(By(actor=engineer), components={api.pk: MAJOR})
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": " \0 "}, id="no-title"),
        pytest.param({"name": "x" * 201}, id="long-title"),
        pytest.param({"body": "\0\n"}, id="no-text"),
        pytest.param({"body": "x" * 20_001}, id="long-text"),
        pytest.param({"components": {987654321: "major_outage"}}, id="no-component"),
        pytest.param({"started_at": timezone.now() + timedelta(days=30_000)}, id="future"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(by: By, fields: dict[str, object]) -> None:
    with pytest.raises(StatusError) as refused:
        opened(by, **fields)
    assert str(refused.value)
    assert not Incident.objects.exists()


def test_an_earlier_start_lengthens_the_outage(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR})
    began = timezone.now() - AGO
    incidents.edit_incident(
        by=by, public_id=incident.public_id, name="Calls fail", impact=Impact.CRITICAL, started_at=began
    )
    assert StatusPeriod.objects.get(component=api).started_at == began


def test_a_later_start_shortens_the_outage(by: By, api: Component) -> None:
    now = timezone.now()
    told = [
        Said(Stage.INVESTIGATING, "It began.", {api.pk: MAJOR}, at=now - AGO),
        Said(Stage.RESOLVED, "Over.", {}, at=now),
    ]
    incident = incidents.backfill(by=by, name="Calls fail", updates=told)
    incidents.edit_incident(
        by=by, public_id=incident.public_id, name="Calls fail", impact=Impact.CRITICAL, started_at=now - AGO / 2
    )
    assert StatusPeriod.objects.get(component=api).started_at == now - AGO / 2


def test_a_start_that_is_known_by_the_first_update_alone_moves_with_it(by: By, api: Component) -> None:
    now = timezone.now()
    told = [
        Said(Stage.INVESTIGATING, "It began.", {api.pk: MAJOR}, at=now - AGO),
        Said(Stage.RESOLVED, "Over.", {}, at=now),
    ]
    incident = incidents.backfill(by=by, name="Calls fail", updates=told)
    first = incident.updates.last()
    assert first is not None
    for moved in (now - 2 * AGO, now - AGO / 2):
        incidents.edit_update(by=by, update_id=first.public_id, body="It began.", display_at=moved)
        assert Incident.objects.get().started_at == moved
        assert StatusPeriod.objects.get(component=api).started_at == moved


def test_a_corrected_end_leaves_updates_in_their_order(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, started_at=timezone.now() - AGO)
    say(by, incident, Stage.IDENTIFIED, API=PARTIAL)
    say(by, incident, Stage.RESOLVED)
    ended = timezone.now() - AGO / 2
    incidents.edit_incident(by=by, public_id=incident.public_id, name="Calls fail", impact="", resolved_at=ended)
    assert [one.status for one in incident.updates.all()] == [Stage.RESOLVED, Stage.IDENTIFIED, Stage.INVESTIGATING]
    assert StatusPeriod.objects.latest("started_at").ended_at == ended


def test_a_corrected_end_moves_the_end_of_the_outage(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, started_at=timezone.now() - AGO)
    say(by, incident, Stage.RESOLVED)
    ended = timezone.now() - timedelta(hours=1)
    incidents.edit_incident(
        by=by, public_id=incident.public_id, name="Calls fail", impact=Impact.CRITICAL, resolved_at=ended
    )
    period = StatusPeriod.objects.get(component=api)
    assert period.ended_at == ended
    assert status_of(api) == UP


def test_a_corrected_time_of_an_update_moves_what_it_said(by: By, api: Component) -> None:
    incident = opened(by, components={api.pk: MAJOR}, started_at=timezone.now() - AGO)
    say(by, incident, Stage.IDENTIFIED, API=PARTIAL)
    second, first = incident.updates.all()
    better = timezone.now() - timedelta(hours=1)
    with pytest.raises(StatusError, match="order"):
        incidents.edit_update(by=by, update_id=second.public_id, body="Some calls work.", display_at=better)
    incidents.edit_update(by=by, update_id=first.public_id, body="We look into it.", display_at=better - AGO)
    incidents.edit_update(by=by, update_id=second.public_id, body="Some calls work.", display_at=better)
    assert Incident.objects.get().started_at == better - AGO
    assert list(StatusPeriod.objects.order_by("started_at").values_list("status", "ended_at")) == [
        (MAJOR, better),
        (PARTIAL, None),
    ]


def test_an_incident_entered_afterwards_makes_history_and_leaves_the_present(by: By, api: Component) -> None:
    opened(by, components={api.pk: PARTIAL})
    now = timezone.now()
    told = [
        Said(Stage.INVESTIGATING, "It began.", {api.pk: MAJOR}, at=now - timedelta(days=9, hours=2)),
        Said(Stage.RESOLVED, "It ended.", {}, at=now - timedelta(days=9)),
    ]
    incident = incidents.backfill(by=by, name="Last week", updates=told)
    assert status_of(api) == PARTIAL
    assert periods(api) == [(MAJOR, False), (PARTIAL, True)]
    assert incident.is_backfilled
    assert incident.status == Stage.RESOLVED


def test_an_incident_entered_afterwards_must_be_over(by: By, api: Component) -> None:
    said = Said(Stage.INVESTIGATING, "It began.", {api.pk: MAJOR}, at=timezone.now())
    with pytest.raises(StatusError):
        incidents.backfill(by=by, name="Still on", updates=[said])


def test_a_component_set_by_hand_stays_when_an_incident_ends(by: By, api: Component) -> None:
    components.set_status(by=by, public_id=api.public_id, status=ComponentStatus.DEGRADED)
    incident = opened(by, components={api.pk: MAJOR})
    say(by, incident, Stage.RESOLVED)
    assert status_of(api) == ComponentStatus.DEGRADED
    components.set_status(by=by, public_id=api.public_id, status=UP)
    assert status_of(api) == UP


def test_setting_what_is_set_already_changes_nothing(by: By, api: Component) -> None:
    components.set_status(by=by, public_id=api.public_id, status=PARTIAL)
    version = Publication.objects.get().version
    components.set_status(by=by, public_id=api.public_id, status=PARTIAL)
    assert Publication.objects.get().version == version
    assert StatusEvent.objects.count() == 1


def test_the_portal_itself_needs_no_person(api: Component) -> None:
    incident = opened(By(origin=Origin.PROBE), components={api.pk: MAJOR})
    assert incident.origin == Origin.PROBE
    assert StatusEvent.objects.get().actor is None


def test_events_are_never_changed(by: By, api: Component) -> None:
    opened(by, components={api.pk: MAJOR})
    with pytest.raises(DatabaseError), transaction.atomic():
        StatusEvent.objects.update(act=Act.EDITED)


def test_a_hundred_components_take_as_many_statements_as_two(
    by: By, django_assert_max_num_queries: object, api: Component, web: Component
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    many = {one.pk: MAJOR for one in ComponentFactory.create_batch(100)}
    with CaptureQueriesContext(connection) as few_statements:
        opened(by, components={api.pk: MAJOR, web.pk: PARTIAL})
    with CaptureQueriesContext(connection) as many_statements:
        opened(by, name="All", components=many)
    assert len(many_statements) <= len(few_statements) + 1
