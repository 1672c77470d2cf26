"""Real Celery processes on the test's database, Redis and mail server."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from portal.local_servers import die_with_parent
from tests.mail_sink import MailSink
from tests.servers import ThrowawayRedis, wait_until

CHECKOUT = Path(__file__).resolve().parent.parent


class CeleryProcess:
    """``celery worker`` or ``celery beat``, as production runs it."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app=portal", "--quiet", *arguments],
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def wait_until_ready(self) -> None:
        """Wait until a worker takes tasks."""

        def is_ready() -> bool:
            if self.process.poll() is not None:
                pytest.fail(f"the worker ended:\n{self.output}")
            return " ready." in self.output

        wait_until(is_ready, seconds=60, what="the worker's start", detail=lambda: self.output)

    @property
    def output(self) -> str:
        """Return what the process has printed."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End the process and its children at once, as a lost machine does (SIGKILL)."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask the process to end after what it is doing."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


StartCelery = Callable[..., CeleryProcess]


@pytest.fixture
def start_celery(
    transactional_db: None, throwaway_redis: ThrowawayRedis, mail_sink: MailSink, tmp_path: Path
) -> Iterator[StartCelery]:
    """Return ``start("worker")``: a real worker (or "beat") on this test's database, Redis and mail server.

    Named arguments are environment variables on top, such as ``EMAIL_URL=""``.
    """
    started: list[CeleryProcess] = []

    def start(kind: str = "worker", **variables: str) -> CeleryProcess:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings.testing",
            "DATABASE_URL": address_of_database(),
            "REDIS_URL": throwaway_redis.url,
            "EMAIL_URL": mail_sink.url,
            "PORTAL_HOME": str(settings.PORTAL_HOME),
            "PYTHONUNBUFFERED": "1",
            **variables,
        }
        options = {
            "worker": ["worker", "--loglevel=INFO", "--concurrency=2", "--without-gossip", "--without-mingle"],
            "beat": ["beat", "--loglevel=INFO", f"--schedule={tmp_path / f'beat-{len(started)}'}", "--pidfile="],
        }[kind]
        process = CeleryProcess(options, environment, tmp_path / f"{kind}-{len(started)}.log")
        started.append(process)
        if kind == "worker":
            process.wait_until_ready()
        return process

    yield start
    for process in started:
        process.kill()
        sys.stdout.write(process.output)  # shown with a failed test


def address_of_database(name: str | None = None) -> str:
    """Return the address of the test database, or of another one on its server."""
    known = connection.settings_dict
    user = quote(known["USER"] or "", safe="") + (f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else "")
    host = quote(known["HOST"] or "", safe="") + (f":{known['PORT']}" if known["PORT"] else "")
    return f"postgresql://{user}@{host}/{name or known['NAME']}"
