"""A small snapshot with every kind of file, for those who serve it."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from status.snapshot.store import Fresh, Store, Version

INCIDENT = "kctbh9vrtdwd"

PAGES = {
    "status/index.html": "<!doctype html><title>All systems operational</title>",
    "status/index.stale.html": "<!doctype html><title>The state is unknown</title>",
    "status/de/index.html": "<!doctype html><title>Alle Systeme laufen</title>",
    "status/history/index.html": "<!doctype html><title>History</title>",
    "status/history/2026-11/index.html": "<!doctype html><title>November 2026</title>",
    f"status/incidents/{INCIDENT}/index.html": "<!doctype html><title>An incident — näher beschrieben</title>",
    f"status/de/incidents/{INCIDENT}/index.html": "<!doctype html><title>Ein Vorfall</title>",
    "status/components/b13yz5g2cw10/index.html": "<!doctype html><title>A component</title>",
}
WIDGETS = {
    "status/widget/index.html": "<!doctype html><title>The widget</title>",
    "status/de/widget/index.html": "<!doctype html><title>Das Widget</title>",
}
DATA = {
    "status/history.atom": '<?xml version="1.0"?><feed/>',
    "status/history.rss": '<?xml version="1.0"?><rss/>',
    "status/calendar.ics": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "status/badge.svg": "<svg>up</svg>",
    "status/badge.stale.svg": "<svg>unknown</svg>",
    "status/widget.js": "'use strict'",
    "status/as-of.json": '{"as_of": "2026-11-02T12:00:00Z", "change": "abc"}',
    "status/api/v2/summary.json": '{"page": {}}',
    "status/api/v2/incidents.json": '{"incidents": []}',
    "status/api/v2/incidents/unresolved.json": '{"incidents": []}',
    "api/v2/summary.json": '{"page": {}}',
    "api/v2/incidents.json": '{"incidents": []}',
    "api/v2/incidents/unresolved.json": '{"incidents": []}',
}
EVERYTHING = {**PAGES, **WIDGETS, **DATA}

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


def do_not_wait_for_the_disk(patch: pytest.MonkeyPatch) -> None:
    """Leave out what only a power cut would show, and what takes nearly all of the time."""
    patch.setattr(os, "fsync", lambda _file: None)
    patch.setattr(os, "sync", lambda: None)


def address(path: str) -> str:
    """Return where a file of the snapshot is to be found."""
    return "/" + path.removesuffix("index.html")


def addresses(contents: dict[str, str]) -> list[str]:
    """Return the addresses of all files but the stale variants."""
    return [address(path) for path in contents if ".stale." not in path]


def publish(
    directory: Path, contents: dict[str, str], *, version: Version = (1, 0), as_of: datetime | None = None
) -> None:
    """Publish these files, as of now."""
    documents = {path: Fresh(text.encode(), text) for path, text in contents.items()}
    assert Store(directory).publish(documents, version=version, as_of=as_of or timezone.now(), change=str(version))
