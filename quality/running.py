"""A portal to look at: the one that answers already, or one that is started and ended with the tool."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.local_servers import die_with_parent
from portal.supervisor import is_ready

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 600  # migrations and demo data on a busy machine
END_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """A running portal with demo data, and who and where things are on it."""

    url: str
    port: int
    sessions: Mapping[str, str]
    places: Mapping[str, str]

    def address(self, path: str) -> str:
        """Return the address of ``path``, its places filled in."""
        return self.url + path.format(**self.places)

    def cookie(self, role: str) -> dict[str, str]:
        """Return the cookie by which the portal knows this role's person."""
        return {"name": f"portal_session_{self.port}", "value": self.sessions[role], "url": self.url}


@contextlib.contextmanager
def running_portal(home: Path, port: int) -> Iterator[Running]:
    """Give a portal of ``home`` on ``port``. Raises ``RuntimeError`` when it does not start."""
    environment = {**os.environ, "PORTAL_HOME": str(home), "PORT": str(port)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    url = f"http://localhost:{port}"
    process = None if is_ready("localhost", port) else _start(home, environment)
    try:
        _wait(port, process, home)
        yield Running(url, port, **_stage(environment))
    finally:
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(END_SECONDS)


def _start(home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "portal.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "quality.serving"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def _wait(port: int, process: subprocess.Popen[bytes] | None, home: Path) -> None:
    given_up = time.monotonic() + START_SECONDS
    while not is_ready("localhost", port):
        if (process is not None and process.poll() is not None) or time.monotonic() > given_up:
            raise RuntimeError(f"The portal did not start; {home / 'portal.log'} says why.")
        time.sleep(0.5)


def _stage(environment: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "quality.staging"],
        cwd=CHECKOUT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "quality.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    staged: dict[str, Mapping[str, str]] = json.loads(done.stdout)
    return staged
