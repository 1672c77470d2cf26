"""Locks that the kernel drops with their holder, and waiting."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

POLL_SECONDS = 0.1

Progress = Callable[[str], None]


def open_file(path: Path) -> int:
    """Open a lock's file, made when missing; what this process starts does not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def write(descriptor: int, text: str) -> None:
    """Put ``text`` in the place of what the file held."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def try_lock(descriptor: int, operation: int) -> bool:
    """Take or change the lock if that is possible now, and say whether it was."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(descriptor: int, operation: int, progress: Progress, waiting: str) -> None:
    """Wait for the lock, saying ``waiting`` now and then."""
    beat = time.monotonic() + 1
    while not try_lock(descriptor, operation):
        if time.monotonic() > beat:
            progress(waiting)
            beat += 5
        time.sleep(POLL_SECONDS / 2)


@contextlib.contextmanager
def held(path: Path, progress: Progress, waiting: str) -> Iterator[None]:
    """Hold an exclusive lock."""
    descriptor = open_file(path)
    try:
        lock(descriptor, fcntl.LOCK_EX, progress, waiting)
        yield
    finally:
        os.close(descriptor)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until the condition holds, at most so long, and say whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS / 2)
    return True
