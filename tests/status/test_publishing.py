"""From an act to the published file, through kills, and without a database."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from status import breaking_glass, components, incidents, journal, publishing, tasks
from status.changes import By, Said
from status.constants import ComponentStatus, Origin, Stage
from status.incidents import NewIncident
from status.models import Component, ImportedEntry, Incident, Publication, StatusEvent
from status.snapshot import rendering
from status.state import State
from tests.factories.status import ComponentFactory, ComponentGroupFactory, RegionFactory

pytestmark = pytest.mark.django_db

MAJOR = ComponentStatus.MAJOR.value


@pytest.fixture
def by(operator: User) -> By:
    return By(actor=operator)


@pytest.fixture
def api(db: None) -> Component:
    component: Component = ComponentFactory(name="API", group=ComponentGroupFactory(), region=RegionFactory())
    return component


def opened(by: By, api: Component, **fields: Any) -> Incident:
    new = NewIncident(**{"name": "Calls fail", "body": "We look into it.", "components": {api.pk: MAJOR}, **fields})
    return incidents.open_incident(by=by, new=new)


def summary(client: Client) -> dict[str, Any]:
    answer = client.get("/api/v2/summary.json")
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.content)
    return found


def names(client: Client) -> list[str]:
    return [incident["name"] for incident in summary(client)["incidents"]]


def test_an_act_is_public_once_it_is_committed(
    client: Client, by: By, api: Component, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    publishing.publish()
    with django_capture_on_commit_callbacks(execute=True):
        incident = opened(by, api)
        assert names(client) == []
    assert names(client) == ["Calls fail"]
    page = client.get(f"/status/incidents/{incident.public_id}/")
    assert b"Calls fail" in page.content
    with django_capture_on_commit_callbacks(execute=True):
        incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.RESOLVED, "Over.", {}))
    assert names(client) == []


def test_the_sweep_publishes_what_a_kill_after_the_commit_left(client: Client, by: By, api: Component) -> None:
    publishing.publish()
    opened(by, api)
    assert names(client) == []
    assert tasks.publish_due() is True
    assert names(client) == ["Calls fail"]
    assert tasks.publish_due() is False


@pytest.mark.parametrize("was_changed", [True, False])
def test_a_renewal_moves_the_as_of_time_alone(client: Client, api: Component, was_changed: bool) -> None:
    if not was_changed:
        Publication.objects.all().delete()
    publishing.publish()
    before = json.loads(client.get("/status/as-of.json").content)
    api_before = client.get("/api/v2/summary.json")["ETag"]
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=1)):
        assert tasks.renew() is True
    after = json.loads(client.get("/status/as-of.json").content)
    assert after["as_of"] > before["as_of"]
    assert after["change"] == before["change"]
    assert client.get("/api/v2/summary.json")["ETag"] == api_before


def test_what_was_never_published_is_published_when_it_is_asked_for(client: Client, by: By, api: Component) -> None:
    incident = opened(by, api)
    assert client.get(f"/status/incidents/{incident.public_id}/").status_code == 200
    assert client.get("/status/incidents/aaaaaaaaaaaa/").status_code == 404


def test_a_draft_is_nowhere(client: Client, by: By, api: Component) -> None:
    incident = opened(by, api, publish=False)
    publishing.publish()
    assert client.get(f"/status/incidents/{incident.public_id}/").status_code == 404
    assert b"Calls fail" not in client.get("/status/").content
    assert names(client) == []


def test_public_pages_ask_the_database_nothing(client: Client, by: By, api: Component) -> None:
    incident = opened(by, api)
    publishing.publish()
    with CaptureQueriesContext(connection) as asked:
        for path in (
            "/status/",
            "/api/v2/summary.json",
            f"/status/incidents/{incident.public_id}/",
            "/status/badge.svg",
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert not answer.cookies
            assert "Cookie" not in answer.get("Vary", "")
    assert not asked.captured_queries


@pytest.mark.parametrize("count", [2, 30])
def test_collecting_takes_as_many_statements_for_few_as_for_many(by: By, count: int) -> None:
    for component in ComponentFactory.create_batch(count):
        opened(by, component)
    with CaptureQueriesContext(connection) as asked:
        publishing.publish()
    assert len(asked.captured_queries) <= 24


def test_pages_of_old_incidents_are_not_rendered_again(by: By, api: Component) -> None:
    first = opened(by, api)
    publishing.publish()
    path = f"status/incidents/{first.public_id}/index.html"
    before = publishing.store().sources()[path]
    with mock.patch("status.collecting.load", side_effect=AssertionError("read again")):
        opened(by, api, name="Another")
        publishing.publish()
    assert publishing.store().sources()[path] == before


def test_what_is_renamed_or_archived_is_called_so_where_incidents_show_it(
    client: Client, by: By, api: Component
) -> None:
    incident = opened(by, api)
    other = opened(by, ComponentFactory(name="Web"), name="Another")
    publishing.publish()
    before = publishing.store().sources()
    page, month = f"/status/incidents/{incident.public_id}/", f"/status/history/{incident.started_at:%Y-%m}/"
    Component.objects.filter(pk=api.pk).update(name="Gateway")
    components.saved()
    publishing.publish()
    assert "Gateway" in client.get(page).content.decode()
    assert "Gateway" in client.get(month).content.decode()
    link = f"/status/components/{api.public_id}/"
    assert link in client.get(page).content.decode()
    components.archive(by=by, public_id=api.public_id)
    publishing.publish()
    assert link not in client.get(page).content.decode()
    untouched = f"status/incidents/{other.public_id}/index.html"
    assert publishing.store().sources()[untouched] == before[untouched]


def test_the_state_survives_json(by: By, api: Component) -> None:
    opened(by, api)
    publishing.publish()
    state = rendering.kept_state(publishing.store())
    assert state is not None
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_damaged_snapshot_is_written_anew(client: Client, settings: Settings, by: By, api: Component) -> None:
    opened(by, api)
    publishing.publish()
    for file in (Path(settings.STATUS_SNAPSHOT_DIR) / "objects").iterdir():
        file.write_bytes(b"")
    fresh = Client()
    assert fresh.get("/status/").status_code == 200
    assert names(fresh) == ["Calls fail"]


def test_a_restored_database_goes_on_from_the_snapshots_version(client: Client, by: By, api: Component) -> None:
    for _number in range(3):
        opened(by, api)
    publishing.publish()
    Publication.objects.update(version=1)
    Incident.objects.update(name="After the restore")
    assert publishing.publish(renew=True) is False
    call_command("publish_status", "--catch-up", stdout=StringIO())
    assert set(names(client)) == {"After the restore"}


class Down:
    """The database refuses every connection."""

    def __enter__(self) -> None:
        self.patches = [
            mock.patch("status.publishing.collecting.collect", side_effect=OperationalError("down")),
            mock.patch("status.journal.ImportedEntry.objects.get_or_create", side_effect=OperationalError("down")),
        ]
        for patch in self.patches:
            patch.start()

    def __exit__(self, *_error: object) -> None:
        for patch in self.patches:
            patch.stop()


def break_glass(*arguments: str) -> str:
    out = StringIO()
    call_command("publish_incident", *arguments, stdout=out)
    return out.getvalue()


def test_breaking_glass_publishes_without_the_database_and_says_that_nobody_was_told(
    client: Client, api: Component
) -> None:
    publishing.publish()
    with Down():
        said = break_glass("--name", "All is down", "--body", "We know.", "--component", "API=major_outage")
        assert "NOT been told" in said
        assert names(client) == ["All is down"]
        (found,) = summary(client)["components"][-1:]
        assert found["status"] == MAJOR
        assert client.get(f"/status/incidents/{summary(client)['incidents'][0]['id']}/").status_code == 200
    assert not Incident.objects.exists()


def test_the_journal_is_taken_in_once_before_anything_is_published(client: Client, by: By, api: Component) -> None:
    publishing.publish()
    with Down():
        said = break_glass(
            "--name", "All is down", "--body", "We know.", "--component", f"{api.public_id}=major_outage"
        )
        name = said.split("--incident ")[1].split()[0]
        break_glass("--incident", name, "--status", "identified", "--body", "Found.")
    assert tasks.publish_due() is True
    incident = Incident.objects.get()
    assert (incident.public_id, incident.origin, incident.updates.count()) == (name, Origin.BREAK_GLASS, 2)
    assert Component.objects.get().status == MAJOR
    assert tasks.publish_due() is False
    assert Incident.objects.count() == 1
    with Down():
        break_glass("--incident", name, "--status", "resolved", "--body", "Over.")
        assert names(client) == []
    publishing.publish()
    assert Incident.objects.get().status == Stage.RESOLVED
    assert Component.objects.get().status == ComponentStatus.OPERATIONAL
    assert ImportedEntry.objects.count() == 3


def test_a_kill_between_the_import_and_the_end_of_the_journal_imports_nothing_twice(by: By, api: Component) -> None:
    publishing.publish()
    store = publishing.store()
    with Down():
        break_glass("--name", "All is down", "--body", "We know.")
    with mock.patch.object(Path, "unlink", side_effect=OSError("killed")), pytest.raises(OSError, match="killed"):
        publishing.publish()
    assert len(journal.pending(store)) == 1
    publishing.publish()
    assert journal.pending(store) == []
    assert Incident.objects.count() == 1
    assert StatusEvent.objects.count() == 1


def test_a_database_that_fails_again_after_the_import_does_not_swallow_the_next_entry(
    client: Client, api: Component
) -> None:
    publishing.publish()
    with Down():
        break_glass("--name", "All is down", "--body", "We know.")
    failing = mock.patch("status.publishing.collecting.collect", side_effect=OperationalError("down again"))
    with failing, pytest.raises(OperationalError):
        publishing.publish()
    assert Incident.objects.count() == 1
    with Down():
        break_glass("--name", "Down again", "--body", "We know.")
        assert set(names(client)) == {"Down again", "All is down"}
    publishing.publish()
    assert set(names(client)) == {"Down again", "All is down"}


def test_a_components_own_mark_holds_on_when_glass_is_broken(client: Client, by: By, api: Component) -> None:
    incident = opened(by, api)
    publishing.publish()
    # Hidden by the incident: no page changes.
    components.set_status(by=by, public_id=api.public_id, status=ComponentStatus.DEGRADED)
    publishing.publish()
    with Down():
        break_glass("--incident", incident.public_id, "--status", "resolved", "--body", "Over.")
        assert summary(client)["components"][-1]["status"] == ComponentStatus.DEGRADED
    publishing.publish()
    assert summary(client)["components"][-1]["status"] == ComponentStatus.DEGRADED


def test_what_got_worse_without_the_database_raises_the_impact(client: Client, by: By, api: Component) -> None:
    incident = opened(by, api, components={api.pk: ComponentStatus.DEGRADED})
    publishing.publish()
    with Down():
        break_glass(
            "--incident", incident.public_id, "--status", "identified", "--body", "Worse.",
            "--component", f"{api.public_id}=major_outage",
        )  # fmt: skip
        assert summary(client)["incidents"][0]["impact"] == "critical"
    publishing.publish()
    assert summary(client)["incidents"][0]["impact"] == "critical"


def test_an_older_database_leaves_the_state_that_is_published_to_go_on_from(
    client: Client, by: By, api: Component
) -> None:
    opened(by, api)
    publishing.publish()
    kept = rendering.kept_state(publishing.store())
    Publication.objects.update(version=0)
    Incident.objects.all().update(published_at=None)
    assert publishing.publish(renew=True) is False
    assert rendering.kept_state(publishing.store()) == kept
    with Down():
        break_glass("--name", "All is down", "--body", "We know.")
        assert set(names(client)) == {"All is down", "Calls fail"}


def test_the_command_says_so_when_its_entry_is_only_in_the_journal(api: Component) -> None:
    publishing.publish()
    with (
        mock.patch("status.snapshot.rendering.write", return_value=False),
        pytest.raises(CommandError, match="journal"),
    ):
        break_glass("--name", "All is down", "--body", "We know.")
    assert len(journal.pending(publishing.store())) == 1


def test_the_command_says_so_when_the_database_refuses(by: By, api: Component) -> None:
    incident = opened(by, api)
    publishing.publish()
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.RESOLVED, "Over.", {}))
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.POSTMORTEM, "Why.", {}))
    said = break_glass("--incident", incident.public_id, "--status", "monitoring", "--body", "Better.")
    assert "REFUSED" in said
    assert "being told" not in said


def test_the_command_says_so_when_another_process_publishes(api: Component) -> None:
    publishing.publish()
    with mock.patch("status.publishing.publish", return_value=False):
        said = break_glass("--name", "All is down", "--body", "We know.")
    assert "NOT been told" in said


def test_an_older_state_never_replaces_what_was_published_without_the_database(client: Client, api: Component) -> None:
    publishing.publish()
    older = rendering.kept_state(publishing.store())
    assert older is not None
    with Down():
        break_glass("--name", "All is down", "--body", "We know.")
    store = publishing.store()
    with store.locked(wait=1):
        assert rendering.write(store, older, load=lambda _ids: ()) is False
    assert names(client) == ["All is down"]


def test_an_entry_that_the_database_refuses_is_put_aside(by: By, api: Component) -> None:
    incident = opened(by, api)
    publishing.publish()
    with Down():
        break_glass("--incident", incident.public_id, "--status", "monitoring", "--body", "Better.")
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.RESOLVED, "Over.", {}))
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.POSTMORTEM, "Why.", {}))
    publishing.publish()
    store = publishing.store()
    assert journal.pending(store) == []
    assert "Better." in (store.private / journal.REFUSED).read_text()
    assert Incident.objects.get().status == Stage.POSTMORTEM


def test_a_line_that_a_kill_cut_off_does_not_spoil_the_next(api: Component) -> None:
    publishing.publish()
    store = publishing.store()
    (store.private / journal.JOURNAL).write_text('{"id": "half')
    with Down():
        break_glass("--name", "All is down", "--body", "We know.")
    assert [entry.name for entry in journal.pending(store)] == ["All is down"]


def test_a_line_that_cannot_be_read_is_put_aside(api: Component) -> None:
    publishing.publish()
    store = publishing.store()
    (store.private / journal.JOURNAL).write_text('{"id": "no entry"}\n')
    publishing.publish()
    assert not (store.private / journal.JOURNAL).exists()
    assert "no entry" in (store.private / journal.REFUSED).read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--body", "x"], id="neither"),
        pytest.param(["--name", "x", "--incident", "aaaaaaaaaaaa", "--body", "x"], id="both"),
        pytest.param(["--name", "x"], id="no-text"),
        pytest.param(["--incident", "aaaaaaaaaaaa", "--body", "x"], id="unknown-incident"),
        pytest.param(["--incident", "../../etc", "--body", "x"], id="no-id"),
        pytest.param(["--name", "x", "--body", "x", "--component", "Nothing=major_outage"], id="no-component"),
        pytest.param(["--name", "x", "--body", "x", "--component", "API=broken"], id="no-status"),
        pytest.param(["--name", "x", "--body", "x", "--status", "resolved"], id="ended-at-once"),
    ],
)
def test_a_command_that_cannot_be_leaves_no_entry(api: Component, arguments: list[str]) -> None:
    publishing.publish()
    with pytest.raises(CommandError):
        break_glass(*arguments)
    assert journal.pending(publishing.store()) == []


def test_with_the_database_up_the_command_tells_subscribers_at_once(client: Client, api: Component) -> None:
    publishing.publish()
    said = break_glass("--name", "All is down", "--body", "We know.", "--component", "API=major_outage")
    assert "are being told" in said
    assert Incident.objects.get().name == "All is down"
    assert names(client) == ["All is down"]


def test_what_breaking_glass_shows_is_what_the_database_makes_of_it(by: By, api: Component) -> None:
    incident = opened(by, api)
    publishing.publish()
    store = publishing.store()
    entry = journal.Entry(
        incident.public_id, "bbbbbbbbbbbb", "resolved", "Over.", timezone.now().replace(microsecond=0)
    )
    before = rendering.kept_state(store)
    assert before is not None
    shown = breaking_glass.apply(before, entry)
    assert [one.status for one in shown.components] == ["operational"]
    assert shown.incidents[0].resolved_at == entry.at


def test_without_the_database_pages_about_older_incidents_stay_even_in_a_new_release(
    client: Client, by: By, api: Component
) -> None:
    started = timezone.now() - timedelta(days=400)
    told = [
        Said(Stage.INVESTIGATING, "It began.", {api.pk: MAJOR}, at=started),
        Said(Stage.RESOLVED, "It ended.", {}, at=started + timedelta(hours=1)),
    ]
    with mock.patch("status.collecting.NEWEST", 0):
        old = incidents.backfill(by=by, name="Long ago", updates=told)
        publishing.publish()
    with Down(), mock.patch("status.snapshot.rendering.code_fingerprint", return_value="another release"):
        break_glass("--name", "All is down", "--body", "We know.")
    assert b"Long ago" in client.get(f"/status/incidents/{old.public_id}/").content
    assert b"Long ago" in client.get(f"/status/history/{started:%Y-%m}/").content
    assert names(client) == ["All is down"]


def test_a_page_that_nobody_can_write_just_now_is_not_said_to_be_missing(client: Client, api: Component) -> None:
    with mock.patch("status.publishing.repair", return_value=False):
        assert client.get("/status/").status_code == 503
