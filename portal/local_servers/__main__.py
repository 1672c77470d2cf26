"""``python -m portal.local_servers``: the private servers by hand."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from portal.local_servers.addresses import database_url, redis_url
from portal.local_servers.errors import ServerError
from portal.local_servers.keeper import keep
from portal.local_servers.locks import wait_until
from portal.local_servers.postgres_server import PostgresServer
from portal.local_servers.redis_server import RedisServer
from portal.local_servers.server import ORPHAN_SECONDS, Server
from portal.local_servers.sharing import CHECKOUT, ensure_running

SERVERS: dict[str, type[Server]] = {"postgres": PostgresServer, "redis": RedisServer}


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
        if not wait_until(lambda kept=server: not kept.is_kept, seconds=ORPHAN_SECONDS):  # type: ignore[misc]
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
    default = os.environ.get("PORTAL_HOME") or str(CHECKOUT / "var")
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
