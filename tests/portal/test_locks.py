"""The locked requirements."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOCKS = ("requirements.txt", "requirements-local.txt", "requirements-dev.txt")


def pins(name: str) -> set[str]:
    """Return each ``package==version``; a package may have two, for different Pythons."""
    return set(re.findall(r"^[a-z0-9][^ ;]*==[^ ;]+", (CHECKOUT / name).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_registry(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_locked_with_hashes(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(packages) == len(pins(name)) > 20
    assert all("--hash=sha256:" in package for package in packages)


def test_the_locks_agree_so_that_one_environment_serves_run_and_test() -> None:
    production, local, everything = (pins(name) for name in LOCKS)
    assert production <= local <= everything
