"""What other pages say while something is wrong."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from status import banner
from status.banner import Banner
from status.snapshot import pages
from status.snapshot.store import Store
from status.snapshot.work import Work
from status.state import State
from tests.status.states import EMPTY, GOING_ON, RESOLVED, STATE, UNDER_WAY, with_incidents

pytestmark = pytest.mark.django_db
CRITICAL = replace(GOING_ON, id="criticalcrit", name="Everything <is> down", impact="critical")


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.STATUS_SNAPSHOT_DIR = tmp_path / "status"
    return tmp_path / "status"


def publish(directory: Path, state: State, *, as_of: datetime | None = None) -> None:
    moment = as_of or timezone.now()
    work = Work(state, moment, ("en",), "", {}, lambda _ids: ())
    assert Store(directory).publish(pages.documents(work), version=(state.version, 0), as_of=moment, change="x")


def test_it_names_the_worst_incident_and_counts_them() -> None:
    assert banner.banner(with_incidents(GOING_ON, CRITICAL, RESOLVED, UNDER_WAY)) == {
        "indicator": "critical",
        "incident": CRITICAL.id,
        "name": CRITICAL.name,
        "impact": "critical",
        "count": 2,
    }


def test_of_two_that_are_equally_bad_it_names_the_newer() -> None:
    older = replace(GOING_ON, id="olderolderol")
    assert banner.banner(with_incidents(GOING_ON, older))["incident"] == GOING_ON.id


def test_maintenance_and_what_is_over_are_no_incident() -> None:
    assert banner.banner(replace(with_incidents(RESOLVED, UNDER_WAY), components=()))["incident"] == ""


def test_nothing_published_says_nothing(client: Client) -> None:
    assert banner.current() is None
    page = client.get("/support/").content.decode()
    assert "status-banner" not in page
    assert "status-dot" not in page


def test_every_page_tells_of_an_incident(client: Client, directory: Path) -> None:
    publish(directory, with_incidents(GOING_ON, CRITICAL))
    page = client.get("/support/").content.decode()
    assert f'data-incident="{CRITICAL.id}"' in page
    assert f'href="/status/incidents/{CRITICAL.id}/"' in page
    assert "Everything &lt;is&gt; down" in page
    assert "and 1 more" in page
    assert 'class="status-dot is-critical" title="Major outage"' in page


def test_a_new_snapshot_is_seen_at_once(directory: Path) -> None:
    publish(directory, STATE)
    assert banner.current() == Banner("major", GOING_ON.id, GOING_ON.name, "major", 1)
    publish(directory, replace(EMPTY, version=STATE.version + 1))
    assert banner.current() == Banner("none")


def test_a_page_without_trouble_shows_a_dot_and_no_banner(client: Client, directory: Path) -> None:
    publish(directory, EMPTY)
    page = client.get("/support/").content.decode()
    assert "status-banner" not in page
    assert 'class="status-dot is-none" title="All systems operational"' in page


def test_green_that_nobody_confirms_is_not_shown(directory: Path, settings: Settings) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.STATUS_STALE_SECONDS + 5)
    publish(directory, EMPTY, as_of=long_ago)
    assert banner.current() == Banner("unknown")


def test_trouble_that_nobody_confirms_is_still_told(directory: Path, settings: Settings) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.STATUS_STALE_SECONDS + 5)
    publish(directory, STATE, as_of=long_ago)
    found = banner.current()
    assert found is not None
    assert found.incident == GOING_ON.id


@pytest.mark.parametrize("damage", ["object", "version"])
def test_a_damaged_snapshot_breaks_no_page(client: Client, directory: Path, damage: str) -> None:
    publish(directory, STATE)
    if damage == "object":
        target = (directory / "current" / banner.PATH).resolve()
        target.write_bytes(b"{")
    else:
        (directory / "current").unlink()
        (directory / "current").symlink_to("versions/nowhere")
    response = client.get("/support/")
    assert response.status_code == 200
    assert "status-banner" not in response.content.decode()


def test_status_pages_have_no_banner_of_their_own(directory: Path) -> None:
    publish(directory, STATE)
    page = (directory / "current/status/index.html").read_text()
    assert "status-banner" not in page
    assert "status-dot" not in page
