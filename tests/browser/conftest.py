"""Chromium, watched: a page that breaks its content security policy or throws fails the test."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, WebError

from portal.chromium import FLAGS, MISSING, find_chromium
from tests.browser.stage import enter, stage
from tests.live import LivePortal

__all__ = ["enter", "stage"]

# Chromium's own words for each.
POLICY_MESSAGES = ("Content Security Policy", "Content-Security-Policy", "violates the following")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the installed browser: none is downloaded."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING)
    # Playwright runs an event loop on this thread, where Django would refuse its ORM to every later test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": path, "args": [*FLAGS]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_portal: LivePortal) -> dict[str, Any]:
    """Let ``page.goto("/cases/")`` mean the running portal."""
    return {**browser_context_args, "base_url": live_portal.url, "locale": "en-GB", "timezone_id": "Europe/Vienna"}


@pytest.fixture
def page_problems() -> list[str]:
    """What the pages of this test did wrong; a test that expects something may clear it."""
    return []


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], live_portal: LivePortal, page_problems: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Make watched contexts, one per person: each has its own cookies. ``page`` and ``context`` are of this kind."""
    live_portal.forget_limits()
    live_portal.forget_drafts()

    made: list[BrowserContext] = []

    def make(**arguments: Any) -> BrowserContext:
        made.append(watch(new_context(**arguments), page_problems))
        return made[-1]

    yield make
    try:
        assert not page_problems, "\n".join(page_problems)
    finally:
        for context in made:
            # A page that closes saves its draft: after the next test has forgotten them, if it could.
            with suppress(Error):
                context.set_offline(True)


def watch(context: BrowserContext, problems: list[str]) -> BrowserContext:
    """Note what the pages of ``context`` do wrong; it is waited for no longer than a quarter of a minute."""

    def on_console(message: ConsoleMessage) -> None:
        if any(words in message.text for words in POLICY_MESSAGES):
            problems.append(message.text)

    def on_error(error: WebError) -> None:
        problems.append(f"{error.page.url if error.page else ''}: {error.error}")

    context.set_default_timeout(15_000)
    context.on("console", on_console)
    context.on("weberror", on_error)
    return context
