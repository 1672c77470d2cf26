"""From a ``State`` to the snapshot: all parts, the as-of file, and the state itself for a day without a database."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from lib import brand_assets
from status import uptime
from status.snapshot import api, badge, calendar, feeds, files, pages
from status.snapshot.store import Store
from status.snapshot.work import Document, Part, Work
from status.state import IncidentState, State

PARTS: Sequence[Part] = (
    pages.documents,
    api.documents,
    feeds.documents,
    calendar.documents,
    badge.documents,
)
STATE_FILE = "state.json"
_RENDERED_BY = (
    "status",
    "templates/status",
    "templates/base.html",
    "templates/components",
    "portal/templatetags",
    "portal/icons.py",
    "locale",
    "portal/bundles.py",
    "static",
)
_SETTINGS = ("PORTAL_NAME", "PORTAL_VENDOR", "PORTAL_URL", "STATUS_URL", "STATUS_TIME_ZONE", "LANGUAGES", "DEMO")

Load = Callable[[Sequence[str]], Sequence[IncidentState]]


def write(store: Store, state: State, *, load: Load, as_of: datetime | None = None) -> bool:
    """Render ``state`` and make it the snapshot, unless a newer one is there. The caller holds the store's lock."""
    current = store.current()
    if current is not None and (state.version, state.journal) < current.version:
        # The state that is kept goes on being that which is published.
        return False
    moment = as_of or timezone.now()
    change = change_of(state.version, state.journal, uptime.day_of(moment))
    work = Work(
        state=state,
        as_of=moment.replace(microsecond=0),
        languages=[code for code, _name in settings.LANGUAGES],
        code=code_fingerprint(),
        sources=store.sources(),
        load=load,
        change=change,
    )
    _keep(store, state, change)
    return store.publish(_documents(work), version=(state.version, state.journal), as_of=moment, change=change)


def change_of(version: int, journal: int, today: date) -> str:
    """Return what tells two snapshots apart, but for their as-of times."""
    text = f"{code_fingerprint()}:{version}:{journal}:{today}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_state(store: Store) -> State | None:
    """Return the state that was published last; nothing when there is none, or it cannot be read."""
    try:
        return State.from_json(json.loads((store.private / STATE_FILE).read_bytes())["state"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(store: Store, state: State, change: str) -> None:
    # First the state and then the snapshot: a kill between them leaves a state that is newer, and as true.
    path = store.private / STATE_FILE
    try:
        if json.loads(path.read_bytes())["change"] == change:
            return
    except (OSError, ValueError, KeyError, TypeError):
        pass
    files.make_directory(store.directory)
    files.make_directory(store.private, files.PRIVATE_MODE)
    files.replace(path, json.dumps({"change": change, "state": state.to_json()}).encode())


def _documents(work: Work) -> Iterator[Document]:
    for part in PARTS:
        yield from part(work)
    told = {"as_of": work.as_of.isoformat(), "change": work.change}
    yield work.document("status/as-of.json", json.dumps(told), lambda: json.dumps(told).encode())


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Return what changes with the code, the templates and the settings that documents are made by."""
    digest = hashlib.sha256()
    for name in _SETTINGS:
        digest.update(repr(getattr(settings, name)).encode())
    digest.update(brand_assets.fingerprint().encode())
    for name in _RENDERED_BY:
        path = Path(settings.BASE_DIR) / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in {".py", ".html", ".txt", ".mo", ".css", ".js", ".svg"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
