"""A fuse before everything that needs the database: when that is gone, pages that do not need it keep their threads.

Without it each request would wait for a connection as long as the pool allows, and as many at once as there are threads
would keep even the published status from answering.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from portal import errors, health

logger = logging.getLogger(__name__)

PROBE_SECONDS = 1.0  # while it is blown, the database is asked at most so often, by one request
_CONNECTION_LOST = ("08", "57P")  # SQLSTATE classes: connection exception, operator intervention


class Fuse:
    """Blown when a request could not reach the database; mended by the first probe that can."""

    def __init__(self) -> None:
        self._is_blown = False
        self._probed_at = 0.0
        self._probing = threading.Lock()

    def notice(self, **_signal: Any) -> None:
        """Look at the exception that a request ended with."""
        if not self._is_blown and is_lost_connection(sys.exc_info()[1]):
            self._is_blown, self._probed_at = True, 0.0
            logger.error("The database cannot be reached: pages that need it answer 503 until it is back.")

    def holds(self) -> bool:
        """Say whether a request may go on to the database."""
        if not self._is_blown:
            return True
        if not self._probing.acquire(blocking=False):
            return False
        try:
            if time.monotonic() < self._probed_at + PROBE_SECONDS:
                return False
            if health.database_answers():
                self._is_blown = False
                logger.warning("The database is back.")
            self._probed_at = time.monotonic()
            return not self._is_blown
        finally:
            self._probing.release()


FUSE = Fuse()
got_request_exception.connect(FUSE.notice, dispatch_uid="portal.fuse")


class FuseMiddleware:
    """Answers 503 at once while the fuse is blown. It stands behind what needs no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, or pass it on."""
        return self.get_response(request) if FUSE.holds() else errors.unavailable(request)


def is_lost_connection(error: BaseException | None) -> bool:
    """Say whether this, or what it came from, is a connection that could not be had: no deadlock, no time-out."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError):
            return error.sqlstate is None or error.sqlstate.startswith(_CONNECTION_LOST)
        error = error.__cause__ or error.__context__
    return False
