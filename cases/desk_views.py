"""The desk."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """The queue."""
    return HttpResponse()


@login_required
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case."""
    return HttpResponse()


@login_required
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Acknowledge."""
    return HttpResponse()
