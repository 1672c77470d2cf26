"""The directory that holds the public status: whoever serves ``current/`` needs neither Django nor a database.

::

    objects/<fingerprint>.<ext>     files, named by their content
    trees/<fingerprint>/            directories of relative symbolic links to objects and to other trees
    versions/<database>-<journal>-<microseconds>-<digest>/   a root of trees, with its meta.json
    current -> versions/...         swapped by one rename
    private/                        the lock, what each file was made from, and what callers keep there

Everything is written under a name that nobody reads, put on the disk and then renamed; ``current`` comes last. So a
kill at any line leaves the old snapshot or the new one, whole. Nothing here asks a server or imports a model.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from status.snapshot import files, manifests, paths, sweeping, trees

Version = tuple[int, int]  # (the database's version, sequence of the journal that is written without it)

PUBLISH_WAIT = 30.0  # seconds for the lock
LOCK_POLL = 0.02  # seconds
# A renewal from a clock that ran this far ahead is not believed: the right time may replace it.
CLOCK_AHEAD = timedelta(minutes=2)
UNREFERENCED_SECONDS = 3600.0


class StoreError(Exception):
    """The snapshot could not be published; the one before stays."""


class StoreBusyError(StoreError):
    """Another process held the lock all the time."""


class NotKeptError(StoreError):
    """A file was to be kept that the current snapshot does not have, or has from another source. Render it anew."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A file as it was just rendered. ``source`` is a fingerprint of what it was rendered from."""

    content: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is as in the current snapshot, where it was made from the same ``source``."""

    source: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of a published snapshot. ``change`` fingerprints all of it but the as-of time."""

    name: str
    version: Version
    as_of: datetime
    change: str
    root: Path


class Store:
    """The snapshot in one directory. An object belongs to one process; it may be shared by threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory)
        self.objects = self.directory / "objects"
        self.trees = self.directory / "trees"
        self.versions = self.directory / "versions"
        self.private = self.directory / "private"
        self._held = threading.local()

    # --- Reading --------------------------------------------------------------------------------------------------

    def current(self) -> Snapshot | None:
        """Return the published snapshot, or None when there is none or it is damaged."""
        name = self._current_name()
        return None if name is None else self._snapshot(name)

    def sources(self) -> Mapping[str, str]:
        """Return what each file of the current snapshot was made from, by path; empty when there is none.

        Files whose content has been lost are left out, so that they are rendered anew.
        """
        here = files.names(self.objects)
        return {path: note.source for path, note in self._notes().items() if note.object in here}

    def _current_name(self) -> str | None:
        try:
            return (self.directory / "current").readlink().name
        except OSError:
            return None

    def _snapshot(self, name: str) -> Snapshot | None:
        root = self.versions / name
        try:
            meta = json.loads((root / paths.META).read_bytes())
            database, journal = meta["version"]
            as_of = datetime.fromisoformat(meta["as_of"])
            return Snapshot(name, (int(database), int(journal)), as_of, str(meta["change"]), root)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _notes(self) -> Mapping[str, manifests.Note]:
        name = self._current_name()
        return {} if name is None else manifests.read(self.private, name)

    # --- Writing --------------------------------------------------------------------------------------------------

    def publish(
        self,
        documents: Mapping[str, Fresh | Kept] | Iterable[tuple[str, Fresh | Kept]],
        *,
        version: Version,
        as_of: datetime,
        change: str,
    ) -> bool:
        """Make these files the snapshot. Returns False, and changes nothing, when it is no newer than the current one.

        Newer is: of a higher version, or of the same version with a later ``as_of`` (aware). ``documents`` may be a
        generator, so that not all contents are in memory at once; it runs under the lock, and not at all when the
        snapshot is not newer. Whatever it leaves out is no longer there.

        ``Kept`` refers to the current snapshot: call ``sources()`` and this inside one ``locked()``.

        Raises ValueError for a path that cannot be served, NotKeptError, StoreBusyError, and OSError when the disk
        will not take it; the current snapshot then stays.
        """
        if as_of.tzinfo is None:
            raise ValueError("as_of has no time zone")
        if min(version) < 0:
            raise ValueError(f"A version counts up from zero: {version!r}")
        with self._lock_held():
            self._prepare()
            if not self._is_newer(version, as_of):
                return False
            pairs = documents.items() if isinstance(documents, Mapping) else documents
            notes = self._write_objects(pairs)
            needed, root = trees.plan({path: note.object for path, note in notes.items()})
            trees.write(self.trees, needed)
            meta = json.dumps({"version": version, "as_of": as_of.isoformat(), "change": change}).encode()
            name = version_name(version, as_of, root, meta)
            manifests.write(self.private, name, notes)
            self._write_version(name, root, meta)
            files.point(self.directory / "current", f"versions/{name}")
            return True

    def _is_newer(self, version: Version, as_of: datetime) -> bool:
        name = self._current_name()
        known = None if name is None else parse_version_name(name)
        if known is None or version != known[0]:
            return known is None or version > known[0]
        return as_of > known[1] or known[1] > datetime.now(UTC) + CLOCK_AHEAD

    def _write_objects(self, pairs: Iterable[tuple[str, Fresh | Kept]]) -> dict[str, manifests.Note]:
        objects = files.Objects(self.objects)
        before = self._notes()
        notes: dict[str, manifests.Note] = {}
        for path, document in pairs:
            paths.check(path)
            if isinstance(document, Fresh):
                suffix = PurePosixPath(path).suffix
                notes[path] = manifests.Note(objects.add(document.content, suffix), document.source)
                continue
            kept = before.get(path)
            if kept is None or kept.source != document.source or kept.object not in objects.known:
                raise NotKeptError(path)
            notes[path] = kept
        objects.flush()
        return notes

    def _write_version(self, name: str, root: trees.Entries, meta: bytes) -> None:
        path = self.versions / name
        place = files.unfinished(self.versions)
        trees.fill(place, root)
        files.write(place / paths.META, meta)
        files.fsync(place / paths.META)
        files.fsync(place)
        if path.is_dir():
            # Left by a kill just before it became the current one, and maybe damaged since.
            path.rename(files.unfinished(self.versions))
        place.rename(path)
        files.fsync(self.versions)

    def _prepare(self) -> None:
        for directory in (self.directory, self.objects, self.trees, self.versions):
            files.make_directory(directory)
        files.make_directory(self.private, files.PRIVATE_MODE)

    # --- One at a time --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self, *, wait: float) -> Iterator[bool]:
        """Hold the lock of this machine's publishers; false when it was not to be had in ``wait`` seconds.

        A thread that holds it may take it again. The lock ends with the process, however that ends.
        """
        if getattr(self._held, "depth", 0):
            self._held.depth += 1
            try:
                yield True
            finally:
                self._held.depth -= 1
            return
        files.make_directory(self.directory)
        files.make_directory(self.private, files.PRIVATE_MODE)
        descriptor = os.open(self.private / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            got = take(descriptor, wait)
            self._held.depth = int(got)
            yield got
        finally:
            self._held.depth = 0
            os.close(descriptor)

    @contextlib.contextmanager
    def _lock_held(self) -> Iterator[None]:
        with self.locked(wait=PUBLISH_WAIT) as got:
            if not got:
                raise StoreBusyError(f"The lock was not free for {PUBLISH_WAIT:g} s")
            yield

    def mend(self) -> int:
        """Remove files whose content is not what their names say, so that they are made anew; return how many."""
        with self._lock_held():
            broken = [name for name in files.names(self.objects) if not files.is_whole(self.objects / name)]
            for name in broken:
                (self.objects / name).unlink(missing_ok=True)
            return len(broken)

    def sweep(self, *, older_than: float = UNREFERENCED_SECONDS, limit: int = 5000) -> int:
        """Remove versions, directories and files that nothing refers to for ``older_than`` seconds; return how many.

        At most ``limit`` in one call. The current version and the two before it stay for whoever is reading them.
        """
        with self._lock_held():
            return sweeping.sweep(self.directory, older_than=older_than, limit=limit)


def take(descriptor: int, wait: float) -> bool:
    """Take the lock of an open file within so many seconds, or return false."""
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOCK_POLL)
        else:
            return True


def version_name(version: Version, as_of: datetime, root: trees.Entries, meta: bytes) -> str:
    """Return the directory's name, which tells what is newer even when the rest of the directory is damaged."""
    digest = hashlib.sha256(meta + json.dumps(root, sort_keys=True).encode()).hexdigest()
    microseconds = (as_of - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f"{version[0]}-{version[1]}-{microseconds}-{digest[:16]}"


def parse_version_name(name: str) -> tuple[Version, datetime] | None:
    """Return the version and as-of time in a directory's name, or None when it is not one of ours."""
    try:
        database, journal, microseconds, _digest = name.split("-")
        as_of = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
        return (int(database), int(journal)), as_of
    except (ValueError, OverflowError):
        return None
