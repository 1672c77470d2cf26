"""The pages that belong to no single room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show why one would be here."""
    return render(request, "portal/home.html")


@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """Show which way of getting support is the reader's."""
    return render(request, "portal/support.html")
