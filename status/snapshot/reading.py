"""Reading the snapshot in a web server's process: one ``readlink`` a request, the rest from memory.

Nothing is read in advance: a file that is asked for is found by following the directory's own links, so that a process
costs the same whether the snapshot has ten pages or fifty thousand.
"""

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from status.snapshot import files, paths, trees
from status.snapshot.store import parse_version_name

CACHE_BYTES = 32 * 1024 * 1024  # of contents, per process
MAX_FOUND = 20_000  # paths whose objects are remembered, per process

DIRECTORY = "/"  # what ``find`` returns for a directory


class DamagedError(Exception):
    """The snapshot refers to what is not there, or not as it was written."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object's bytes and its strong ETag, which is the one that nginx makes of the same file."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class View:
    """A published version, as it is being read."""

    link: str
    root: str
    as_of: datetime
    found: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads one directory. Threads share it."""

    def __init__(self, directory: Path, *, cache_bytes: int = CACHE_BYTES) -> None:
        self.directory = directory
        self._current = str(directory / "current")
        self._view: View | None = None
        self._contents = Contents(directory / "objects", cache_bytes)

    def view(self) -> View | None:
        """Return the current version, or None when nothing is published. Raises DamagedError."""
        try:
            link = os.readlink(self._current)  # noqa: PTH115 - a Path costs more than the call, at every request
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedError(str(error)) from error
        view = self._view
        if view is None or view.link != link:
            self._view = view = self._look(link)
        return view

    def _look(self, link: str) -> View:
        known = parse_version_name(PurePosixPath(link).name)
        root = self.directory / link
        if known is None or not root.is_dir():
            raise DamagedError(f"current points to {link!r}, which is no version")
        return View(link, str(root), known[1])

    def find(self, view: View, path: str) -> str | None:
        """Return the name of the object at this path of the version, ``DIRECTORY``, or None when nothing is there."""
        known = view.found.get(path)
        if known is not None:
            return known
        if not paths.is_path(path):
            return None
        try:
            target = os.readlink(f"{view.root}/{path}")  # noqa: PTH115 - as above
        except OSError:
            return None
        name = target.removeprefix(trees.OBJECT) if target.startswith(trees.OBJECT) else DIRECTORY
        if len(view.found) < MAX_FOUND:
            view.found[path] = name
        return name

    def has(self, view: View, path: str) -> bool:
        """Say whether the version has this directory. When not, that something in it is missing tells nothing."""
        return (Path(view.root) / path).is_dir()

    def content(self, name: str) -> Content:
        """Return an object. Raises DamagedError."""
        return self._contents.get(name)


class Contents:
    """Objects in memory, up to so many bytes; those unused for longest go first."""

    def __init__(self, directory: Path, limit: int) -> None:
        self.directory = directory
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[str, Content] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> Content:
        """Return an object, from memory or the disk. Raises DamagedError when it is not what its name says."""
        with self._lock:
            known = self._kept.get(name)
            if known is not None:
                self._kept.move_to_end(name)
                return known
        content = load(self.directory / name)
        if len(content.body) <= self.limit // 8:
            self._keep(name, content)
        return content

    def _keep(self, name: str, content: Content) -> None:
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = content
            self.size += len(content.body)
            while self.size > self.limit:
                _name, oldest = self._kept.popitem(last=False)
                self.size -= len(oldest.body)


def load(path: Path) -> Content:
    """Read an object and compare it with its name. Raises DamagedError."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise DamagedError(str(error)) from error
    digest = files.fingerprint(body)
    if digest != path.stem:
        raise DamagedError(f"{path.name} is not what its name says")
    return Content(body, f'"{files.mtime(digest):x}-{len(body):x}"')
