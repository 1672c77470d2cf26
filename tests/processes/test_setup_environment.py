"""The first step of every make target: the virtual environment, and what is installed into it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers import CHECKOUT

# Passes pip's checks and needs no registry.
NOTHING = "# nothing to install\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with empty lock files."""
    (tmp_path / "portal").mkdir()
    for name in ("Makefile", "portal/setup_environment.py"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    for name, source in (("requirements", ""), ("requirements-dev", "-r requirements.in\n")):
        (tmp_path / f"{name}.in").write_text(source)
        (tmp_path / f"{name}.txt").write_text(NOTHING)
    return tmp_path


def start(checkout: Path, lock: str = "requirements-dev.txt") -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "portal/setup_environment.py", lock]
    return subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def set_up(checkout: Path, lock: str = "requirements-dev.txt") -> str:
    process = start(checkout, lock)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def test_a_set_up_environment_is_left_alone_until_its_lock_changes(checkout: Path) -> None:
    assert "installing requirements-dev.txt" in set_up(checkout)
    assert set_up(checkout) == ""
    assert set_up(checkout, "requirements.txt") == "", "what the larger lock installed is installed"
    (checkout / "requirements-dev.txt").write_text(NOTHING * 2)
    output = set_up(checkout)
    assert "installing requirements-dev.txt" in output
    assert "making" not in output


def test_an_interrupted_installation_is_made_anew(checkout: Path) -> None:
    set_up(checkout)
    (checkout / ".venv" / "installing").touch()
    assert "interrupted" in set_up(checkout)
    assert set_up(checkout) == ""


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Path) -> None:
    set_up(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "making" in set_up(checkout)


def test_two_first_runs_of_one_checkout_wait_for_each_other(checkout: Path) -> None:
    runs = [start(checkout), start(checkout)]
    outputs = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert sum("installing requirements-dev.txt" in output for output in outputs) == 1


def test_a_failed_installation_fails_the_target_and_is_tried_again(checkout: Path) -> None:
    (checkout / "requirements-dev.txt").write_text("./no-such-folder\n")
    process = start(checkout)
    process.communicate(timeout=300)
    assert process.returncode != 0
    (checkout / "requirements-dev.txt").write_text(NOTHING)
    assert "installing requirements-dev.txt" in set_up(checkout)
