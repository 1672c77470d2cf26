"""The testing settings, and an app that has a shared kind: for workers of their own process."""

from portal.settings.testing import *  # noqa: F403 - a settings module is its names
from portal.settings.testing import BASE_DIR, INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.processes.fan_out_app.FanOutConfig"]
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]
