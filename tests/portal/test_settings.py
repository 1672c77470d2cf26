"""Settings fail loudly and early."""

import os
import subprocess
import sys

import pytest

from portal.checks_runner import production

REQUIRED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in REQUIRED} | variables
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", REQUIRED)
def test_production_refuses_to_start_naming_the_missing_variable(name: str) -> None:
    done = run("-c", "import portal.settings.production", **{**production(), name: ""})
    assert done.returncode != 0
    assert f"ImproperlyConfigured: Set {name}:" in done.stderr


def test_production_names_everything_that_is_missing_at_once() -> None:
    done = run("-c", "import portal.settings.production")
    assert f"Set {', '.join(REQUIRED)}:" in done.stderr


def test_production_starts_with_everything_set() -> None:
    done = run("-c", "import portal.settings.production as s; print(s.DEBUG, s.DEMO)", **production())
    assert (done.stdout, done.returncode) == ("False False\n", 0)


def test_demo_data_is_refused_under_production_settings() -> None:
    done = run("manage.py", "load_demo", **production())
    assert done.returncode != 0
    assert "not a demo" in done.stderr


def test_development_needs_nothing_set() -> None:
    done = run("-c", "import portal.settings.development")
    assert (done.returncode, done.stderr) == (0, "")
