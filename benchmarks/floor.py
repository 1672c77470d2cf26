"""The least that a page can do: one query of its own and the base template."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Product


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    """Render an empty page."""
    return render(request, "benchmarks/floor.html", {"product": Product.objects.get(code="integration-cloud")})


def public_floor(request: HttpRequest) -> HttpResponse:
    """Render an empty page for whoever comes: what a visitor's page is measured against."""
    return render(request, "benchmarks/floor.html", {"product": Product.objects.get(code="integration-cloud")})


def bare(request: HttpRequest, size: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer so many bytes and do nothing else: what the published status is measured against."""
    return HttpResponse(b"x" * size)
