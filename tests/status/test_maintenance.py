"""Planned work: announced, reminded of, started and ended by itself, rescheduled, called off."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from accounts.models import User
from status import incidents, maintenance
from status.changes import By, Said
from status.constants import Act, ComponentStatus, Stage
from status.errors import StatusError
from status.maintenance import NewMaintenance, Plan
from status.models import Component, Incident, StatusEvent, StatusPeriod
from tests.factories.status import ComponentFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.get_default_timezone())
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def by(operator: User) -> By:
    return By(actor=operator)


@pytest.fixture
def api(db: None) -> Component:
    component: Component = ComponentFactory(name="API")
    return component


def planned(by: By, api: Component, **plan: object) -> Incident:
    fields = {"start": NOW + 30 * HOUR, "end": NOW + 32 * HOUR, **plan}
    new = NewMaintenance("Upgrade", "We upgrade the API.", Plan(**fields), [api.pk])  # type: ignore[arg-type]
    return maintenance.schedule(by=by, new=new)


def status_of(component: Component) -> str:
    return Component.objects.get(pk=component.pk).status


def stage() -> str:
    return Incident.objects.get().status


def test_a_plan_touches_nothing_until_it_begins(clock: time_machine.Traveller, by: By, api: Component) -> None:
    planned(by, api)
    assert status_of(api) == ComponentStatus.OPERATIONAL
    assert maintenance.start_due() == 0


def test_it_starts_and_ends_by_itself_and_restores_the_component(
    clock: time_machine.Traveller, by: By, api: Component
) -> None:
    planned(by, api)
    clock.move_to(NOW + 30 * HOUR)
    assert maintenance.start_due() == 1
    assert (stage(), status_of(api)) == (Stage.IN_PROGRESS, ComponentStatus.MAINTENANCE)
    assert maintenance.start_due() == 0
    assert maintenance.end_due() == 0
    clock.move_to(NOW + 32 * HOUR)
    assert maintenance.end_due() == 1
    assert maintenance.end_due() == 0
    assert (stage(), status_of(api)) == (Stage.COMPLETED, ComponentStatus.OPERATIONAL)


def test_what_starts_by_hand_waits_for_it(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api, starts_by_itself=False, ends_by_itself=False)
    clock.move_to(NOW + 40 * HOUR)
    assert (maintenance.start_due(), maintenance.end_due()) == (0, 0)
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.IN_PROGRESS, "We begin.", {}))
    assert maintenance.end_due() == 0
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.VERIFYING, "We check.", {}))
    assert status_of(api) == ComponentStatus.MAINTENANCE
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.COMPLETED, "Done.", {}))
    assert status_of(api) == ComponentStatus.OPERATIONAL


def test_rescheduling_raises_the_sequence_and_is_told_once(
    clock: time_machine.Traveller, by: By, api: Component
) -> None:
    incident = planned(by, api)
    later = Plan(start=NOW + 50 * HOUR, end=NOW + 51 * HOUR)
    maintenance.reschedule(by=by, public_id=incident.public_id, plan=later, body="A day later.")
    maintenance.reschedule(by=by, public_id=incident.public_id, plan=later, body="A day later.")
    incident.refresh_from_db()
    assert (incident.sequence, incident.scheduled_for) == (1, later.start)
    assert incident.updates.count() == 2
    clock.move_to(NOW + 30 * HOUR)
    assert maintenance.start_due() == 0
    clock.move_to(NOW + 50 * HOUR)
    assert maintenance.start_due() == 1


def test_the_same_plan_again_changes_nothing(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api)
    before = Incident.objects.values().get()
    same = Plan(start=NOW + 30 * HOUR, end=NOW + 32 * HOUR)
    clock.shift(HOUR)
    maintenance.reschedule(by=by, public_id=incident.public_id, plan=same, components=[api.pk])
    assert Incident.objects.values().get() == before
    maintenance.reschedule(by=by, public_id=incident.public_id, plan=same, components=[])
    assert not incident.affected.exists()
    assert sorted(StatusEvent.objects.values_list("act", flat=True)) == [Act.RESCHEDULED, Act.SCHEDULED]


def test_a_text_without_a_new_time_is_not_swallowed(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api)
    same = Plan(start=NOW + 30 * HOUR, end=NOW + 32 * HOUR, reminders=(30,))
    with pytest.raises(StatusError, match="update"):
        maintenance.reschedule(by=by, public_id=incident.public_id, plan=same, body="Bring a torch.")
    assert Incident.objects.get().reminders == incident.reminders


def test_a_corrected_time_of_the_beginning_corrects_history(
    clock: time_machine.Traveller, by: By, api: Component
) -> None:
    incident = planned(by, api, starts_by_itself=False)
    clock.move_to(NOW + 31 * HOUR)
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.IN_PROGRESS, "We begin.", {}))
    update = incident.updates.get(status=Stage.IN_PROGRESS)
    for began in (NOW + 30 * HOUR, NOW + 30.5 * HOUR):
        incidents.edit_update(by=by, update_id=update.public_id, body="We began.", display_at=began)
        assert StatusPeriod.objects.get(component=api).started_at == began
        assert Incident.objects.get().started_at == began


def test_called_off_it_never_starts(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api)
    maintenance.cancel(by=by, public_id=incident.public_id)
    clock.move_to(NOW + 31 * HOUR)
    assert maintenance.start_due() == 0
    incident.refresh_from_db()
    assert (incident.status, incident.sequence) == (Stage.CANCELLED, 1)
    assert status_of(api) == ComponentStatus.OPERATIONAL


def test_what_has_begun_is_not_called_off(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api)
    clock.move_to(NOW + 30 * HOUR)
    maintenance.start_due()
    with pytest.raises(StatusError):
        maintenance.cancel(by=by, public_id=incident.public_id)


def test_each_reminder_is_sent_once_for_a_plan(clock: time_machine.Traveller, by: By, api: Component) -> None:
    incident = planned(by, api, reminders=[24 * 60, 60])
    assert maintenance.remind_due() == 0
    clock.move_to(NOW + 6 * HOUR)
    assert maintenance.remind_due() == 1
    assert maintenance.remind_due() == 0
    clock.move_to(NOW + 29 * HOUR)
    assert maintenance.remind_due() == 1
    assert StatusEvent.objects.filter(incident=incident, act=Act.REMINDED).count() == 2


def test_who_was_just_told_is_not_reminded_of_it(clock: time_machine.Traveller, by: By, api: Component) -> None:
    planned(by, api, start=NOW + timedelta(minutes=50), end=NOW + 2 * HOUR, reminders=[60])
    assert maintenance.remind_due() == 0


def test_a_reminder_that_is_much_too_late_is_not_sent(clock: time_machine.Traveller, by: By, api: Component) -> None:
    planned(by, api, reminders=[24 * 60])
    clock.move_to(NOW + 8 * HOUR)
    assert maintenance.remind_due() == 0


def test_one_that_cannot_begin_does_not_hold_up_the_next(
    clock: time_machine.Traveller, by: By, api: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _sound = planned(by, api), planned(by, api)
    post = incidents.post_update

    def fails(**arguments: Any) -> Any:
        if arguments["public_id"] == broken.public_id:
            raise RuntimeError("broken")
        return post(**arguments)

    monkeypatch.setattr(incidents, "post_update", fails)
    clock.move_to(NOW + 30 * HOUR)
    assert maintenance.start_due() == 1


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"end": NOW + 29 * HOUR}, id="ends-before-start"),
        pytest.param({"end": NOW + 3000 * HOUR}, id="too-long"),
        pytest.param({"start": NOW - 3 * HOUR, "end": NOW - HOUR}, id="over"),
        pytest.param({"start": NOW + timedelta(days=900), "end": NOW + timedelta(days=901)}, id="too-far"),
        pytest.param({"reminders": [0]}, id="no-reminder"),
        pytest.param({"reminders": [1, 2, 3, 4, 5]}, id="too-many"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(
    clock: time_machine.Traveller, by: By, api: Component, plan: dict[str, object]
) -> None:
    with pytest.raises(StatusError):
        planned(by, api, **plan)


@pytest.mark.django_db(transaction=True)
def test_beats_that_run_at_once_start_it_once() -> None:
    component = ComponentFactory()
    start = timezone.now() - timedelta(minutes=1)
    new = NewMaintenance("Upgrade", "Now.", Plan(start=start, end=start + HOUR), [component.pk])
    incident = maintenance.schedule(by=By(), new=new)
    started: list[int] = []

    def beat() -> None:
        try:
            started.append(maintenance.start_due())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=beat) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [0] * 7 + [1]
    assert incident.updates.count() == 2
