"""What the overview says about the public pages, the messages, and what other parts of the site add."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from notifications.models import Delivery, Message
from status import components, incidents, maintenance, publishing
from status.changes import By
from status.console import fanout, panels
from status.console.panels import Panel
from status.incidents import NewIncident
from status.maintenance import NewMaintenance, Plan
from status.models import Component, Publication
from tests.cast import SignedIn
from tests.factories.status import (
    ComponentFactory,
    EndpointFactory,
    IncidentFactory,
    MaintenanceFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db

ROOT = "/status/manage/"


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


@pytest.fixture(autouse=True)
def snapshot(settings: Settings, tmp_path: Path) -> Path:
    settings.STATUS_SNAPSHOT_DIR = tmp_path / "status"
    return settings.STATUS_SNAPSHOT_DIR  # type: ignore[no-any-return]


def overview(console: Client) -> str:
    return " ".join(console.get(ROOT).content.decode().split())


def test_what_goes_on_what_is_a_draft_and_what_comes(console: Client) -> None:
    IncidentFactory(name="Orders are late")
    IncidentFactory(name="Not sure yet", published_at=None)
    MaintenanceFactory(name="New disks")
    IncidentFactory(name="Long over", status="resolved", resolved_at=timezone.now() + timedelta(minutes=1))
    text = overview(console)
    assert text.index("Orders are late") < text.index("Not sure yet") < text.index("New disks")
    assert "Long over" not in text


def test_the_state_of_the_public_pages(console: Client, operator: User) -> None:
    assert "Not renewed" in overview(console)
    publishing.publish(renew=True)
    assert "Up to date" in overview(console)
    Publication.objects.update_or_create(pk=Publication.ONLY, defaults={"version": 1_000})
    assert "of 1000" in overview(console)


def test_a_journal_that_waits_is_shown(console: Client, snapshot: Path) -> None:
    publishing.publish(renew=True)
    entry = {
        "incident": "a" * 12, "update": "b" * 12, "status": "investigating", "body": "x", "name": "x",
        "at": timezone.now().isoformat(), "impact": "", "components": {}, "id": "0" * 32,
    }  # fmt: skip
    (snapshot / "private" / "journal.jsonl").write_text(json.dumps(entry) + "\n")
    assert "1 entry from the command line waits" in overview(console)


def test_how_far_the_messages_are(console: Client, operator: User) -> None:
    SubscriberFactory.create_batch(3)
    new = NewIncident(name="Orders are late", body="We look.")
    incidents.open_incident(by=By(operator), new=new)
    assert "0 sent · 3 waiting" in overview(console)
    first = Delivery.objects.order_by("pk")[:2]
    Delivery.objects.filter(pk__in=[one.pk for one in first]).update(state=Delivery.State.SENT)
    Delivery.objects.exclude(pk__in=[one.pk for one in first]).update(state=Delivery.State.FAILED)
    text = overview(console)
    assert "2 sent" in text
    assert "1 failed" in text


def test_a_large_audience_is_not_counted_to_its_end(
    console: Client, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    SubscriberFactory.create_batch(4)
    component: Component = ComponentFactory()
    SubscriberFactory(wants_components=True)
    components.set_status(by=By(operator), public_id=component.public_id, status="major_outage")
    incidents.open_incident(by=By(operator), new=NewIncident(name="Orders are late", body="We look."))
    monkeypatch.setattr(fanout, "LIMIT", 3)
    monkeypatch.setattr(fanout, "_COUNT", fanout._COUNT.replace("LIMIT 2001", "LIMIT 4"))
    opened, marked = fanout.recent()
    assert (opened.is_more, opened.waiting) == (True, 4)
    assert (marked.is_more, marked.waiting) == (False, 1)
    Message.objects.update(audience={"name": "x", "criteria": {}}, expanded_at=None)
    assert "recipients are being gathered" in overview(console)


def test_other_parts_add_their_panels(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_makers", [])

    def nothing(_user: User) -> Panel | None:
        return None

    def text(user: User) -> Panel:
        return Panel("status/console/_text.html", {"html": f"Probes for {user.display_name}"})

    panels.register(nothing)
    panels.register(text)
    panels.register(text)
    assert len(panels._makers) == 2
    assert overview(console).count("Nothing to show yet.") == 1


def test_an_old_snapshot_is_not_called_up_to_date(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish(renew=True)
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("status.console.rows.timezone.now", lambda: later)
    assert "Not renewed" in overview(console)


def test_webhooks_that_are_told_of_a_component_are_counted(operator: User) -> None:
    EndpointFactory(wants_components=True)
    component: Component = ComponentFactory()
    components.set_status(by=By(operator), public_id=component.public_id, status="major_outage")
    [marked] = fanout.recent()
    assert marked.waiting == Delivery.objects.count() == 1


def test_a_reminder_is_still_counted_after_a_new_plan(operator: User) -> None:
    SubscriberFactory()
    by, hour, now = By(operator), timedelta(hours=1), timezone.now()
    component: Component = ComponentFactory()
    plan = Plan(start=now + 3 * hour, end=now + 4 * hour, reminders=[60])
    with time_machine.travel(now, tick=False) as clock:
        incident = maintenance.schedule(by=by, new=NewMaintenance("Upgrade", "We upgrade.", plan, [component.pk]))
        clock.move_to(now + 2 * hour)
        assert maintenance.remind_due() == 1
        later = Plan(start=now + 5 * hour, end=now + 6 * hour, reminders=[60])
        maintenance.reschedule(by=by, public_id=incident.public_id, plan=later)
    rescheduled, reminded, scheduled = fanout.recent()
    assert (rescheduled.waiting, reminded.waiting, scheduled.waiting) == (1, 1, 1)
