"""Tests: the development settings on real servers, with a cheap password hash and nothing left behind."""

import os
import tempfile
from pathlib import Path

from portal import local_servers
from portal.settings.development import *  # noqa: F403 - a settings module is its names
from portal.settings.development import DATABASES, PORTAL_HOME, broker_url, caches, env, storages

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test thread opens and closes its own connections; a pool would keep the test database open.
DATABASES["default"]["OPTIONS"].pop("pool", None)
# A test database need not survive a power cut, and the disk is the slowest part of committing.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
STORAGES = storages(hashed_static=False)
STORAGES["uploads"]["OPTIONS"] = {
    "location": str(Path(tempfile.gettempdir()) / "portal-test-uploads"),
    "base_url": None,
}
STATUS_SNAPSHOT_DIR = Path(tempfile.gettempdir()) / f"portal-test-status{os.environ.get('PYTEST_XDIST_WORKER', '')}"
LOGGING["root"]["level"] = "WARNING"  # noqa: F405 - from base

# Each test process counts and queues in a Redis of its own number; 0 is the running portal's.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
REDIS_URL = env.str("REDIS_URL", local_servers.redis_url(PORTAL_HOME, int(_worker.removeprefix("gw") or "6") + 1))
CACHES = caches(REDIS_URL)
CACHES["default"]["KEY_PREFIX"] = f"portal-test{_worker}"
CELERY_BROKER_URL = broker_url(REDIS_URL)

# A page that asks for the same relation row by row fails its test.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405 - from base
MIDDLEWARE = ["tests.nplusone.watch_reads", *MIDDLEWARE]  # noqa: F405 - from base
ZEAL_RAISE = True
