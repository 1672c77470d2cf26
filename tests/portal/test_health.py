"""The addresses that balancers and supervisors ask."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from portal import health


def test_healthz_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz", headers={"host": "a-probe-knows-no-name"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_addresses_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_readyz_names_each_server(client: Client) -> None:
    answer = client.get("/readyz", headers={"host": "a-probe-knows-no-name"})
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "redis": "ok"}
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_readyz_is_503_with_an_unapplied_migration(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    known = health._migrations()
    monkeypatch.setattr(health, "_migrations", lambda: known | {("cases", "9999_from_the_future")})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "1 unapplied"


@pytest.mark.django_db
def test_readyz_is_503_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", str(tmp_path))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "down", "migrations": "unknown", "redis": "ok"}


@pytest.mark.django_db
def test_readyz_reports_a_lost_redis_and_stays_ready(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["redis"] == "down"
