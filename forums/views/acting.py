"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def vote(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def unvote(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def accept(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def bookmark(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def unbookmark(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def unaccept(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def mark_read(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def mark_all_read(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def watch(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
