"""Without the database, what needs it refuses at once, and what does not goes on."""

from collections.abc import Iterator
from unittest import mock

import psycopg
import pytest
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.test import Client
from psycopg_pool import PoolTimeout

from portal import fuse, health
from status import publishing

pytestmark = pytest.mark.django_db


def caused_by(cause: BaseException) -> OperationalError:
    error = OperationalError("wrapped by Django")
    error.__cause__ = cause
    return error


@pytest.fixture
def client() -> Iterator[Client]:
    with mock.patch.object(fuse, "FUSE", fuse.Fuse()) as own:
        got_request_exception.connect(own.notice, weak=False, dispatch_uid="test_fuse")
        yield Client(raise_request_exception=False)
        got_request_exception.disconnect(dispatch_uid="test_fuse")


def blow(client: Client) -> None:
    with mock.patch("portal.views.ways_for", side_effect=caused_by(PoolTimeout("no connection"))):
        assert client.get("/support/").status_code == 500


def test_while_the_database_is_away_pages_refuse_without_asking_for_it(client: Client) -> None:
    publishing.publish()
    blow(client)
    with mock.patch.object(health, "database_answers", return_value=False) as asked:
        answers = [client.get("/support/") for _number in range(20)]
        assert client.get("/status/").status_code == 200
        assert client.get("/healthz").status_code == 200
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0]["Retry-After"]
    assert answers[0]["Cache-Control"] == "no-store"
    assert b"/status/" in answers[0].content
    assert asked.call_count < len(answers)


def test_the_first_request_after_its_return_is_answered(client: Client) -> None:
    blow(client)
    assert client.get("/support/").status_code == 200


def test_a_deadlock_is_no_lost_database(client: Client) -> None:
    with mock.patch("portal.views.ways_for", side_effect=caused_by(psycopg.errors.DeadlockDetected("two wait"))):
        assert client.get("/support/").status_code == 500
    with mock.patch.object(health, "database_answers", side_effect=AssertionError("asked")):
        assert client.get("/support/").status_code == 200


@pytest.mark.parametrize(
    ("error", "is_lost"),
    [
        pytest.param(PoolTimeout("none"), True, id="pool"),
        pytest.param(psycopg.OperationalError("connection refused"), True, id="refused"),
        pytest.param(psycopg.errors.AdminShutdown("stopping"), True, id="shutdown"),
        pytest.param(psycopg.errors.QueryCanceled("too slow"), False, id="statement-timeout"),
        pytest.param(psycopg.errors.LockNotAvailable("locked"), False, id="lock-timeout"),
        pytest.param(ValueError("else"), False, id="else"),
    ],
)
def test_only_a_lost_connection_counts(error: Exception, is_lost: bool) -> None:
    assert fuse.is_lost_connection(caused_by(error)) is is_lost


def test_the_database_of_these_tests_answers() -> None:
    assert health.database_answers() is True
