"""``make test`` and ``make quick``: every check, each under its heading with its time, and what failed at the end.

A failed check does not keep the next from running: one run tells everything that is wrong.
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal import local_servers
from portal.chromium import MISSING, find_chromium

CHECKOUT = Path(__file__).resolve().parent.parent
LONGEST_CHECK = 45 * 60  # seconds; a check that hangs is ended and has failed
RULE = 100  # columns of a heading


@dataclass(frozen=True)
class Check:
    """A command that passes with exit code 0."""

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> bool:
        """Run it in the foreground and say whether it passed."""
        environment = {**local_servers.set_variables(), **self.environment}
        if "DJANGO_SETTINGS_MODULE" not in self.environment:
            # Importing the portal's package names production's, and each check knows its own.
            environment.pop("DJANGO_SETTINGS_MODULE", None)
        try:
            return subprocess.run(self.command, env=environment, check=False, timeout=LONGEST_CHECK).returncode == 0
        except subprocess.TimeoutExpired:
            print(f"ended after {LONGEST_CHECK} s")
            return False


class ChromiumCheck(Check):
    """Browser tests: without a browser they install one where they may, and fail where not."""

    def run(self) -> bool:
        """Have a browser, then run."""
        if find_chromium() is None and not install_chromium():
            print(MISSING)
            return False
        return super().run()


def install_chromium() -> bool:
    """Install the system's package, as root on Debian or Ubuntu; say whether a browser is there now."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0 or os.environ.get("CHROMIUM"):
        return False
    print("No Chromium found: installing the package chromium with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, *arguments], env=environment, stdin=subprocess.DEVNULL, check=False)
    return find_chromium() is not None


def every_check() -> list[Check]:
    """Return what ``make test`` runs, the quick ones first."""
    return [
        *style(),
        Check("layers (import-linter)", [program("lint-imports")]),
        Check("templates: lint (djlint)", [program("djlint"), "templates", "--lint", "--quiet"]),
        Check("templates: form (djade)", [program("djade"), "--check", "--target-version", "5.2", *templates()]),
        Check("types (mypy)", [program("mypy"), "."]),
        Check("migrations are complete", manage("makemigrations", "--check", "--dry-run")),
        Check(
            "production settings (check --deploy)", manage("check", "--deploy", "--fail-level", "WARNING"), production()
        ),
        Check("tests", pytest("not browser and not processes", "--numprocesses", "2", "--dist", "loadfile")),
        Check("tests with processes of their own", pytest("processes and not browser")),
        ChromiumCheck("browser tests", pytest("browser")),
    ]


def quick_checks() -> list[Check]:
    """Return what is worth running at every save: the tests of what changed since the last commit."""
    return [
        *style(),
        Check("types (mypy)", [program("mypy"), "."]),
        Check("tests", pytest("not browser and not processes", "--exitfirst", "--quiet", *changed_tests())),
    ]


def style() -> list[Check]:
    """Return the checks that read files only."""
    return [
        Check("style (ruff check)", [program("ruff"), "check", "."]),
        Check("format (ruff format)", [program("ruff"), "format", "--check", "."]),
    ]


def program(name: str) -> str:
    """Return a program of this virtual environment."""
    return str(Path(sys.executable).parent / name)


def manage(*arguments: str) -> list[str]:
    """Return a management command."""
    return [sys.executable, "manage.py", *arguments]


def pytest(marks: str, *arguments: str) -> list[str]:
    """Return a run of the tests with these marks."""
    return [sys.executable, "-m", "pytest", "-m", marks, *arguments]


def templates() -> list[str]:
    """Return every template's path."""
    return sorted(str(path) for path in Path("templates").rglob("*.html"))


def production() -> dict[str, str]:
    """Return what production settings need, with throwaway values."""
    home = portal_home()
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "portal.example",
        "PORTAL_URL": "https://portal.example",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or local_servers.database_url(home),
        "REDIS_URL": os.environ.get("REDIS_URL") or local_servers.redis_url(home),
        "EMAIL_URL": "smtp://localhost:25",
    }


def changed_tests() -> list[str]:
    """Return the test folders of the apps changed since the last commit, or none (all) when that does not tell."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],  # noqa: S607 - the git of whoever develops
        capture_output=True,
        text=True,
        check=False,
    )
    folders: set[Path] = set()
    for line in done.stdout.splitlines():
        parts = Path(line[3:].split(" -> ")[-1].strip('"')).parts
        app = parts[1] if parts[0] in {"tests", "templates"} and len(parts) > 2 else parts[0]
        folder = Path("tests") / app
        if not folder.is_dir() or not any(folder.glob("test_*.py")):
            return []
        folders.add(folder)
    return sorted(str(folder) for folder in folders)


def portal_home() -> Path:
    """Return where the private servers live."""
    return Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()


def run_all(checks: Sequence[Check]) -> int:
    """Run the checks in order, print the summary, return the exit code."""
    results: list[tuple[Check, bool, float]] = []
    for number, check in enumerate(checks, 1):
        print(f"\n{f'== {number}/{len(checks)} {check.title} '.ljust(RULE, '=')}", flush=True)
        begun = time.monotonic()
        passed = check.run()
        results.append((check, passed, time.monotonic() - begun))
        print(f"-- {'passed' if passed else 'FAILED'} in {results[-1][2]:.1f} s", flush=True)
    print(f"\n{'== Summary '.ljust(RULE, '=')}")
    for check, passed, seconds in results:
        print(f"{'  ok  ' if passed else ' FAIL '} {seconds:7.1f} s  {check.title}")
    failed = sum(not passed for _check, passed, _seconds in results)
    print(f"\n{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def main() -> int:
    """Run the checks on private servers, or on those that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m portal.checks_runner", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="style, types, and the tests of what changed")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    # As Ctrl-C does: the running check is ended, and the servers are given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with local_servers.ensure_running(
            portal_home(),
            postgres=not os.environ.get("DATABASE_URL"),
            redis=not os.environ.get("REDIS_URL"),
            progress=lambda line: print(line, flush=True),
        ):
            return run_all(quick_checks() if options.quick else every_check())
    except local_servers.ServerError as error:
        print(error)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 130


if __name__ == "__main__":
    sys.exit(main())
