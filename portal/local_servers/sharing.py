"""Using the private servers: started by the first user, stopped after the last."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

from portal.local_servers.errors import ServerError
from portal.local_servers.locks import POLL_SECONDS, Progress, held, lock, open_file, try_lock, wait_until
from portal.local_servers.postgres_server import PostgresServer
from portal.local_servers.redis_server import RedisServer
from portal.local_servers.server import STOP_SECONDS, Server, tail

LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is begun anew at the next start
CHECKOUT = Path(__file__).resolve().parent.parent.parent


class RunningServers:
    """The caller's share in running servers; ``stop()`` gives it back, and the last user's stops them."""

    def __init__(self, leases: "list[_Lease]") -> None:
        self._leases = leases

    @property
    def are_kept(self) -> bool:
        """Say whether each server still has its keeper, which restarts it when it dies."""
        return all(lease.server.is_kept for lease in self._leases)

    def stop(self) -> None:
        """Give the servers back, and wait for the end of those that nobody else uses. May be called twice."""
        leases, self._leases = self._leases, []
        for lease in leases:
            lease.release()

    def __enter__(self) -> "RunningServers":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def ensure_running(
    home: Path, *, postgres: bool = True, redis: bool = True, progress: Progress | None = None
) -> RunningServers:
    """Start the private servers of ``home`` unless they run, wait until they answer, and hold them.

    ``progress`` is given a line now and then while it waits. Raises ServerError when one cannot be started.
    """
    home = home.resolve()
    for directory in (home, home / "log", home / "locks"):
        directory.mkdir(parents=True, exist_ok=True)
    servers: list[Server] = []
    if postgres:
        servers.append(PostgresServer(home))
    if redis:
        servers.append(RedisServer(home))
    leases: list[_Lease] = []
    try:
        for server in servers:
            leases.append(_lease(server, progress or (lambda _line: None)))  # noqa: PERF401 - held ones are given back
    except BaseException:
        RunningServers(leases).stop()
        raise
    return RunningServers(leases)


class _Lease:
    """A shared lock on one server: while it is held, the keeper keeps the server."""

    def __init__(self, server: Server, descriptor: int) -> None:
        self.server = server
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go; when nobody else holds the server, wait for its end."""
        alone = try_lock(self.descriptor, fcntl.LOCK_EX)
        os.close(self.descriptor)
        if alone and not self.server.stays:
            wait_until(lambda: not self.server.is_kept, seconds=STOP_SECONDS + 3)


def _lease(server: Server, progress: Progress) -> _Lease:
    with held(server.locks / f"{server.name}.start", progress, f"waiting for another start of {server.title}"):
        descriptor = open_file(server.locks / f"{server.name}.lease")
        try:
            # A keeper that is stopping its server holds this lock until it has.
            lock(descriptor, fcntl.LOCK_SH, progress, f"waiting for the last {server.title} to stop")
            _start_keeper(server, progress)
        except BaseException:
            os.close(descriptor)
            raise
    return _Lease(server, descriptor)


def _start_keeper(server: Server, progress: Progress) -> None:
    """Return once the server answers; it is started when it has no keeper yet."""
    keeper: subprocess.Popen[bytes] | None = None
    beat = time.monotonic() + 3
    while not (server.is_kept and server.is_up):
        if keeper is None and not server.is_kept:
            server.check_available()
            server.keeper_file.write_text("")  # what a killed keeper said holds no more
            progress(f"starting {server.title}{' (the first time takes a moment)' if server.is_new else ''}")
            keeper = _spawn_keeper(server)
        elif keeper is not None and keeper.poll() is not None and not server.is_kept:
            raise ServerError(f"{server.title} did not start. The end of {server.log}:\n{tail(server.log)}")
        if time.monotonic() > beat:
            progress(f"still waiting for {server.title}")
            beat += 3
        time.sleep(POLL_SECONDS / 2)


_spawned: list[subprocess.Popen[bytes]] = []  # held, so that no warning about a running child is given


def _spawn_keeper(server: Server) -> subprocess.Popen[bytes]:
    if server.log.exists() and server.log.stat().st_size > LOG_LIMIT:
        server.log.unlink()
    with server.log.open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "portal.local_servers", "--home", str(server.home), "keep", server.name],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _spawned.append(keeper)
    return keeper
