"""What becomes of a damaged snapshot: made anew, and nothing whole of it is lost."""

from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from status import journal, publishing
from tests.factories.status import IncidentFactory

pytestmark = pytest.mark.django_db


def objects_of(settings: Settings) -> set[str]:
    return {file.name for file in (Path(settings.STATUS_SNAPSHOT_DIR) / "objects").iterdir()}


def test_mending_takes_away_what_is_damaged_and_nothing_else(settings: Settings) -> None:
    publishing.publish()
    before = objects_of(settings)
    assert publishing.store().mend() == 0
    broken = Path(settings.STATUS_SNAPSHOT_DIR) / "current/status/index.html"
    broken.resolve().write_bytes(b"")
    assert publishing.store().mend() == 1
    assert before - objects_of(settings) == {broken.resolve().name}


def test_one_damaged_file_loses_no_other_while_the_database_is_away(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    before = objects_of(settings)
    (Path(settings.STATUS_SNAPSHOT_DIR) / "current/status/history/index.html").resolve().write_bytes(b"")
    with mock.patch("status.publishing._version", side_effect=OperationalError("down")):
        assert client.get("/status/history/").status_code == 503
        assert client.get("/status/").status_code == 200
    assert objects_of(settings) == before
    monkeypatch.setattr("status.views.PAUSE_SECONDS", 0)
    assert Client().get("/status/history/").status_code == 200


def test_visitors_do_not_have_the_same_attempt_fail_again_and_again(client: Client) -> None:
    with mock.patch("status.publishing.repair", side_effect=OSError("No space left on device")) as attempt:
        answers = [client.get("/status/").status_code for _visitor in range(3)]
    assert answers == [503, 503, 503]
    assert attempt.call_count == 1


def test_an_entry_that_breaks_a_rule_of_the_database_does_not_hold_up_publishing() -> None:
    publishing.publish()
    store = publishing.store()
    with mock.patch("status.publishing._version", side_effect=OperationalError("down")):
        call_command("publish_incident", "--name", "All is down", "--body", "We know.", stdout=StringIO())
    [entry] = journal.pending(store)
    IncidentFactory(public_id=entry.incident)
    assert publishing.publish() is True
    assert journal.pending(store) == []
    assert entry.id in (store.private / journal.REFUSED).read_text()
