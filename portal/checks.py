"""Misconfiguration of the servers, told before anything is migrated."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

CONNECT_SECONDS = 5


@register(Tags.database)
def check_databases(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Each database answers, in UTF-8: another encoding would refuse what people type."""
    return [problem for alias in databases or [] for problem in _problems(alias)]


def _problems(alias: str) -> list[CheckMessage]:
    # A connection of its own: the pool would wait, try again, and then say no more than that it waited.
    parameters = {**connections[alias].get_connection_params(), "connect_timeout": CONNECT_SECONDS}
    try:
        with closing(psycopg.connect(**parameters)) as connection:
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        return [
            Error(
                f"The database does not answer: {str(error).strip()}",
                hint="Check DATABASE_URL, and that the server runs and lets this machine in.",
                id="portal.E001",
            )
        ]
    if encoding == "UTF8":
        return []
    return [
        Error(
            f"The database's encoding is {encoding}, and the portal needs UTF8.",
            hint="Create it with: CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0.",
            id="portal.E002",
        )
    ]
