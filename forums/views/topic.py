"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def topic(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def permalink(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def comments(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def history(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
