"""Private servers start, are shared, and leave nothing behind that stops the next start."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal import local_servers
from portal.local_servers import PostgresServer, RedisServer, Server, ensure_running
from portal.local_servers.__main__ import main as command_line
from tests.servers import wait_until


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="portal-home-"))
    yield path
    command_line(["--home", str(path), "stop"])
    shutil.rmtree(path)


def answers(server: Server) -> bool:
    return server.is_kept and server.answers()


def count_rows(home: Path) -> int:
    with psycopg.connect(local_servers.database_url(home)) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def keep_a_row(home: Path) -> None:
    with psycopg.connect(local_servers.database_url(home)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")


def test_the_last_user_stops_a_server_and_no_other(home: Path) -> None:
    server = RedisServer(home)
    first = ensure_running(home, postgres=False)
    second = ensure_running(home, postgres=False)
    first.stop()
    assert answers(server)
    second.stop()
    assert not answers(server)


def test_servers_started_to_stay_outlive_their_user(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["--home", str(home), "start"]) == 0
    with ensure_running(home):
        pass
    assert answers(PostgresServer(home))
    assert command_line(["--home", str(home), "stop"]) == 0
    assert not answers(PostgresServer(home))
    assert "stopped" in capsys.readouterr().out


def test_servers_end_with_a_killed_user(home: Path) -> None:
    program = (
        "import pathlib, sys, time; from portal.local_servers import ensure_running;"
        "held = ensure_running(pathlib.Path(sys.argv[1]), postgres=False); print('held', flush=True); time.sleep(600)"
    )
    user = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline() == "held\n"
    assert answers(RedisServer(home))
    user.kill()
    user.wait()
    wait_until(lambda: not answers(RedisServer(home)), seconds=10, what="the server's end")


def test_data_survives_a_killed_server(home: Path) -> None:
    server = PostgresServer(home)
    with ensure_running(home, redis=False):
        keep_a_row(home)
        os.kill(server._postmaster(), signal.SIGKILL)
        wait_until(lambda: not server.answers(), seconds=10, what="the server's end")
        wait_until(lambda: answers(server), seconds=60, what="the server's restart by its keeper")
        assert count_rows(home) == 1


def test_a_killed_keeper_does_not_stop_the_next_start(home: Path) -> None:
    held = ensure_running(home)
    keep_a_row(home)
    for server in (PostgresServer(home), RedisServer(home)):
        os.kill(server.keeper_pid, signal.SIGKILL)
        wait_until(lambda gone=server: not gone.is_kept, seconds=10, what="the keeper's end")  # type: ignore[misc]
    with ensure_running(home):
        assert count_rows(home) == 1
        held.stop()


def test_a_stale_process_id_does_not_stop_the_next_start(home: Path) -> None:
    with ensure_running(home, redis=False):
        keep_a_row(home)
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/postgres\n1\n5432\n\n\n\nready\n")
    (home / "run" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with ensure_running(home, redis=False):
        assert count_rows(home) == 1


def test_an_interrupted_creation_is_begun_anew(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    with ensure_running(home, redis=False):
        keep_a_row(home)
    assert not (home / "postgres.new").exists()


def test_a_home_with_a_long_path_works(home: Path) -> None:
    long = home / ("a-folder-with-a-long-name-" * 5)
    assert len(str(local_servers.socket_directory(long))) < local_servers.SOCKET_PATH_LIMIT
    with ensure_running(long):
        keep_a_row(long)
        assert RedisServer(long).answers()
    shutil.rmtree(local_servers.socket_directory(long))


def test_sockets_are_for_their_owner_only(home: Path) -> None:
    with ensure_running(home):
        assert (home / "run").stat().st_mode & 0o777 == 0o700
        assert PostgresServer(home).command().count("listen_addresses=") == 1


def test_a_missing_redis_program_is_told_with_its_package(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.local_servers.redis_server.importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(local_servers.ServerError, match="apt-get install redis-server"):
        ensure_running(home, postgres=False)


def test_data_of_another_postgresql_is_not_touched(home: Path) -> None:
    with ensure_running(home, redis=False):
        pass
    (home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(local_servers.ServerError, match="holds data of PostgreSQL 9"):
        ensure_running(home, redis=False)
