"""Requests through the whole stack as the web server calls it: WSGI, every middleware, sessions, the pool."""

import io
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from accounts import search_limit
from accounts.models import User
from benchmarks.page import Page

WARM_UP = 3  # rounds
_CSRF = "b" * 32


class PageFailed(Exception):  # noqa: N818 - said to a person as it is
    """A page answered something other than 200."""


@dataclass(slots=True)
class Measured:
    """What one page took."""

    page: Page
    queries: int = 0
    bytes: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Return the p50 in milliseconds."""
        return statistics.median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """Return the 95th percentile in milliseconds."""
        return statistics.quantiles(self.seconds, n=20, method="inclusive")[-1] * 1000


class Visitor:
    """A browser without the browser: somebody signed in, or nobody known."""

    def __init__(self, application: Callable[..., Any], user: User | None) -> None:
        self.application = application
        self.cookies = [] if user is None else [f"{settings.SESSION_COOKIE_NAME}={_session(user)}"]

    def ask(self, page: Page) -> int:
        """Ask for ``page`` and return the length of the answer in bytes. Raises ``PageFailed``."""
        split = urlsplit(page.url)
        environ: dict[str, Any] = {"PATH_INFO": split.path, "QUERY_STRING": split.query, "HTTP_HOST": "testserver"}
        cookies = [*self.cookies]
        if page.data is not None:
            body = urlencode(page.data).encode()
            # The pair of cookie and header that a script of ours sends.
            cookies.append(f"{settings.CSRF_COOKIE_NAME}={_CSRF}")
            environ |= {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
            environ |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_X_CSRFTOKEN": _CSRF}
        if cookies:
            environ["HTTP_COOKIE"] = "; ".join(cookies)
        url = page.url
        setup_testing_defaults(environ)
        statuses: list[str] = []
        answer = self.application(environ, lambda status, _headers, *_error: statuses.append(status))
        try:
            length = sum(len(part) for part in answer)
        finally:
            answer.close()
        if not statuses[0].startswith("200"):
            raise PageFailed(f"{url} answered {statuses[0]}")
        return length


def measure(
    pages: Sequence[Page], people: Mapping[str, User | None], *, rounds: int, progress: Callable[[str], None]
) -> list[Measured]:
    """Ask for each page ``rounds`` times, interleaved in an order that changes, so that all meet the same weather."""
    # Imported here: it is the web server's own entry, with what it does to the process.
    from portal.wsgi import application

    search_limit.SEARCHES = sys.maxsize  # one person asks for all of them
    visitors = {name: Visitor(application, user) for name, user in people.items()}
    results = [Measured(page) for page in pages]
    for result in results:
        with _counting(result), _patched(result.page):
            result.bytes = visitors[result.page.person].ask(result.page)
    chance = random.Random(7)
    for number in range(-WARM_UP, rounds):
        for result in chance.sample(results, len(results)):
            with _patched(result.page):
                begun = time.perf_counter()
                visitors[result.page.person].ask(result.page)
                seconds = time.perf_counter() - begun
            if number >= 0:
                result.seconds.append(seconds)
        if number >= 0 and (number + 1) % 10 == 0:
            progress(f"round {number + 1} of {rounds}")
    return results


@contextmanager
def _counting(result: Measured) -> Any:
    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        result.queries += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        yield


@contextmanager
def _patched(page: Page) -> Any:
    if page.patch is None:
        yield
        return
    module, name, value = page.patch
    with mock.patch.object(module, name, value):
        yield


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
