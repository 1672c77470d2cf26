"""The portal is switched off by a file: no database is asked, and what needs none goes on being served."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal import maintenance
from status import publishing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "portal" / "maintenance.json"
    monkeypatch.setattr(maintenance, "path", lambda: file)
    monkeypatch.setattr("portal.middleware.MAINTENANCE_SECONDS", 0)
    return file


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("a query")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(connection, "connect", refuse)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("maintenance", *arguments, stdout=out)
    return out.getvalue()


def test_every_page_says_so_until_it_is_switched_off(client: Client) -> None:
    run("on", "--message", "We move to new machines.")
    for address in ("/", "/cases/", "/accounts/login/", "/api/v2/incidents", "/nowhere/"):
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 503)
        assert answer["Retry-After"] == str(maintenance.RETRY_AFTER)
        assert answer["Cache-Control"] == "no-store"
        assert b"We move to new machines." in answer.content
    assert client.post("/accounts/login/", {"login": "x"}).status_code == 503
    run("off")
    assert client.get("/support/").status_code == 200


@pytest.mark.usefixtures("no_database")
def test_it_needs_no_database(client: Client) -> None:
    run("on")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "We are working on the portal." in answer.content.decode()
    assert run("status").startswith("The portal is switched off")
    run("off")


def test_health_and_the_published_status_go_on(client: Client) -> None:
    publishing.publish()
    run("on")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/status/").status_code == 200


def test_it_says_until_when_and_when_to_try_again(client: Client) -> None:
    until = timezone.now() + timedelta(minutes=10)
    run("on", "--until", until.isoformat())
    answer = client.get("/")
    assert 500 < int(answer["Retry-After"]) <= 600
    assert "We expect to be back by" in answer.content.decode()


def test_nobody_is_told_to_wait_for_a_day(client: Client) -> None:
    maintenance.switch_on(until=timezone.now() + timedelta(days=1))
    assert client.get("/")["Retry-After"] == str(maintenance.LATEST)


def test_a_promise_may_pass_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    until = timezone.now()
    clock = iter([until - timedelta(seconds=1)])
    monkeypatch.setattr("portal.maintenance.timezone.now", lambda: next(clock, until))
    assert maintenance.Maintenance(until).retry_after == maintenance.SOONEST


def test_a_promise_that_has_passed_is_not_repeated(client: Client) -> None:
    maintenance.switch_on(until=timezone.now() - timedelta(minutes=1))
    answer = client.get("/")
    assert "We expect to be back" not in answer.content.decode()
    assert answer["Retry-After"] == str(maintenance.RETRY_AFTER)


def test_it_speaks_the_browsers_language(client: Client) -> None:
    run("on")
    page = client.get("/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de"' in page


def test_the_message_is_text(client: Client) -> None:
    run("on", "--message", "<script>x</script>")
    assert b"<script>x" not in client.get("/").content


def test_a_part_of_a_page_gets_a_sentence(client: Client) -> None:
    run("on")
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer["HX-Retarget"] == "#messages"
    assert b"<html" not in answer.content


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"until": 7, "message": null}', '{"until": "2026-99-99"}'])
def test_a_damaged_file_still_switches_it_off(text: str, own_file: Path, client: Client) -> None:
    own_file.parent.mkdir()
    own_file.write_text(text)
    assert client.get("/").status_code == 503


def test_bytes_that_are_no_text_still_switch_it_off(own_file: Path, client: Client) -> None:
    own_file.parent.mkdir()
    own_file.write_bytes(b"\xff")
    assert client.get("/support/").status_code == 503


@pytest.mark.parametrize("error", [PermissionError, OSError])
def test_a_file_that_cannot_be_read_is_logged_and_the_portal_serves(
    error: type[OSError], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(maintenance, "_complained_at", float("-inf"))
    file = mock.Mock(read_text=mock.Mock(side_effect=error("Too many open files")))
    monkeypatch.setattr(maintenance, "path", lambda: file)
    for _turn in range(2):
        assert maintenance.read() is None
    assert len([one for one in caplog.records if "Too many open files" in one.getMessage()]) == 1


@pytest.mark.parametrize("until", ["tomorrow", "2020-01-01T00:00Z", "2027-13-01T00:00Z"])
def test_a_wrong_time_is_refused(until: str, own_file: Path) -> None:
    with pytest.raises(CommandError):
        run("on", "--until", until)
    assert not own_file.exists()


def test_too_long_a_message_is_refused(own_file: Path) -> None:
    with pytest.raises(CommandError, match="longer"):
        run("on", "--message", "x" * (maintenance.MESSAGE_MAX_LENGTH + 1))
    assert not own_file.exists()


def test_off_twice_is_off() -> None:
    run("on")
    run("off")
    assert run("off").strip() == "It was serving."
