"""The servers that tests run on: private PostgreSQL and Redis, started when nobody has and given back at the end."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from pytest_django import Settings

from portal import local_servers
from portal.celery import app as celery_app
from portal.settings.base import broker_url, caches

TEST_REDIS_URL: str = settings.REDIS_URL


@pytest.fixture(scope="session", autouse=True)
def local_servers_running() -> Iterator[None]:
    """Hold the private servers of PORTAL_HOME, except those that the environment names."""
    with local_servers.ensure_running(
        settings.PORTAL_HOME,
        postgres=not os.environ.get("DATABASE_URL"),
        redis=not os.environ.get("REDIS_URL"),
    ):
        forget_redis()
        yield


def forget_redis() -> None:
    """Empty the tests' own Redis; of an outside one, which may hold more, only the tests' keys."""
    client = redis.Redis.from_url(TEST_REDIS_URL)
    if os.environ.get("REDIS_URL"):
        forget_keys(client, f"{settings.CACHES['default']['KEY_PREFIX']}:*")
    else:
        client.flushdb()
    client.close()


def forget_keys(client: redis.Redis, pattern: str) -> None:
    """Remove the keys that match."""
    keys = list(client.scan_iter(pattern, count=1000))
    if keys:
        client.delete(*keys)


class ThrowawayRedis:
    """A Redis of one test's own, to be stopped and started at will."""

    def __init__(self, home: Path) -> None:
        self.url = local_servers.redis_url(home)
        self._server = local_servers.RedisServer(home)

    def start(self) -> None:
        """Start it empty, and wait until it answers."""
        self._server.start()

    def stop(self) -> None:
        """Stop it: from now on connections are refused."""
        self._server.stop()


@pytest.fixture
def throwaway_redis(settings: Settings) -> Iterator[ThrowawayRedis]:
    """Let the portal's cache and queue use a Redis that the test may take away."""
    home = Path(tempfile.mkdtemp(prefix="portal-redis-"))
    server = ThrowawayRedis(home)
    server.start()
    before = celery_app.conf.broker_url
    settings.REDIS_URL = server.url
    settings.CACHES = caches(server.url)
    settings.CELERY_BROKER_URL = broker_url(server.url)
    _queue_on(settings.CELERY_BROKER_URL)
    try:
        yield server
    finally:
        _queue_on(before)
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _queue_on(url: str) -> None:
    """Point this process's Celery application at another broker; its pools belong to the old one."""
    app: Any = celery_app
    app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
    app._pool = None
    app.amqp._producer_pool = None


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str, detail: Callable[[], str] = str) -> None:
    """Wait for the condition, and fail the test with ``what`` (and the detail) when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {seconds:g} s\n{detail()}")
        time.sleep(0.05)
