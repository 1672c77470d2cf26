"""What a path in the snapshot may look like, and what follows from it for whoever serves it."""

import re
from pathlib import PurePosixPath

MAX_SEGMENT = 200  # characters; file systems allow 255 bytes
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
META = "meta.json"

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
}


def is_path(text: str) -> bool:
    """Say whether this may be a file of the snapshot: relative, plain ASCII, no hidden or empty segment, no ``..``."""
    return _PATH.fullmatch(text) is not None and all(len(part) <= MAX_SEGMENT for part in text.split("/"))


def check(path: str) -> None:
    """Raise ValueError for a path that the snapshot cannot hold, or whose type nobody would know."""
    if not is_path(path) or path == META:
        raise ValueError(f"Not a path of the snapshot: {path!r}")
    if PurePosixPath(path).suffix not in CONTENT_TYPES:
        raise ValueError(f"The snapshot knows no content type for {path!r}")


def shelf(path: str) -> str:
    """Return the group of paths that this one is noted with; pages that are directories are grouped by their parent."""
    directory, _slash, name = path.rpartition("/")
    return directory.rpartition("/")[0] if name.startswith("index.") else directory


def content_type(path: str) -> str:
    """Return the Content-Type of a file of the snapshot."""
    return CONTENT_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def is_widget(path: str) -> bool:
    """Say whether this is the page that other sites may show inside theirs: ``…/widget/index.html``."""
    parts = path.split("/")
    return len(parts) > 1 and parts[-2] == "widget" and parts[-1].startswith("index.")


def is_open(path: str) -> bool:
    """Say whether scripts and pages of other origins may read this: all that is no page, and the widget."""
    return not path.endswith(".html") or is_widget(path)


def is_addressed(path: str) -> bool:
    """Say whether a file has an address under its own name; directories' pages and stale variants have none."""
    name = path.rpartition("/")[2]
    return not name.startswith("index.") and ".stale." not in name


def stale(path: str) -> str:
    """Return the path of what is shown instead once nobody knows whether the snapshot is still true."""
    stem, _dot, extension = path.rpartition(".")
    return f"{stem}.stale.{extension}"
