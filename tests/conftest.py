"""Servers for every test, and the cast: the few people and accounts that tests speak of."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from tests.cast import (
    acme,
    administrator,
    as_user,
    colleague,
    contact,
    csm,
    engineer,
    globex,
    initech,
    manager,
    member,
    moderator,
    operator,
    other_csm,
    other_engineer,
    partner_contact,
    stranger,
)
from tests.live import live_portal
from tests.mail_sink import mail_sink
from tests.servers import forget_redis, local_servers_running, throwaway_redis
from tests.workers import start_celery

__all__ = [
    "acme",
    "administrator",
    "as_user",
    "colleague",
    "contact",
    "csm",
    "engineer",
    "globex",
    "initech",
    "live_portal",
    "local_servers_running",
    "mail_sink",
    "manager",
    "member",
    "moderator",
    "operator",
    "other_csm",
    "other_engineer",
    "partner_contact",
    "start_celery",
    "stranger",
    "throwaway_redis",
]

MARKED_FOLDERS = ("processes", "browser")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark the tests of each folder that has a mark, and run them last: they are the slow ones."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in MARKED_FOLDERS:
            item.add_marker(folder)
    yield
    marks = {item: {mark.name for mark in item.iter_markers()} for item in items}
    items.sort(key=lambda item: ("browser" in marks[item], "processes" in marks[item]))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    local_servers_running: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have PostgreSQL running before the test database is made; each parallel process has its own."""


@pytest.fixture(autouse=True)
def own_status_snapshot(settings: Settings, tmp_path: Path) -> None:
    """Publish each test's status into a directory of its own: a snapshot never goes back to an older version."""
    settings.STATUS_SNAPSHOT_DIR = tmp_path / "status"


@pytest.fixture(autouse=True)
def fresh_language() -> Iterator[None]:
    """Leave no reader's language to the next test: a request leaves it active on its thread until the next request."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def fresh_redis(local_servers_running: None) -> Iterator[None]:
    """Leave no counter, cached value or queued task to the next test."""
    yield
    forget_redis()
