"""Tests: the development settings on real servers, with a cheap password hash and nothing left behind."""

import tempfile
from pathlib import Path

from portal.settings.development import *  # noqa: F403 - a settings module is its names
from portal.settings.development import DATABASES, storages

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test thread opens and closes its own connections; a pool would keep the test database open.
DATABASES["default"]["OPTIONS"].pop("pool", None)
STORAGES = storages(hashed_static=False)
STORAGES["uploads"]["OPTIONS"] = {
    "location": str(Path(tempfile.gettempdir()) / "portal-test-uploads"),
    "base_url": None,
}
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index] # noqa: F405 - from base
