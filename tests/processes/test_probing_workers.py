"""Probes on real workers: asked once a turn however often beat calls, and none the worse for a killed worker."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from notifications import nudge
from status.models import Incident, Opening, Probe
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.mail_sink import MailSink
from tests.servers import wait_until
from tests.workers import StartCelery

CALLS = 6


class Service:
    """What is probed: answers with ``status``, and counts; while it hangs it answers nothing."""

    def __init__(self) -> None:
        self.status, self.asked = 503, 0
        self.answers = threading.Event()
        self.answers.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked += 1
                service.answers.wait(timeout=60)
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/health"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def make_probe(service: Service) -> Probe:
    return Probe.objects.create(
        component=ComponentFactory(name="API"),
        target=service.url,
        opening=Opening.PUBLIC,
        interval=3600,
        timeout=30,
        failure_threshold=1,
        recovery_threshold=1,
    )


def call(times: int = CALLS) -> None:
    """Do what as many beats do."""
    for _number in range(times):
        nudge.send("status.probe_tasks.run_due_probes")


def test_several_beats_and_workers_ask_once_a_turn_and_tell_once(
    start_celery: StartCelery, mail_sink: MailSink, service: Service
) -> None:
    make_probe(service)
    SubscriberFactory(address="ann@reader.example", owner_email="ann@reader.example")
    start_celery("worker")
    start_celery("worker")

    call()
    mail_sink.wait_for(1, address="ann@reader.example", seconds=60)
    assert service.asked == 1
    assert Incident.objects.get().status == "investigating"

    service.status = 200
    Probe.objects.update(next_at=timezone.now())
    call()
    mail_sink.wait_for(2, address="ann@reader.example", seconds=60)
    assert service.asked == 2
    assert Incident.objects.get().status == "resolved"
    assert len(mail_sink.to("ann@reader.example")) == 2


def test_a_killed_worker_costs_one_turn_and_nothing_else(start_celery: StartCelery, service: Service) -> None:
    make_probe(service)
    service.answers.clear()
    first = start_celery("worker")
    call(1)
    wait_until(lambda: service.asked == 1, seconds=60, what="the question", detail=lambda: first.output)
    first.kill()
    service.answers.set()
    assert Probe.objects.get().state == "unknown"

    start_celery("worker")
    Probe.objects.update(next_at=timezone.now())
    call(1)

    wait_until(lambda: Probe.objects.get().state == "down", seconds=60, what="the next turn")
    assert service.asked == 2
    assert Incident.objects.count() == 1
