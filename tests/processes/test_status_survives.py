"""The status site with PostgreSQL and Redis stopped: real servers, a real web server, the real command."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.local_servers import die_with_parent
from tests.servers import free_port, wait_until
from tests.workers import CHECKOUT

CROWD = 60
MAKE = """
from status import components, incidents
from status.changes import By
from status.incidents import NewIncident
from status.models import Component, ComponentGroup, Region
group = ComponentGroup.objects.create(name="Core")
api = Component.objects.create(name="API", group=group, region=Region.objects.create(slug="eu", name="Europe"))
new = NewIncident(name="Calls are slow", body="We look.", components={api.pk: "degraded_performance"})
print(incidents.open_incident(by=By(), new=new).public_id, api.public_id)
"""
COUNT = """
from notifications.models import Message
from status.models import Incident, ImportedEntry
print(Incident.objects.count(), ImportedEntry.objects.count(), Message.objects.filter(kind="status.incident").count())
"""
SUBSCRIBE = """
from django.utils import timezone
from status.models import Subscriber
Subscriber.objects.create(address="ann@reader.example", owner_email="ann@reader.example", confirmed_at=timezone.now())
"""


class Site:
    """A portal of its own: servers, database and snapshot under one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "portal.settings.development",
            "PORTAL_HOME": str(home),
            "PORTAL_URL": f"http://localhost:{self.port}",
            "PORT": str(self.port),
        }

    def servers(self, act: str) -> None:
        """Start or stop PostgreSQL and Redis."""
        self.run("-m", "portal.local_servers", act)

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        return self.run("manage.py", *arguments)

    def shell(self, code: str) -> list[str]:
        """Run Python in the site and return the words of its last line."""
        printed = self.manage("shell", "--no-imports", "-c", code).strip()
        return printed.splitlines()[-1].split() if printed else []

    def run(self, *arguments: str) -> str:
        """Run a Python program of the checkout."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask the running web server; whoever gets no answer in time is told so by an exception."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def summary(self) -> dict[str, Any]:
        """Return the read API's summary."""
        status, body = self.get("/api/v2/summary.json")
        assert status == 200
        found: dict[str, Any] = json.loads(body)
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    # Short: a socket's path has about a hundred characters.
    home = Path(tempfile.mkdtemp(prefix="st-"))
    site = Site(home)
    web = None
    try:
        site.servers("start")
        site.manage("migrate", "--verbosity=0")
        site.manage("createcachetable")
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers=1", "--threads=4"),
                *(f"--bind=127.0.0.1:{site.port}", "--log-level=warning"),
            ],
            cwd=CHECKOUT,
            env=site.environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        wait_until(lambda: answers(site), seconds=60, what="the web server's start")
        yield site
    finally:
        if web is not None:
            web.terminate()
            web.wait(30)
        subprocess.run(
            [sys.executable, "-m", "portal.local_servers", "stop"],
            cwd=CHECKOUT,
            env=site.environment,
            capture_output=True,
            check=False,
        )
        shutil.rmtree(home, ignore_errors=True)


def answers(site: Site) -> bool:
    try:
        return site.get("/healthz")[0] == 200
    except OSError:
        return False


def test_every_public_address_outlives_the_servers_and_the_command_changes_it(site: Site) -> None:
    incident, component = site.shell(MAKE)
    site.shell(SUBSCRIBE)
    paths = [
        "/status/",
        "/status/history/",
        f"/status/incidents/{incident}/",
        f"/status/components/{component}/",
        "/status/history.atom",
        "/status/history.rss",
        "/status/calendar.ics",
        "/status/badge.svg",
        "/status/widget/",
        "/status/widget.js",
        "/status/as-of.json",
        *(
            f"{root}/{name}.json"
            for root in ("/api/v2", "/status/api/v2")
            for name in (
                "status",
                "summary",
                "components",
                "incidents",
                "incidents/unresolved",
                "scheduled-maintenances",
                "scheduled-maintenances/upcoming",
                "scheduled-maintenances/active",
            )
        ),
    ]
    before = {path: site.get(path) for path in paths}
    assert {path: status for path, (status, _body) in before.items() if status != 200} == {}

    site.servers("stop")
    assert site.get("/readyz")[0] == 503
    assert {path: site.get(path) for path in paths} == before

    # Everybody comes at once for pages that need the database: the published ones still answer.
    with ThreadPoolExecutor(CROWD) as crowd:
        others = [crowd.submit(site.get, "/") for _number in range(CROWD)]
        assert site.get("/status/")[0] == 200
        assert {other.result()[0] for other in others} <= {500, 503}
    assert site.get("/support/")[0] == 503

    said = site.manage(
        *("publish_incident", "--name", "Everything is down", "--body", "We know, and are on it."),
        *("--component", f"{component}=major_outage"),
    )
    assert "Subscribers have NOT been told" in said
    shown = site.summary()
    assert [one["name"] for one in shown["incidents"]] == ["Everything is down", "Calls are slow"]
    assert shown["status"]["indicator"] == "critical"
    name = shown["incidents"][0]["id"]
    assert site.get(f"/status/incidents/{name}/")[0] == 200
    assert b"Everything is down" in site.get("/status/")[1]
    site.manage("publish_incident", "--incident", name, "--status", "identified", "--body", "A power cut.")
    assert site.summary()["incidents"][0]["status"] == "identified"

    site.servers("start")
    site.manage("publish_status")
    site.manage("publish_status")
    # The first incident was told of before anybody had subscribed; the other by its opening and its update.
    assert site.shell(COUNT) == ["2", "2", "2"]
    assert [one["name"] for one in site.summary()["incidents"]] == ["Everything is down", "Calls are slow"]
    assert b"A power cut." in site.get(f"/status/incidents/{name}/")[1]
