"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def change_state(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def retag(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def move(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def merge(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def duplicate(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
