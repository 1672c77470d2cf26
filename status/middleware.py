"""Answers the public status from its snapshot: before sessions, sign-in and language, without a database or a cache.

What is not in the snapshot (subscribing, the console, everything outside of status) goes on to the views. So does
everything when nothing is published, or when the directory is damaged.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.http import parse_etags

from status.snapshot import paths
from status.snapshot.reading import DIRECTORY, Content, DamagedError, Reader, View

GetResponse = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)

PAGES = "/status/"
APIS = ("/api/v2/", "/status/api/v2/")
ALLOWED = ("GET", "HEAD")
CACHE_CONTROL = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
NOT_FOUND = b'{"error": "Not found"}'
LOG_EVERY = 60.0  # seconds; a damaged directory is met by each request


class SnapshotMiddleware:
    """Serves what is published; on the status site's own domain at addresses without ``/status`` as well."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._reader = Reader(Path(settings.STATUS_SNAPSHOT_DIR))
        self.stale_seconds = settings.STATUS_STALE_SECONDS
        self.own_hosts = own_hosts(settings.STATUS_URL, settings.PORTAL_URL)
        self.widget_policy = build_policy(replace={"frame-ancestors": ["*"]})
        self._logged = -LOG_EVERY

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from the snapshot, or pass the request on."""
        asked = request.path_info
        path = self._address(request, asked)
        if path.startswith((PAGES, "/api/v2/")) or path == "/status":
            response = self._try(request, path)
            if response is not None:
                return response
        if path != asked:
            request.path = request.path.removesuffix(asked) + path
            request.path_info = path
        return self.get_response(request)

    @property
    def reader(self) -> Reader:
        """Return what reads the directory that the settings name now."""
        directory = settings.STATUS_SNAPSHOT_DIR
        if self._reader.directory != directory:
            self._reader = Reader(Path(directory))
        return self._reader

    def _address(self, request: HttpRequest, path: str) -> str:
        """Return the address as the portal's own domain spells it."""
        if not self.own_hosts or request.META.get("HTTP_HOST", "").lower() not in self.own_hosts:
            return path
        return path if path.startswith((PAGES, "/static/", "/api/v2/")) or path == "/status" else f"/status{path}"

    def _try(self, request: HttpRequest, path: str) -> HttpResponse | None:
        try:
            try:
                return self._answer(request, path)
            except DamagedError:
                # Swept between two looks, when this process slept long in between: the new version is whole.
                return self._answer(request, path)
        except (DamagedError, OSError) as error:
            if time.monotonic() - self._logged >= LOG_EVERY:
                self._logged = time.monotonic()
                logger.warning("The status snapshot cannot be read, so pages are made one by one: %s", error)
            return None

    def _answer(self, request: HttpRequest, path: str) -> HttpResponse | None:
        view = self.reader.view()
        if view is None:
            return None
        file = f"{path[1:]}index.html" if path.endswith("/") else path[1:]
        name = self.reader.find(view, file)
        if name is None or (not path.endswith("/") and not paths.is_addressed(file)):
            return self._missing(request, view, path)
        if name == DIRECTORY:
            page = f"{file}/index.html"
            if self.reader.find(view, page) is None:
                return self._missing(request, view, path)
            return self._dressed(with_slash(request), page)
        if request.method not in ALLOWED:
            is_preflight = request.method == "OPTIONS" and paths.is_open(file)
            return self._dressed(preflight() if is_preflight else not_allowed(file), file)
        content = self.reader.content(self._timely(view, file, name))
        return self._dressed(served(request, content, paths.content_type(file)), file)

    def _timely(self, view: View, file: str, name: str) -> str:
        """Return the object, or its stale variant when nobody has said for long that it is still so."""
        if (timezone.now() - view.as_of).total_seconds() <= self.stale_seconds:
            return name
        instead = self.reader.find(view, paths.stale(file))
        return name if instead in {None, DIRECTORY} else str(instead)

    def _missing(self, request: HttpRequest, view: View, path: str) -> HttpResponse | None:
        """Return the API's own 404, or None for what a view may know."""
        if not path.startswith(APIS):
            return None
        if not self.reader.has(view, "status/api/v2" if path.startswith(PAGES) else "api/v2"):
            return None
        return self._dressed(preflight() if request.method == "OPTIONS" else unknown(request), "api/v2/unknown.json")

    def _dressed(self, response: HttpResponse, file: str) -> HttpResponse:
        """Add what caches, scripts and pages of other sites are to know of this file."""
        headers = response.headers
        headers["Cache-Control"] = CACHE_CONTROL
        if paths.is_open(file):
            for name, value in OPEN.items():
                headers[name] = value
        if paths.is_widget(file):
            headers["Content-Security-Policy"] = self.widget_policy
        else:
            headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        return response


def own_hosts(status_url: str, portal_url: str) -> frozenset[str]:
    """Return how a Host header may spell the status site's own domain; nothing when it has none."""
    (host, port, default), portal = origin(status_url), origin(portal_url)
    if not host or (host, port) == portal[:2]:
        return frozenset()
    return frozenset({host, f"{host}:{port}"} if port == default else {f"{host}:{port}"})


def origin(url: str) -> tuple[str, int | None, int | None]:
    """Return an address's host, its port, and the port that may be left out."""
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.hostname or "", parts.port or default, default


def matches(header: str, etag: str) -> bool:
    """Say whether If-None-Match names this ETag, weakly compared (RFC 9110, 13.1.2)."""
    return any(tag == "*" or tag.removeprefix("W/") == etag for tag in parse_etags(header))


def served(request: HttpRequest, content: Content, content_type: str) -> HttpResponse:
    """Return the content, or say that the reader has it already."""
    sent = request.META.get("HTTP_IF_NONE_MATCH")
    response: HttpResponse
    if sent is not None and matches(sent, content.etag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(content.body if request.method == "GET" else b"", content_type=content_type)
        response.headers["Content-Length"] = str(len(content.body))
    response.headers["ETag"] = content.etag
    return response


def with_slash(request: HttpRequest) -> HttpResponse:
    """Send the reader to the page's own address, on the domain and with the question that they came with."""
    query = request.META.get("QUERY_STRING", "")
    location = f"{request.path}/{'?' + query if query else ''}"
    return HttpResponse(status=301, headers={"Location": location, "Content-Length": "0"})


def preflight() -> HttpResponse:
    """Tell a browser that scripts of any site may read this."""
    response = HttpResponse(status=204, headers=PREFLIGHT)
    del response.headers["Content-Type"]
    return response


def not_allowed(file: str) -> HttpResponse:
    """Refuse a verb that would change something: what is published is only read."""
    allow = ", ".join((*ALLOWED, "OPTIONS") if paths.is_open(file) else ALLOWED)
    return HttpResponse(
        "Method not allowed\n", status=405, content_type=paths.CONTENT_TYPES[".txt"], headers={"Allow": allow}
    )


def unknown(request: HttpRequest) -> HttpResponse:
    """Say in JSON that the API has no such path."""
    response = HttpResponse(
        b"" if request.method == "HEAD" else NOT_FOUND, status=404, content_type=paths.CONTENT_TYPES[".json"]
    )
    response.headers["Content-Length"] = str(len(NOT_FOUND))
    return response
