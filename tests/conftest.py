"""Servers for every test, and the cast: the few people and accounts that tests speak of."""

from collections.abc import Iterator

import pytest

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
from tests.servers import forget_redis, local_servers_running

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
    "local_servers_running",
    "manager",
    "member",
    "moderator",
    "operator",
    "other_csm",
    "other_engineer",
    "partner_contact",
    "stranger",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    local_servers_running: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have PostgreSQL running before the test database is made; each parallel process has its own."""


@pytest.fixture(autouse=True)
def fresh_redis(local_servers_running: None) -> Iterator[None]:
    """Leave no counter, cached value or queued task to the next test."""
    yield
    forget_redis()
