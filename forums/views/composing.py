"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def preview(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def stage_image(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def image(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def save_draft(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404


def discard_draft(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
