"""The servers that tests run on: private PostgreSQL and Redis, started when nobody has and given back at the end."""

import os
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from portal import local_servers


@pytest.fixture(scope="session", autouse=True)
def local_servers_running() -> Iterator[None]:
    """Hold the private servers of PORTAL_HOME, except those that the environment names."""
    with local_servers.ensure_running(
        settings.PORTAL_HOME,
        postgres="DATABASE_URL" not in os.environ,
        redis="REDIS_URL" not in os.environ,
    ):
        forget_redis()
        yield


def forget_redis() -> None:
    """Empty the tests' own Redis; of an outside one, which may hold more, only the tests' keys."""
    client = redis.Redis.from_url(TEST_REDIS_URL)
    if "REDIS_URL" in os.environ:
        keys = list(client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*"))
        if keys:
            client.delete(*keys)
    else:
        client.flushdb()
    client.close()


TEST_REDIS_URL: str = settings.REDIS_URL
