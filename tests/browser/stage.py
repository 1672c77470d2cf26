"""The demo's people, signed in without the sign-in form, and addresses of one of everything."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.live import LivePortal
from tests.workers import CHECKOUT

Enter = Callable[..., Page]


@dataclass
class Stage:
    """Whom the portal knows, and where things are."""

    sessions: dict[str, str]
    places: dict[str, str]
    url: str
    cookie_name: str

    def cookie(self, role: str) -> Any:  # playwright's SetCookieParam is private
        """Return the cookie by which the portal knows this role's person."""
        return {"name": self.cookie_name, "value": self.sessions[role], "url": self.url}

    def path(self, template: str) -> str:
        """Return an address with its places filled in."""
        return template.format(**self.places)


@pytest.fixture(scope="session")
def stage(live_portal: LivePortal) -> Stage:
    """Make what the demo lacks, and sessions, in the portal's own database."""
    environment = {**live_portal.environment, "DJANGO_SETTINGS_MODULE": "quality.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "quality.staging"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Stage(**json.loads(done.stdout), url=live_portal.url, cookie_name=f"portal_session_{live_portal.port}")


@pytest.fixture
def enter(new_context: Callable[..., BrowserContext], stage: Stage) -> Enter:
    """Open a page as this role's person (nobody: as a visitor), in a browser of its own."""

    def enter(role: str = "", **context: Any) -> Page:
        opened = new_context(**context)
        if role:
            opened.add_cookies([stage.cookie(role)])
        return opened.new_page()

    return enter
