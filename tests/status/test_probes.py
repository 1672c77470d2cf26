"""Probes: asked once a turn, counted in a row, and an incident at the threshold that people can take over."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from lib.probing import Reason, Result
from notifications.models import Delivery
from status import automation, components, incidents, probe_tasks, probing
from status.changes import By, Said
from status.errors import StatusError
from status.models import Component, Incident, Opening, Probe, StatusEvent
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.status.test_api_idempotency import at_once

GOOD = Result(ok=True, reason=Reason.OK, milliseconds=12, status=200)
BAD = Result(ok=False, reason=Reason.STATUS, milliseconds=34, status=503)
NOW = timezone.now


@pytest.fixture
def component(db: None) -> Component:
    component: Component = ComponentFactory(name="API")
    return component


@pytest.fixture
def probe(component: Component) -> Probe:
    return Probe.objects.create(
        component=component,
        target="https://api.example/health",
        opening=Opening.PUBLIC,
        failure_threshold=3,
        recovery_threshold=2,
    )


def find(probe: Probe, *results: Result) -> Probe:
    """Let the probe take a turn for each result."""
    for result in results:
        Probe.objects.filter(pk=probe.pk).update(next_at=NOW())
        (claimed,) = probing.take()
        assert probing.record(probe_id=claimed.pk, claim=claimed.claim, result=result)
    return Probe.objects.get(pk=probe.pk)


def status_of(component: Component) -> str:
    return Component.objects.get(pk=component.pk).status


# --- Thresholds -------------------------------------------------------------------------------------------------


def test_failures_in_a_row_open_one_incident_and_good_answers_in_a_row_resolve_it(
    probe: Probe, component: Component
) -> None:
    SubscriberFactory()
    assert find(probe, BAD, BAD).state == "unknown"
    assert not Incident.objects.exists()

    assert find(probe, BAD, BAD, BAD).state == "down"
    incident = Incident.objects.get()
    assert (incident.name, incident.impact, incident.origin) == ("API does not answer", "critical", "probe")
    assert status_of(component) == "major_outage"

    assert find(probe, GOOD).state == "down"
    assert find(probe, GOOD).state == "up"
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert status_of(component) == "operational"
    assert Delivery.objects.count() == 2


def test_failures_with_a_good_answer_between_are_no_outage(probe: Probe) -> None:
    found = find(probe, BAD, BAD, GOOD, BAD, BAD, GOOD)

    assert found.state == "up"
    assert not Incident.objects.exists()


def test_good_answers_with_a_failure_between_are_no_recovery(probe: Probe) -> None:
    assert find(probe, BAD, BAD, BAD, GOOD, BAD, GOOD).state == "down"
    assert Incident.objects.get().resolved_at is None


def test_failing_anew_is_another_incident(probe: Probe) -> None:
    find(probe, BAD, BAD, BAD, GOOD, GOOD, BAD, BAD, BAD)

    assert sorted(Incident.objects.values_list("status", flat=True)) == ["investigating", "resolved"]


def test_what_was_found_is_kept(probe: Probe) -> None:
    found = find(probe, BAD)

    assert (found.reason, found.http_status, found.milliseconds, found.failures) == ("status", 503, 34, 1)
    assert found.checked_at is not None


def test_own_words_are_used(probe: Probe) -> None:
    Probe.objects.update(title="Sign-in is down", body="We know.", status="partial_outage", impact="minor")

    find(probe, BAD, BAD, BAD)

    incident = Incident.objects.get()
    assert (incident.name, incident.impact) == ("Sign-in is down", "minor")
    assert incident.updates.get().body == "We know."


# --- Drafts and people ------------------------------------------------------------------------------------------


def test_a_probe_may_only_be_looked_at(probe: Probe, component: Component) -> None:
    Probe.objects.update(opening=Opening.NONE)

    assert find(probe, BAD, BAD, BAD).state == "down"
    assert find(probe, GOOD, GOOD).state == "up"
    assert not Incident.objects.exists()
    assert status_of(component) == "operational"


def test_a_draft_tells_nobody_and_goes_with_its_cause(probe: Probe, component: Component) -> None:
    SubscriberFactory()
    Probe.objects.update(opening=Opening.DRAFT)

    find(probe, BAD, BAD, BAD)
    assert Incident.objects.get().is_draft
    assert status_of(component) == "operational"

    find(probe, GOOD, GOOD)
    assert Incident.objects.get().status == "cancelled"
    assert Delivery.objects.count() == 0


def test_what_an_operator_has_taken_over_is_left_to_them_with_a_note(probe: Probe, operator: User) -> None:
    find(probe, BAD, BAD, BAD)
    incident = Incident.objects.get()
    incidents.post_update(by=By(operator), public_id=incident.public_id, said=Said("identified", "The disk.", {}))

    found = find(probe, GOOD, GOOD)

    incident.refresh_from_db()
    assert (incident.status, incident.updates.count()) == ("identified", 2)
    assert found.state == "up"
    assert [note.text for note in automation.notes(incident)] == ["https://api.example/health answers again."]


def test_while_that_goes_on_a_new_failure_opens_no_second_incident(probe: Probe, operator: User) -> None:
    find(probe, BAD, BAD, BAD)
    incident = Incident.objects.get()
    incidents.post_update(by=By(operator), public_id=incident.public_id, said=Said("identified", "The disk.", {}))

    find(probe, GOOD, GOOD, BAD, BAD, BAD)

    assert Incident.objects.count() == 1
    assert automation.notes(incident) == []


def test_what_an_operator_has_resolved_stays_resolved(probe: Probe, operator: User) -> None:
    find(probe, BAD, BAD, BAD)
    incident = Incident.objects.get()
    incidents.post_update(by=By(operator), public_id=incident.public_id, said=Said("resolved", "A false alarm.", {}))

    find(probe, BAD, GOOD, GOOD)

    assert Incident.objects.get().updates.count() == 2


def test_a_component_under_maintenance_opens_nothing_until_it_is_over(
    probe: Probe, component: Component, operator: User
) -> None:
    components.set_status(by=By(operator), public_id=component.public_id, status="under_maintenance")
    find(probe, BAD, BAD, BAD, BAD)
    assert not Incident.objects.exists()

    components.set_status(by=By(operator), public_id=component.public_id, status="operational")
    find(probe, BAD)
    assert Incident.objects.count() == 1


def test_an_incident_that_cannot_be_opened_does_not_lose_the_result(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_named: Any) -> Incident:
        raise StatusError("Not today.")

    monkeypatch.setattr(incidents, "open_incident", refuse)
    with caplog.at_level(logging.WARNING):
        found = find(probe, BAD, BAD, BAD)

    assert (found.state, found.failures) == ("down", 3)
    assert "Not today." in caplog.text


# --- Claims -----------------------------------------------------------------------------------------------------


def test_each_turn_is_taken_once_and_in_step(probe: Probe) -> None:
    due = NOW() - timedelta(seconds=5)
    Probe.objects.update(next_at=due)

    assert [claimed.pk for claimed in probing.take()] == [probe.pk]
    assert probing.take() == []
    assert Probe.objects.get().next_at == due + timedelta(seconds=60)


def test_after_a_pause_it_does_not_catch_up(probe: Probe) -> None:
    Probe.objects.update(next_at=NOW() - timedelta(days=1))

    probing.take()

    assert probing.take() == []
    assert Probe.objects.get().next_at > NOW()


def test_what_is_off_or_of_a_component_out_of_service_is_not_asked(
    probe: Probe, component: Component, operator: User
) -> None:
    Probe.objects.update(is_active=False)
    assert probing.take() == []

    Probe.objects.update(is_active=True)
    components.archive(by=By(operator), public_id=component.public_id)
    assert probing.take() == []


def test_a_result_whose_claim_has_passed_to_another_is_dropped(probe: Probe) -> None:
    (late,) = probing.take()
    Probe.objects.update(next_at=NOW())
    (current,) = probing.take()

    assert not probing.record(probe_id=probe.pk, claim=late.claim, result=BAD)
    assert probing.record(probe_id=probe.pk, claim=current.claim, result=GOOD)
    assert not probing.record(probe_id=probe.pk, claim=current.claim, result=BAD)
    assert not probing.record(probe_id=probe.pk, claim="", result=BAD)
    found = Probe.objects.get()
    assert (found.state, found.failures) == ("up", 0)


def test_a_result_of_a_probe_that_was_switched_off_meanwhile_is_dropped(probe: Probe) -> None:
    (claimed,) = probing.take()
    Probe.objects.update(is_active=False)

    assert not probing.record(probe_id=probe.pk, claim=claimed.claim, result=BAD)


@pytest.mark.django_db(transaction=True)
def test_beat_started_twice_asks_once_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        Probe.objects.create(component=ComponentFactory(), target=f"https://{number}.example/")
    asked: list[int] = []
    lock = threading.Lock()

    def count(probe: Probe) -> Result:
        with lock:
            asked.append(probe.pk)
        return GOOD

    monkeypatch.setattr(probing, "ask", count)

    recorded = at_once(4, probe_tasks.run_due_probes)

    assert sorted(asked) == sorted(Probe.objects.values_list("pk", flat=True))
    assert sum(recorded) == 10


@pytest.mark.django_db(transaction=True)
def test_the_same_result_recorded_by_two_workers_is_one_incident() -> None:
    probe = Probe.objects.create(
        component=ComponentFactory(), target="https://a.example/", opening=Opening.PUBLIC, failure_threshold=1
    )
    SubscriberFactory()
    (claimed,) = probing.take()

    held = at_once(4, lambda: probing.record(probe_id=probe.pk, claim=claimed.claim, result=BAD))

    assert sorted(held) == [False, False, False, True]
    assert Incident.objects.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_target_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Probe.objects.create(component=ComponentFactory(), target="https://a.example/")

    def meanwhile(asked: Probe) -> Result:
        # Another connection: it would wait for ever for a row that the worker held.
        Probe.objects.filter(pk=asked.pk).update(title="Written meanwhile")
        transaction.get_connection().close()
        return GOOD

    monkeypatch.setattr(probing, "ask", meanwhile)

    assert probing.run_due() == 1
    found = Probe.objects.get(pk=probe.pk)
    assert (found.title, found.state) == ("Written meanwhile", "up")


def test_one_probe_that_fails_to_be_recorded_does_not_stop_the_others(
    component: Component, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (Probe.objects.create(component=component, target=f"https://{n}.example/") for n in "ab")
    real = probing.record

    def record(**arguments: Any) -> bool:
        if arguments["probe_id"] == first.pk:
            raise RuntimeError("The disk is full.")
        return real(**arguments)

    monkeypatch.setattr(probing, "record", record)
    monkeypatch.setattr(probing, "ask", lambda _probe: GOOD)

    assert probe_tasks.run_due_probes() == 1
    assert Probe.objects.get(pk=second.pk).state == "up"
    assert "could not be recorded" in caplog.text


# --- Real targets -----------------------------------------------------------------------------------------------


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        if self.path == "/302":
            self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def health() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "more", "state"),
    [
        ("/200", {}, "up"), ("/503", {}, "down"), ("/401", {"expected_statuses": [401]}, "up"),
        ("/302", {}, "down"), ("/302", {"follows_redirects": True}, "up"),
    ],
    ids=["good", "bad", "expected", "redirect", "redirect followed"],
)  # fmt: skip
def test_a_real_server_is_asked(health: str, component: Component, path: str, more: dict[str, Any], state: str) -> None:
    Probe.objects.create(component=component, target=health + path, failure_threshold=1, **more)

    assert probe_tasks.run_due_probes() == 1
    assert Probe.objects.get().state == state


def test_a_real_port_is_asked(component: Component) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        Probe.objects.create(component=component, way="tcp", target=target, failure_threshold=1)
        probe_tasks.run_due_probes()
    assert Probe.objects.get().state == "up"

    Probe.objects.update(next_at=NOW())
    probe_tasks.run_due_probes()
    assert Probe.objects.get().state == "down"
    assert Incident.objects.get().is_draft


# --- Structure --------------------------------------------------------------------------------------------------


def test_the_database_refuses_a_time_out_beyond_the_interval(component: Component) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Probe.objects.create(component=component, target="https://a.example/", interval=20, timeout=20)


def test_a_worker_knows_every_task_that_beat_sends() -> None:
    # In a process of its own: this one has imported more than a worker does.
    code = (
        "import django; django.setup(); from portal.celery import app; app.loader.import_default_modules();"
        "print(sorted({entry['task'] for entry in app.conf.beat_schedule.values()} - set(app.tasks)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_trail_says_that_a_probe_did_it(probe: Probe) -> None:
    find(probe, BAD, BAD, BAD, GOOD, GOOD)

    assert {(event.origin, event.actor) for event in StatusEvent.objects.all()} == {("probe", None)}
