"""What was published while the database was away: written beside the snapshot, taken into the database once it is back.

An entry is one line of JSON, on the disk before anything is published from it. The database takes each in exactly once:
it remembers the entries' ids, so that a kill between its commit and the file's removal does no harm.
"""

import json
import logging
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, transaction

from status import incidents, publishing
from status.changes import By, Said
from status.constants import Origin
from status.errors import StatusError
from status.models import Component, ImportedEntry, Incident
from status.snapshot import files
from status.snapshot.store import Store

logger = logging.getLogger(__name__)

JOURNAL = "journal.jsonl"
REFUSED = "journal-refused.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of the command: an incident opened (``name`` is given) or an update of one. Ids are public ids."""

    incident: str
    update: str
    status: str
    body: str
    at: datetime
    name: str = ""
    impact: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def opens(self) -> bool:
        """Say whether it opens an incident."""
        return bool(self.name)


def append(store: Store, entry: Entry) -> None:
    """Write the entry to the disk. The caller holds the store's lock."""
    files.make_directory(store.directory)
    files.make_directory(store.private, files.PRIVATE_MODE)
    line = json.dumps(_values(entry)) + "\n"
    _mend(store.private / JOURNAL)
    with (store.private / JOURNAL).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    files.fsync(store.private)


def pending(store: Store) -> list[Entry]:
    """Return the entries that the database has not been seen to take in, oldest first.

    A last line without its end was cut off by a kill before its command said that it was done; it is left out.
    """
    return _read(store)[0]


def _read(store: Store) -> tuple[list[Entry], list[str]]:
    """Return the entries, and the whole lines that are none."""
    try:
        text = (store.private / JOURNAL).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return [], []
    found: list[Entry] = []
    unreadable: list[str] = []
    # Not splitlines: it would also part lines at characters that JSON leaves as they are.
    for line in text.split("\n")[:-1]:
        try:
            found.append(_entry(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            logger.exception("A line of the status journal cannot be read: %s", line[:200])
            unreadable.append(line)
    return found, unreadable


def import_pending(store: Store) -> int:
    """Take the journal into the database by the usual verbs, which tell subscribers. Returns how many entries.

    Each entry is a transaction of its own. One that the database refuses, such as an update of an incident that was
    resolved meanwhile, is put aside for an operator and does not hold up the rest. The caller holds the store's lock.
    """
    entries, unreadable = _read(store)
    imported = sum(_import(store, entry) for entry in entries)
    for line in unreadable:
        _put_aside(store.private / REFUSED, {"unreadable": line})
    if entries or unreadable:
        # The database has them all: from here on it is the truth, and newer than what was published without it.
        with transaction.atomic():
            publishing.lock()
            publishing.changed()
        (store.private / JOURNAL).unlink(missing_ok=True)
        files.fsync(store.private)
    return imported


def _import(store: Store, entry: Entry) -> bool:
    try:
        with transaction.atomic():
            _row, is_new = ImportedEntry.objects.get_or_create(entry_id=uuid.UUID(entry.id))
            if is_new:
                _perform(entry)
    except (StatusError, PermissionDenied, Incident.DoesNotExist, IntegrityError, DataError) as error:
        logger.exception("The entry %s of the status journal was refused.", entry.id)
        _put_aside(store.private / REFUSED, {**_values(entry), "error": str(error)})
        return False
    return is_new


def _perform(entry: Entry) -> None:
    by = By(origin=Origin.BREAK_GLASS)
    known = dict(Component.objects.present().filter(public_id__in=entry.components).values_list("public_id", "pk"))
    components = {known[name]: status for name, status in entry.components.items() if name in known}
    if entry.opens:
        new = incidents.NewIncident(
            name=entry.name,
            body=entry.body,
            status=entry.status,
            impact=entry.impact,
            components=components,
            started_at=entry.at,
            at=entry.at,
            origin_key=f"journal:{entry.id}",
            public_id=entry.incident,
            update_public_id=entry.update,
        )
        incidents.open_incident(by=by, new=new)
        return
    newest = Incident.objects.get(public_id=entry.incident).updates.first()
    said = Said(
        entry.status,
        entry.body,
        components,
        # Where the database holds something newer, what comes in now follows it.
        at=entry.at if newest is None or newest.display_at <= entry.at else None,
        origin_key=f"journal:{entry.id}",
        public_id=entry.update,
    )
    incidents.post_update(by=by, public_id=entry.incident, said=said, impact=entry.impact)


def _entry(value: Mapping[str, Any]) -> Entry:
    uuid.UUID(value["id"])
    return Entry(**{**value, "at": datetime.fromisoformat(value["at"])})


def _values(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry), "at": entry.at.isoformat()}


def _put_aside(path: Path, values: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _mend(path: Path) -> None:
    """End a line that a kill cut off, so that the next one stands alone."""
    try:
        with path.open("rb+") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.truncate(path.read_bytes().rfind(b"\n") + 1)
    except FileNotFoundError:
        return


def is_refused(store: Store, entry: Entry) -> bool:
    """Say whether the database has refused the entry."""
    try:
        return entry.id in (store.private / REFUSED).read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
