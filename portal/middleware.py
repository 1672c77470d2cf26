"""What stands before every view: health addresses, maintenance, and the limit of a request's body."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from lib.body_limit import MARK
from portal import errors, health, maintenance

Respond = Callable[[HttpRequest], HttpResponse]

HEALTH_PATHS = {"/healthz": health.alive, "/readyz": health.ready}
# Seconds for which a process believes what it read: switching maintenance on or off takes at most so long.
MAINTENANCE_SECONDS = 1.0
DISCARD_SECONDS = 20
DISCARD_BLOCK = 64 * 1024  # bytes


class HealthMiddleware:
    """Answers the health addresses before sessions and hosts: a probe has neither a cookie nor the right Host."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, or pass the request on."""
        view = HEALTH_PATHS.get(request.path_info)
        return view(request) if view else self.get_response(request)


class MaintenanceMiddleware:
    """Answers 503 while a file says so. It stands behind health, static files and the published status."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self._read_at = -MAINTENANCE_SECONDS
        self._said: maintenance.Maintenance | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, or pass it on."""
        now = time.monotonic()
        if now >= self._read_at + MAINTENANCE_SECONDS:
            self._said, self._read_at = maintenance.read(), now
        if self._said is None:
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit():
            discard(request, int(length))
        return errors.in_maintenance(request, self._said)


class BodyLimitMiddleware:
    """Refuses a body over the limit before anything reads it into memory or on the disk.

    The limit is DATA_UPLOAD_MAX_MEMORY_SIZE; a multipart form to a view marked ``accepts_files`` may carry the allowed
    number of files of the allowed size on top.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, or pass it on."""
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
            # A length that nobody knows cannot be held to a limit before it is read.
            return HttpResponse(_("Send the length of the request's body."), status=411, content_type="text/plain")
        if length and not (length.isascii() and length.isdigit()):
            return errors.bad_request(request, None)
        if int(length or 0) <= limit(request):
            return self.get_response(request)
        discard(request, int(length))
        return errors.too_large(request)


def limit(request: HttpRequest) -> int:
    """Return how many bytes this request may carry."""
    small = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if request.content_type != "multipart/form-data":
        return small
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return small
    return small + settings.UPLOAD_MAX_BYTES * settings.UPLOAD_MAX_FILES if getattr(view, MARK, False) else small


def discard(request: HttpRequest, length: int) -> None:
    """Read the refused body and forget it: a browser shows the answer only once it has sent everything."""
    deadline = time.monotonic() + DISCARD_SECONDS
    while length > 0 and time.monotonic() < deadline:
        block = request.read(min(DISCARD_BLOCK, length))
        if not block:
            return
        length -= len(block)
