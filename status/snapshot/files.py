"""Writing that a kill, at any line, leaves either undone or done: a temporary name, the disk, then the real name."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

FILE_MODE = 0o644  # whoever serves the snapshot, nginx say, is another user
DIRECTORY_MODE = 0o755
PRIVATE_MODE = 0o700
# What is being made, in the directory where it will stand. A kill leaves it behind, and the sweep finds it.
UNFINISHED = ".new-"
BATCH = 256  # files written before the disk is waited for
WORTH_SYNC = 100  # from so many files on, waiting for the whole disk once is quicker than for each of them


def make_directory(path: Path, mode: int = DIRECTORY_MODE) -> None:
    """Make the directory with exactly this mode, whatever the process's umask."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True)
        path.chmod(mode)


def unfinished(directory: Path) -> Path:
    """Return a name in the directory for something that is being made."""
    return directory / f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(8)}"


def fsync(path: Path) -> None:
    """Wait until the file or directory is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes, mode: int = FILE_MODE, mtime: int | None = None) -> None:
    """Write a new file, without waiting for the disk. ``mtime`` is in seconds since 1970."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fchmod(descriptor, mode)
        if mtime is not None:
            os.utime(descriptor, (mtime, mtime))
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes, mode: int = FILE_MODE) -> None:
    """Give the file this content: readers find the whole old or the whole new one, after a power cut as well."""
    new = unfinished(path.parent)
    write(new, content, mode)
    fsync(new)
    new.replace(path)
    fsync(path.parent)


def point(link: Path, target: str) -> None:
    """Let the symbolic link point to the target from one moment to the next."""
    new = unfinished(link.parent)
    new.symlink_to(target)
    new.replace(link)
    fsync(link.parent)


def names(directory: Path) -> set[str]:
    """Return what stands in the directory, without what is being made there."""
    try:
        with os.scandir(directory) as entries:
            return {entry.name for entry in entries if not entry.name.startswith(".")}
    except FileNotFoundError:
        return set()


class Objects:
    """Files named by their content, each written once and never changed. Use it as a context; leaving it writes."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.known = names(directory)
        self._waiting: list[tuple[Path, str]] = []

    def add(self, content: bytes, suffix: str) -> str:
        """Return the name of the object with this content, which is on the disk after ``flush``."""
        digest = fingerprint(content)
        name = f"{digest}{suffix}"
        if name not in self.known:
            new = unfinished(self.directory)
            write(new, content, mtime=mtime(digest))
            self._waiting.append((new, name))
            self.known.add(name)
            if len(self._waiting) >= BATCH:
                self.flush()
        return name

    def flush(self) -> None:
        """Wait for the disk, then give the new files their names: a name that exists has its whole content."""
        if not self._waiting:
            return
        wait_for(path for path, _name in self._waiting) if len(self._waiting) < WORTH_SYNC else os.sync()
        for path, name in self._waiting:
            path.replace(self.directory / name)
        fsync(self.directory)
        self._waiting.clear()


def wait_for(paths: Iterable[Path]) -> None:
    """Wait until each of the files is on the disk."""
    for path in paths:
        fsync(path)


def fingerprint(content: bytes) -> str:
    """Return the name of a content: 160 bits of its SHA-256.

    With more, a symbolic link to it would be longer than 59 characters, and take a block of the disk instead of none.
    """
    return hashlib.sha256(content).hexdigest()[:40]


def mtime(digest: str) -> int:
    """Return the modification time of an object: 31 bits of its content's digest.

    nginx makes a file's ETag of nothing but its time, in whole seconds, and its size. With the real time, two states
    that are published within one second and are equally long would be one to every cache.
    """
    return int(digest[:8], 16) & 0x7FFFFFFF


def is_whole(path: Path) -> bool:
    """Say whether an object's content is what its name says; one that vanishes meanwhile is nobody's trouble."""
    try:
        return fingerprint(path.read_bytes()) == path.stem
    except FileNotFoundError:
        return True
