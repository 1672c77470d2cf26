"""What an outside database must be, told in words before anything is migrated."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.workers import address_of_database

NAME = f"test_portal_bytes{os.environ.get('PYTEST_XDIST_WORKER', '')}"


def migrate(database_url: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "portal.settings.development"}
    return subprocess.run(
        [sys.executable, "manage.py", "migrate"], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def database_without_encoding() -> Iterator[str]:
    with psycopg.connect(address_of_database("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.execute(f"CREATE DATABASE {NAME} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        yield address_of_database(NAME)
        connection.execute(f"DROP DATABASE {NAME}")


def test_a_database_in_another_encoding_is_refused(database_without_encoding: str) -> None:
    done = migrate(database_without_encoding)
    assert done.returncode == 1
    assert "(portal.E002) The database's encoding is SQL_ASCII, and the portal needs UTF8." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_told_in_words() -> None:
    done = migrate("postgresql://portal@127.0.0.1:1/portal")
    assert done.returncode == 1
    assert "(portal.E001) The database does not answer" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
