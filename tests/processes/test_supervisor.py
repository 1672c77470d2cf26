"""``make run``: one command starts every process, and one signal ends them all."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, wait_until
from tests.workers import CHECKOUT

START_SECONDS = 240  # on a busy machine
END_SECONDS = 10  # the promise


class Copy:
    """One running copy of the portal on a home and a port of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.log = home / f"output-{port}.txt"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.supervisor", "--without-demo"],
                cwd=CHECKOUT,
                env={**clean_environment(), "PORTAL_HOME": str(home), "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        def greeted() -> bool:
            assert self.process.poll() is None, self.output
            return f"The portal runs at http://localhost:{self.port}" in self.output

        wait_until(greeted, seconds=START_SECONDS, what="the portal's start", detail=lambda: self.output)

    def get(self, path: str, host: str = "localhost") -> int:
        connection = http.client.HTTPConnection(host, self.port, timeout=20)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def processes(self) -> dict[int, str]:
        """Return every process of this copy by id, found in /proc by its home, not by what the supervisor says."""
        found: dict[int, str] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(self.home).encode() in line or f"PORTAL_HOME={self.home}\0".encode() in environment:
                found[int(folder.name)] = line.decode(errors="replace").replace("\0", " ").strip()
        return {pid: line for pid, line in found.items() if line}

    def end(self, number: signal.Signals) -> float:
        """Signal the supervisor and return the seconds until it has ended."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return time.monotonic() - begun


def clean_environment() -> dict[str, str]:
    servers = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PORTAL_URL"}
    return {name: value for name, value in os.environ.items() if name not in servers}


@pytest.fixture(scope="module")
def prepared_home() -> Iterator[Path]:
    """Make one migrated home, so that each test needs only to copy it."""
    home = Path(tempfile.mkdtemp(prefix="portal-prepared-"))
    copy = Copy(home, free_port())
    copy.wait_until_ready()
    copy.end(signal.SIGTERM)
    yield home
    shutil.rmtree(home)


StartCopy = Callable[..., Copy]


@pytest.fixture
def start_copy(prepared_home: Path) -> Iterator[StartCopy]:
    started: list[Copy] = []

    def start(*, home: Path | None = None, port: int | None = None) -> Copy:
        if home is None:
            home = Path(tempfile.mkdtemp(prefix="portal-copy-"))
            subprocess.run(["cp", "-a", f"{prepared_home}/.", str(home)], check=True)  # keeps the database's owner
        started.append(Copy(home, port or free_port()))
        return started[-1]

    yield start
    for copy in started:
        if copy.process.poll() is None:
            copy.end(signal.SIGTERM)
    for home in {copy.home for copy in started}:
        shutil.rmtree(home, ignore_errors=True)


def test_web_worker_and_beat_run_as_processes_of_their_own_on_loopback(start_copy: StartCopy) -> None:
    copy = start_copy()
    copy.wait_until_ready()
    assert copy.get("/readyz") == 200
    assert copy.get("/healthz", "127.0.0.1") == 200
    commands = " ".join(copy.processes().values())
    for part in ("gunicorn portal.wsgi", " worker ", " beat ", "redis-server", "bin/postgres"):
        assert part in commands
    # Listening on every address would answer on this one too.
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.1.2.3", copy.port))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_within_ten_seconds(start_copy: StartCopy, number: signal.Signals) -> None:
    copy = start_copy()
    copy.wait_until_ready()
    assert len(copy.processes()) > 6
    assert copy.end(number) < END_SECONDS
    assert copy.processes() == {}
    assert copy.process.returncode == 0
    assert "Traceback" not in copy.output


def test_a_killed_run_does_not_stop_the_next(start_copy: StartCopy) -> None:
    killed = start_copy()
    killed.wait_until_ready()
    killed.end(signal.SIGKILL)
    again = start_copy(home=killed.home, port=killed.port)
    again.wait_until_ready()
    assert again.get("/readyz") == 200
    again.end(signal.SIGTERM)
    assert again.processes() == {}


def test_two_copies_run_side_by_side_from_one_checkout(start_copy: StartCopy) -> None:
    one, two = start_copy(), start_copy()
    for copy in (one, two):
        copy.wait_until_ready()
    one.end(signal.SIGTERM)
    assert two.get("/readyz") == 200


def test_a_killed_child_is_started_again(start_copy: StartCopy) -> None:
    copy = start_copy()
    copy.wait_until_ready()

    def beats() -> set[int]:
        return {pid for pid, line in copy.processes().items() if " beat " in line}

    (before,) = beats()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: bool(beats() - {before}), seconds=20, what="the restart", detail=lambda: copy.output)
    assert re.search(r"portal \| beat ended \(killed by SIGKILL\); starting it again", copy.output)


def test_a_body_over_the_limit_gets_an_answer_that_the_client_can_read(start_copy: StartCopy) -> None:
    copy = start_copy()
    copy.wait_until_ready()
    connection = http.client.HTTPConnection("localhost", copy.port, timeout=20)
    connection.request("POST", "/accounts/login/", body=b"x" * 20 * 1024 * 1024)
    assert connection.getresponse().status == 413
    chunked = http.client.HTTPConnection("localhost", copy.port, timeout=20)
    chunked.request("POST", "/accounts/login/", body=iter([b"x" * 1000]), encode_chunked=True)
    assert chunked.getresponse().status == 411


def test_a_taken_port_is_told(start_copy: StartCopy) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        copy = start_copy(port=port)
        assert copy.process.wait(30) == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in copy.output
    assert "make run PORT=" in copy.output


def test_a_second_run_on_one_home_is_told(start_copy: StartCopy) -> None:
    first = start_copy()
    first.wait_until_ready()
    log = first.output
    second = start_copy(home=first.home)
    assert second.process.wait(30) == 1
    assert "runs on" in second.output
    assert "already" in second.output
    assert first.get("/readyz") == 200
    assert "Traceback" not in log


def test_a_port_that_is_no_number_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.supervisor"],
        cwd=CHECKOUT,
        env={**clean_environment(), "PORT": "eight", "PORTAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "PORT is 'eight'" in done.stdout
