"""What others read status pages with reads ours, over HTTP and unchanged."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError

import feedparser
import pytest
from django.utils import timezone
from icalendar import Calendar, Component
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from status import incidents, maintenance, publishing
from status.changes import By, Said
from status.constants import ComponentStatus, Stage
from status.incidents import NewIncident
from status.maintenance import NewMaintenance, Plan
from status.models import Incident
from tests.factories.status import ComponentFactory, ComponentGroupFactory

START = timezone.now().replace(microsecond=0) + timedelta(days=3)


@dataclass
class Site:
    """A running site, with an outage, a resolved incident, a planned and a cancelled maintenance."""

    url: str
    outage: Incident
    planned: Incident
    cancelled: Incident
    by: By

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=20) as answer:
            content: bytes = answer.read()
        return content


@pytest.fixture
def site(operator: User) -> Iterator[Site]:
    by = By(actor=operator)
    group = ComponentGroupFactory(name="Platform")
    api = ComponentFactory(name="API", group=group)
    loader = ComponentFactory(name="Data Loader", group=group)
    old = incidents.open_incident(by=by, new=NewIncident("Slow pages", "We look."))
    incidents.post_update(by=by, public_id=old.public_id, said=Said(Stage.RESOLVED, "Quick again.", {}))
    outage = incidents.open_incident(
        by=by, new=NewIncident("Calls fail", "We **look**.", components={api.pk: ComponentStatus.MAJOR})
    )
    planned = plan(by, "New racks & größere Platten", loader.pk)
    cancelled = plan(by, "Moving house", loader.pk)
    maintenance.cancel(by=by, public_id=cancelled.public_id, body="Not this week.")
    publishing.publish()
    # Of its own: its middleware is made with this test's snapshot.
    server = LiveServer("localhost")
    yield Site(server.url, outage, planned, cancelled, by)
    server.stop()


def plan(by: By, name: str, component: int) -> Incident:
    window = Plan(start=START, end=START + timedelta(hours=2))
    return maintenance.schedule(by=by, new=NewMaintenance(name, "It will be short.", window, components=[component]))


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feedparser_reads_the_history_and_is_told_when_nothing_is_new(site: Site, kind: str) -> None:
    address = f"{site.url}/status/history.{kind}"
    feed = feedparser.parse(address)
    assert not feed.bozo
    assert {entry.title for entry in feed.entries} == {
        "Calls fail",
        "Slow pages",
        "New racks & größere Platten",
        "Moving house",
    }
    assert feedparser.parse(address, etag=feed.etag).status == 304
    said = Said(Stage.IDENTIFIED, "It is the cache.", {})
    incidents.post_update(by=site.by, public_id=site.outage.public_id, said=said)
    publishing.publish()
    again = feedparser.parse(address, etag=feed.etag)
    assert again.status == 200
    assert {entry.id for entry in again.entries} == {entry.id for entry in feed.entries}
    (told,) = [entry for entry in again.entries if entry.title == "Calls fail"]
    assert "It is the cache." in str(told)


def test_icalendar_reads_the_calendar(site: Site) -> None:
    calendar = Calendar.from_ical(site.get("/status/calendar.ics"))
    assert isinstance(calendar, Calendar)
    assert calendar.errors == []
    everything: list[Component] = [calendar, *calendar.events]
    for component in everything:
        assert set(component.required) <= set(component)
    states = {str(event["summary"]): str(event["status"]) for event in calendar.events}
    assert states == {"New racks & größere Platten": "CONFIRMED", "Moving house": "CANCELLED"}
    assert {event.start for event in calendar.events} == {START}


def test_a_new_plan_reaches_the_calendar_with_a_higher_sequence(site: Site) -> None:
    def event() -> tuple[object, int]:
        calendar = Calendar.from_ical(site.get("/status/calendar.ics"))
        assert isinstance(calendar, Calendar)
        (found,) = [one for one in calendar.events if site.planned.public_id in one.uid]
        return found.start, found.sequence

    before = event()
    later = START + timedelta(days=1)
    maintenance.reschedule(
        by=site.by, public_id=site.planned.public_id, plan=Plan(start=later, end=later + timedelta(hours=1))
    )
    publishing.publish()
    after = event()
    assert after[0] == later
    assert after[1] > before[1]


def test_the_prometheus_exporter_reads_the_summary(site: Site, tmp_path: Path) -> None:
    metrics = exported(site, tmp_path)
    assert 'statuspage_probe_check{service_name="Harbor"} 1.0' in metrics
    assert 'statuspage_service_status{service_name="Harbor"} 0.0' in metrics
    assert 'statuspage_component_status{component_name="API",service_name="Harbor"} 0.0' in metrics
    assert 'statuspage_component_status{component_name="Data Loader",service_name="Harbor"} 1.0' in metrics
    (incident,) = lines(metrics, "statuspage_incident_info")
    assert 'affected_components="API"' in incident
    assert 'impact="critical"' in incident
    assert f'incident_id="{site.outage.public_id}"' in incident
    assert f"/status/incidents/{site.outage.public_id}/" in incident
    (planned,) = lines(metrics, "statuspage_maintenance_info")
    assert f'maintenance_id="{site.planned.public_id}"' in planned
    assert f"{START:%Y-%m-%dT%H:%M:%S}Z" in planned


def test_the_prometheus_exporter_sees_that_all_is_well_again(site: Site, tmp_path: Path) -> None:
    said = Said(Stage.RESOLVED, "All calls get through.", {})
    incidents.post_update(by=site.by, public_id=site.outage.public_id, said=said)
    publishing.publish()
    metrics = exported(site, tmp_path)
    assert 'statuspage_service_status{service_name="Harbor"} 1.0' in metrics
    assert 'statuspage_component_status{component_name="API",service_name="Harbor"} 1.0' in metrics


def exported(site: Site, directory: Path) -> str:
    """Let the exporter look once, and return what it wrote."""
    services = directory / "services.json"
    services.write_text(json.dumps({"harbor": {"name": "Harbor", "url": f"{site.url}/api/v2/summary.json"}}))
    output = directory / "metrics.prom"
    done = subprocess.run(
        [Path(sys.executable).parent / "statuspage-prometheus-exporter"],
        cwd=directory,
        env={
            **os.environ,
            "NO_PROXY": "localhost",
            "RUN_MODE": "once",
            "SERVICES_JSON_PATH": str(services),
            "METRICS_TEXTFILE_PATH": str(output),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return output.read_text()


def lines(metrics: str, name: str) -> list[str]:
    """Return the samples of one metric."""
    return [line for line in metrics.splitlines() if line.startswith(f"{name}{{")]


@pytest.mark.parametrize("prefix", ["", "/status"])
def test_every_file_is_read_as_json_at_both_addresses(site: Site, prefix: str) -> None:
    for name in (
        "status",
        "summary",
        "components",
        "incidents",
        "incidents/unresolved",
        "scheduled-maintenances",
        "scheduled-maintenances/upcoming",
        "scheduled-maintenances/active",
    ):
        assert json.loads(site.get(f"{prefix}/api/v2/{name}.json"))["page"]["id"]


@pytest.mark.parametrize("path", ["/api/v2/subscribers.json", "/status/api/v2/incidents/nothing.json", "/api/v2/"])
def test_an_unknown_file_is_404(site: Site, path: str) -> None:
    with pytest.raises(HTTPError) as error:
        site.get(path)
    assert error.value.code == 404
