"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def watching(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def bookmarks(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def drafts(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
