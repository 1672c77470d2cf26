"""How a request is read, before any middleware sees it."""

from collections.abc import Mapping
from typing import Any

import django
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.utils.http import parse_header_parameters


class _ReadAsUtf8(HttpRequest):
    """A request whose text is UTF-8, whatever its sender says.

    Django would decode by any codec of Python's that a header names. Some of them raise on every text, and break the
    request before there is a page to answer with; others make text that the database refuses.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class PortalRequest(_ReadAsUtf8, WSGIRequest):
    """A request read so, from WSGI."""


class PortalAsgiRequest(_ReadAsUtf8, ASGIRequest):
    """A request read so, from ASGI."""


class PortalHandler(WSGIHandler):
    """Django's handler, reading requests so."""

    request_class = PortalRequest


class PortalAsgiHandler(ASGIHandler):
    """Django's handler of ASGI, reading requests so."""

    request_class = PortalAsgiRequest


def application() -> PortalHandler:
    """Return the WSGI application, as ``django.core.wsgi.get_wsgi_application`` does."""
    django.setup(set_prefix=False)
    return PortalHandler()


def asgi_application() -> PortalAsgiHandler:
    """Return the ASGI application, as ``django.core.asgi.get_asgi_application`` does."""
    django.setup(set_prefix=False)
    return PortalAsgiHandler()
