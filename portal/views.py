"""The pages that belong to no single room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import SupportPartner
from portal.homes import home_of
from portal.support_ways import ways_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show why one would be here: what waits, one's open cases, the rooms and what goes on in them."""
    return render(request, "portal/home.html", {"home": home_of(request.user)})


@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """Show which way of getting support is the reader's."""
    context = {"ways": ways_for(request.user), "partners": SupportPartner.objects.all()}
    return render(request, "portal/support.html", context)
