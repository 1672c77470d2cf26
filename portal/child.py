"""One process of a running portal: started in a session of its own, its output prefixed, restarted when it dies."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from portal.console import Console
from portal.local_servers import die_with_parent, runs

QUICK_SECONDS = 10  # a process that lives shorter than this did not start
QUICK_DEATHS = 5  # after so many in a row the run ends
LONGEST_PAUSE = 15.0  # seconds before a restart


class Child:
    """A command that is kept running until ``ask_to_end()``."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], console: Console) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.console = console
        self.process: subprocess.Popen[str] | None = None
        self.deaths = 0
        self._started = 0.0
        self._again = 0.0

    def start(self) -> None:
        """Start the process. Only the main thread may: Linux ends the child when the starting thread ends."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self._started = time.monotonic()
        threading.Thread(target=self._print, args=(self.process.stdout,), daemon=True).start()

    def _print(self, output: IO[str]) -> None:
        with contextlib.suppress(ValueError):  # closed while being read
            for line in output:
                self.console.line(self.name, line.rstrip("\n"))

    def look_after(self, changed: Callable[[], None]) -> bool:
        """Restart the process if it died, after a growing pause. Returns false when it will not stay up."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return True
            lived = time.monotonic() - self._started
            self.deaths = self.deaths + 1 if lived < QUICK_SECONDS else 1
            self.process = None
            if self.deaths >= QUICK_DEATHS:
                self.console.line("portal", f"{self.name} ended at once {self.deaths} times ({ended(code)}); giving up")
                return False
            pause = min(0.5 * 2 ** (self.deaths - 1), LONGEST_PAUSE)
            self._again = time.monotonic() + pause
            self.console.line("portal", f"{self.name} ended ({ended(code)}); starting it again in {pause:g} s")
        if time.monotonic() >= self._again:
            self.start()
            changed()
        return True

    @property
    def exit_code(self) -> int | None:
        """Return how the process ended, or None while it runs."""
        return self.process.poll() if self.process is not None else None

    def ask_to_end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Signal the process, which ends its own children."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, seconds: float) -> None:
        """Wait so long for the asked process to end; then end its whole group by force."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self.console.line("portal", f"{self.name} does not end in time; ending it by force")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def ended(code: int) -> str:
    """Say in words how a process ended."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def end_leftovers(noted: Path, say: Callable[[str], None]) -> None:
    """End the processes that outlived a killed run. ``noted`` holds their ids and commands as JSON."""
    try:
        commands: dict[str, list[str]] = json.loads(noted.read_text())
    except (OSError, ValueError):
        return
    # An id alone may by now be anybody's.
    left = [int(pid) for pid, command in commands.items() if runs(int(pid), " ".join(command))]
    if left:
        say("ending what a killed run left behind")
    for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.1)
            left = [pid for pid in left if runs(pid, " ".join(commands[str(pid)]))]
    noted.unlink(missing_ok=True)
