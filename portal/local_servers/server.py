"""What PostgreSQL and Redis have in common as private servers."""

import fcntl
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from portal.local_servers.addresses import socket_directory
from portal.local_servers.errors import ServerError
from portal.local_servers.locks import POLL_SECONDS, open_file, try_lock
from portal.local_servers.processes import die_with_parent, server_environment

ORPHAN_SECONDS = 30  # how long a server that lost its keeper may take to end
STOP_SECONDS = 3  # then a server is ended by force, which both survive; a person waits at most ten for everything


class Server(ABC):
    """One server of one ``home``: where its things are, and how it starts, answers and stops.

    ``start()`` and ``stop()`` run it as a child of the caller with no keeper: keepers do so, and tests that need to
    take a server away and bring it back.
    """

    name: str
    title: str
    stop_signal: signal.Signals
    force_signal: signal.Signals

    def __init__(self, home: Path) -> None:
        self.home = home
        self.sockets = socket_directory(home)
        self.locks = home / "locks"
        self.log = home / "log" / f"{self.name}.log"
        self.directory = home / self.name
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def keeper_file(self) -> Path:
        """Locked by the keeper for its life; holds its process id, and ``up`` once the server answers."""
        return self.locks / f"{self.name}.keeper"

    @property
    def is_kept(self) -> bool:
        """Say whether a keeper runs."""
        if not self.keeper_file.exists():
            return False
        descriptor = open_file(self.keeper_file)
        try:
            return not try_lock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    @property
    def keeper_pid(self) -> int:
        """Return the keeper's process id; meaningful while ``is_kept``."""
        return int(self.keeper_file.read_text().split()[0])

    @property
    def is_up(self) -> bool:
        """Say whether the keeper has its own server up: one left by a killed keeper may answer too, and is ended."""
        return "up" in self.keeper_file.read_text() and self.answers()

    @property
    def stay_file(self) -> Path:
        """Its presence asks the keeper to keep the server without users."""
        return self.locks / f"{self.name}.stay"

    @property
    def stays(self) -> bool:
        """Say whether the server was started to stay."""
        return self.stay_file.exists()

    @property
    def is_new(self) -> bool:
        """Say whether this server never ran here."""
        return not self.directory.exists()

    @abstractmethod
    def check_available(self) -> None:
        """Raise ServerError when this machine lacks the server's program."""

    @abstractmethod
    def prepare(self) -> None:
        """Make directories and data, and clear what a killed run left behind."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Say whether the server takes connections now."""

    def identity(self) -> dict[str, Any]:
        """Return Popen's arguments for the user that the server runs as."""
        return {}

    def start(self) -> None:
        """Start the server as a child that dies with this process, and wait until it answers."""
        for directory in (self.home, self.log.parent):
            directory.mkdir(parents=True, exist_ok=True)
        self.prepare()
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            self.process = self._spawn()
            while self.process.poll() is None and not self.answers():
                time.sleep(POLL_SECONDS / 2)
            if self.process.poll() is None:
                return
            # The last server's children may still be leaving: PostgreSQL then refuses to start for some seconds.
            if time.monotonic() > deadline or "shared memory block" not in tail(self.log):
                raise ServerError(f"{self.title} did not start. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.5)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(),
                cwd=self.directory,
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Runs after the change of user, which would clear the setting.
                preexec_fn=die_with_parent(self.stop_signal),
                **self.identity(),
            )

    def stop(self) -> None:
        """Stop the child cleanly, by force after ``STOP_SECONDS``. May be called twice."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(self.force_signal)
            process.wait()


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
