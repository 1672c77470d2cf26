"""A Chromium that listens for tools, with a profile of its own that is thrown away."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from portal import chromium
from portal.chromium import MISSING, find_chromium

FLAGS = (*chromium.FLAGS, "--headless=new", "--disable-extensions")
START_SECONDS = 60


@contextlib.contextmanager
def listening_chromium() -> Iterator[int]:
    """Run one; give the port on which it takes orders. Raises ``RuntimeError`` when there is none to run."""
    path = find_chromium()
    if path is None:
        raise RuntimeError(MISSING)
    profile = Path(tempfile.mkdtemp(prefix="portal-chromium-"))
    process = subprocess.Popen(
        [path, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _port(profile)
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(profile, ignore_errors=True)


def _port(profile: Path) -> int:
    # Chromium writes down which port it got.
    written = profile / "DevToolsActivePort"
    given_up = time.monotonic() + START_SECONDS
    while time.monotonic() < given_up:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(written.read_text().splitlines()[0])
        time.sleep(0.1)
    raise RuntimeError("Chromium did not start.")
