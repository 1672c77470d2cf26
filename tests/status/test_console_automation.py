"""What the console says of probes and alerts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from status.models import AlertGroup, Incident, Probe, ReceivedAlert
from tests.cast import SignedIn
from tests.factories.status import ComponentFactory, IncidentFactory

pytestmark = pytest.mark.django_db
ROOT = "/status/manage/"
HEADING = "Probes and alerts"


@pytest.fixture
def console(operator: User, as_user: SignedIn) -> Client:
    return as_user(operator)


def failing_probe(incident: Incident | None = None) -> Probe:
    return Probe.objects.create(
        component=ComponentFactory(name="Sign-in"),
        target="https://sign-in.example/",
        state="down",
        changed_at=timezone.now(),
        incident=incident,
    )


def received(outcome: str, *, days_ago: float = 0) -> ReceivedAlert:
    at = timezone.now() - timedelta(days=days_ago)
    return ReceivedAlert.objects.create(group_key="{}", status="firing", outcome=outcome, received_at=at)


def firing_group(number: int = 0, incident: Incident | None = None) -> AlertGroup:
    return AlertGroup.objects.create(digest=str(number), group_key="{}:{job}", is_firing=True, incident=incident)


def test_while_nothing_fails_there_is_no_panel(console: Client) -> None:
    Probe.objects.create(component=ComponentFactory(), target="https://a.example/", state="up")
    received("resolved")
    received("ignored", days_ago=2)

    assert HEADING not in console.get(ROOT).content.decode()


def test_failing_probes_firing_alerts_and_those_without_a_rule_are_shown(console: Client) -> None:
    incident = IncidentFactory(name="Nobody signs in")
    failing_probe(incident)
    firing_group(incident=incident)
    received("ignored")
    received("failed")

    page = console.get(ROOT).content.decode()

    assert HEADING in page
    assert "https://sign-in.example/" in page
    assert "alerts fire" in page
    assert "2 webhooks without effect" in page


def test_the_panel_takes_as_many_queries_for_one_as_for_eight(console: Client) -> None:
    incident = IncidentFactory()
    counts = []
    for numbers in ([0], range(1, 8)):
        for number in numbers:
            failing_probe(incident)
            firing_group(number, incident)
            received("ignored")
        with CaptureQueriesContext(connection) as queries:
            assert console.get(ROOT).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_incident_says_that_its_cause_is_over(console: Client) -> None:
    incident = IncidentFactory()
    probe = failing_probe(incident)
    url = f"{ROOT}incidents/{incident.public_id}/"
    assert "answers again" not in console.get(url).content.decode()

    Probe.objects.filter(pk=probe.pk).update(left_open_at=timezone.now(), state="up")

    assert "https://sign-in.example/ answers again." in console.get(url).content.decode()
