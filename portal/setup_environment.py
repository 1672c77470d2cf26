"""Make the virtual environment and install one hash-locked file of requirements: the first step of every make target.

Runs before anything is installed, so it imports the standard library only, and speaks the syntax of older Pythons to be
able to refuse them in words.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
MARK = "installing"  # in the environment while pip runs: an interrupted installation is made anew


def main() -> int:
    """Bring the environment up to date and return the exit code."""
    parser = argparse.ArgumentParser(description="Install a locked file of requirements into a virtual environment.")
    parser.add_argument("lock", help="requirements*.txt")
    parser.add_argument("--venv", default=".venv", help="the environment's folder")
    options = parser.parse_args()
    problem = missing_part()
    if problem:
        sys.stderr.write(problem + "\n")
        return 1
    venv = (CHECKOUT / options.venv).resolve()
    locks = [CHECKOUT / options.lock, *included(CHECKOUT / options.lock)]
    # The lock file is the checkout's Makefile, so that two first runs of one checkout wait for each other.
    with (CHECKOUT / "Makefile").open() as guard:
        wait_for(guard)
        if not is_current(venv, locks[0]):
            install(venv, locks, guard.fileno())
    return 0


def missing_part() -> str:
    """Say what this Python lacks, or nothing."""
    version = "{}.{}".format(*sys.version_info[:2])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return f"The portal needs Python 3.11 or later, and {sys.executable} is {version}. Set PYTHON=/path/to/python3."
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        return (
            f"{sys.executable} has no venv module. Debian and Ubuntu: apt-get install python{version}-venv; "
            "or set PYTHON=/path/to/python3."
        )
    return ""


def included(lock: Path) -> list[Path]:
    """Return the lock files whose packages this one holds too."""
    source = lock.with_suffix(".in").read_text()
    names = [line.split()[1] for line in source.splitlines() if line.startswith("-r ")]
    found = [(lock.parent / name).with_suffix(".txt") for name in names]
    return found + [deeper for one in found for deeper in included(one)]


def wait_for(guard: TextIO) -> None:
    """Take the checkout's lock; say so while another make has it."""
    beat = 0.0
    while True:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > beat:
                say("another make is installing into this checkout; waiting for it")
                beat = time.monotonic() + 10
            time.sleep(0.2)
        else:
            return


def is_current(venv: Path, lock: Path) -> bool:
    """Say whether the environment works and holds what the lock file names."""
    stamp = stamp_of(venv, lock)
    return not (venv / MARK).exists() and stamp.exists() and stamp.read_text() == checksum(lock) and python_works(venv)


def install(venv: Path, locks: list[Path], guard: int) -> None:
    """Install with pip, which shows its own progress; what goes wrong ends this process with pip's exit code."""
    mark = venv / MARK
    interrupted = mark.exists()
    if interrupted:
        say("the last installation was interrupted; making it anew")
    if interrupted or not python_works(venv):
        say(f"making {venv} with {sys.executable}")
        run([sys.executable, "-m", "venv", "--clear", str(venv)], guard)
    mark.touch()
    for lock in locks:
        with contextlib.suppress(FileNotFoundError):
            stamp_of(venv, lock).unlink()
    say(f"installing {locks[0].name} (a minute or two the first time)")
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    run([*pip, "install", "--require-hashes", "-r", str(locks[0])], guard)
    for lock in locks:
        stamp_of(venv, lock).write_text(checksum(lock))
    mark.unlink()


def python_works(venv: Path) -> bool:
    """Say whether the environment's Python starts: its base may have been removed since."""
    program = venv / "bin" / "python"
    if not program.exists():
        return False
    check = f"import pip, sys; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON})"
    return subprocess.call([str(program), "-c", check], stderr=subprocess.DEVNULL) == 0


def run(command: list[str], guard: int) -> None:
    """Run a step; it holds the checkout's lock too, should this process be killed before it."""
    code = subprocess.call(command, pass_fds=[guard])
    if code:
        sys.exit(code)


def stamp_of(venv: Path, lock: Path) -> Path:
    """Return the file that says which state of a lock file is installed."""
    return venv / f"installed-{lock.stem}"


def checksum(lock: Path) -> str:
    """Return the lock file's SHA-256."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def say(line: str) -> None:
    """Print at once: pip's output comes between."""
    sys.stdout.write("setup  | " + line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.chdir(str(CHECKOUT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
