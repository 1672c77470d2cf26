"""To be written."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def flag(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 until it is written."""
    raise Http404
