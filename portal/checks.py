"""Misconfiguration, told before anything is migrated: of the servers, and of the vendor's look."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from lib import brand_assets
from lib.colour import channels

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


@register()
def check_brand(**_kwargs: Any) -> list[CheckMessage]:
    """The vendor's colours, pictures and links can be used: what cannot is left out of the pages, not broken."""
    found: list[CheckMessage] = []
    for name in ("PORTAL_BRAND_COLOR", "PORTAL_BRAND_COLOR_DARK"):
        value = getattr(settings, name)
        try:
            if value:
                channels(value)
        except ValueError as error:
            found.append(
                Error(f"{name}: {error}", hint="Write red, green and blue in hex, such as #0a6678.", id="portal.E010")
            )
    for asset, name in brand_assets.SETTINGS.items():
        wrong = brand_assets.check(asset)
        if wrong:
            found.append(Error(f"{name}: {wrong}", hint="Give the path of a small SVG or PNG.", id="portal.E011"))
    try:
        brand_assets.parse_links(settings.PORTAL_FOOTER_LINKS)
    except ValueError as error:
        hint = "Write label=address pairs, parted by commas, such as Imprint=https://example.com/imprint."
        found.append(Error(f"PORTAL_FOOTER_LINKS: {error}", hint=hint, id="portal.E012"))
    return found
