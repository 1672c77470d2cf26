"""A whole portal for browsers: web server, worker and beat under the supervisor, on a database of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings

from portal import local_servers
from portal.local_servers import die_with_parent
from quality.catalogues import pseudo
from tests.mail_sink import MailSink
from tests.servers import forget_keys, free_port, wait_until
from tests.workers import CHECKOUT, address_of_database

START_SECONDS = 600  # migrations and demo data on a busy machine


@dataclass
class LivePortal:
    """A running portal with its demo data."""

    url: str
    mail: MailSink
    database_url: str
    redis_url: str
    home: Path
    log: Path
    port: int
    password: str = "explore-the-portal"

    @property
    def environment(self) -> dict[str, str]:
        """Return what its processes are told, so that another may work on the same data."""
        return {
            **os.environ,
            "PORT": str(self.port),
            "PORTAL_HOME": str(self.home),
            "PORTAL_URL": self.url,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": self.mail.url,
            "PORTAL_DEMO_PASSWORD": self.password,
            "PSEUDO_LOCALE": str(self.home / "pseudo"),
        }

    def forget_limits(self) -> None:
        """Forget how often somebody tried to sign in, so that one test's sign-ins do not lock out the next's."""
        with closing(redis.Redis.from_url(self.redis_url)) as client:
            forget_keys(client, "portal:*")

    def forget_drafts(self) -> None:
        """Forget what was typed about cases and not sent, so that one test's form is not the next one's beginning."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("DELETE FROM cases_casedraft")

    @property
    def output(self) -> str:
        """Return the end of what the portal's processes have printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])


@pytest.fixture(scope="session")
def live_portal(local_servers_running: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """Run a portal with demo data for the whole session; its mails go to ``live_portal.mail``.

    It sends files as production does: hashed, compressed, and none that nobody collected. Whoever asks for it is spoken
    to in the pseudo-locale.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    home = Path(tempfile.mkdtemp(prefix="portal-live-"))
    sink = MailSink()
    sink.start()
    port = free_port()
    portal = LivePortal(
        url=f"http://localhost:{port}",
        mail=sink,
        database_url=_new_database(f"test_portal_live{worker}"),
        redis_url=os.environ.get("REDIS_URL")
        or local_servers.redis_url(settings.PORTAL_HOME, int(worker.removeprefix("gw") or "7") + 8),
        home=home,
        log=tmp_path_factory.mktemp("live") / "portal.log",
        port=port,
    )
    pseudo.write(home / "pseudo")
    process = _start(portal)
    try:
        _wait_until_it_runs(portal, process)
        yield portal
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        sink.stop()
        shutil.rmtree(home, ignore_errors=True)


def _new_database(name: str) -> str:
    with psycopg.connect(address_of_database("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
    return address_of_database(name)


def _start(portal: LivePortal) -> subprocess.Popen[bytes]:
    with portal.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "quality.serving"],
            cwd=CHECKOUT,
            env=portal.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def _wait_until_it_runs(portal: LivePortal, process: subprocess.Popen[bytes]) -> None:
    def runs() -> bool:
        if process.poll() is not None:
            pytest.fail(f"the portal did not start:\n{portal.output}")
        return "The portal runs at" in portal.log.read_text(errors="replace")

    wait_until(runs, seconds=START_SECONDS, what="the portal's start", detail=lambda: portal.output)
