"""Misconfiguration of the servers, told before anything is migrated."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.utils import OperationalError


@register(Tags.database)
def check_encoding(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A database in another encoding than UTF-8 would refuse what people type."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW server_encoding")
                encoding = cursor.fetchone()[0]
        except OperationalError as error:
            problems.append(
                Error(
                    f"The database does not answer: {str(error).strip()}",
                    hint="Check DATABASE_URL, and that the server runs and lets this machine in.",
                    id="portal.E001",
                )
            )
        else:
            if encoding != "UTF8":
                problems.append(
                    Error(
                        f"The database's encoding is {encoding}, and the portal needs UTF8.",
                        hint="Create it with: CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0.",
                        id="portal.E002",
                    )
                )
    return problems
