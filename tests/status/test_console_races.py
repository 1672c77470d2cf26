"""Two taps at the same moment, in two threads with commits of their own."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from notifications.models import Delivery
from status.constants import ComponentStatus, Stage
from status.models import Incident, IncidentUpdate
from tests.cast import SignedIn
from tests.factories.status import ComponentFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = "/status/manage/incidents/new/"
TAPS = 4


@pytest.fixture(autouse=True)
def snapshot(settings: Settings, tmp_path: Path) -> None:
    settings.STATUS_SNAPSHOT_DIR = tmp_path / "status"


def at_once(console: Client, url: str, sent: Mapping[str, Any]) -> set[str]:
    """Post the same form in several threads at once and return where each was led."""
    together = threading.Barrier(TAPS)

    def tap(_number: int) -> str:
        browser = Client()
        browser.cookies = console.cookies
        together.wait(timeout=30)
        try:
            answer = browser.post(url, sent)
            return f"{answer.status_code} {answer.headers.get('Location', '')}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TAPS) as pool:
        return set(pool.map(tap, range(TAPS)))


def test_taps_at_once_make_one_incident_and_one_update(operator: User, as_user: SignedIn) -> None:
    console = as_user(operator)
    SubscriberFactory()
    component = ComponentFactory()
    sent = {
        "token": str(uuid4()),
        "name": "Orders are late",
        "body": "We look into it.",
        "status": Stage.INVESTIGATING,
        "component_status": ComponentStatus.PARTIAL,
        "components": [component.pk],
        "deliver": "on",
    }
    led = at_once(console, OPEN, sent)
    incident = Incident.objects.get()
    page = f"/status/manage/incidents/{incident.public_id}/"
    assert led == {f"302 {page}"}
    assert Delivery.objects.count() == 1

    tap = {"token": str(uuid4()), "version": incident.version, "status": Stage.RESOLVED}
    assert at_once(console, f"{page}move/", tap) == {f"302 {page}"}
    assert IncidentUpdate.objects.count() == 2
    assert Delivery.objects.count() == 2
