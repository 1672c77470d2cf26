"""A page that asks for the same relation row by row fails its test.

Only reads are watched: an act locks row by row on purpose.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from zeal import zeal_context


def watch_reads(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware of the testing settings."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        with zeal_context():
            return get_response(request)

    return middleware
