"""Processes: whose they are, when they end, what they inherit."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def set_variables() -> dict[str, str]:
    """Return the environment without empty variables: a shell's ``REDIS_URL=`` means that none is set."""
    return {name: value for name, value in os.environ.items() if value}


def server_environment() -> dict[str, str]:
    """A server's locale and messages do not depend on who starts it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PG"))}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/"}


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what asks Linux to signal the new process when this one is killed; elsewhere the next start ends it."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(1, int(number), 0, 0, 0)  # 1 is PR_SET_PDEATHSIG, prctl(2)

    return ask


def runs(pid: int, needle: str) -> bool:
    """Say whether the process exists and has ``needle`` in its command line."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        if Path("/proc/self").exists():
            return False
        done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607 - each system has its own place for ps
        line = done.stdout
    return needle in line
