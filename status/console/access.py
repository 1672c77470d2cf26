"""The console's door, and how its pages find what they are about."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.http import PersonalRequest
from status import policies
from status.identifiers import is_public_id
from status.models import Incident, IncidentUpdate

View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """Let in who operates the status site: a visitor signs in first, everybody else gets 403 with the reason."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policies.operate(request.user).require()
        return view(request, *args, **kwargs)

    guarded_and_signed_in: View = never_cache(login_required(guarded))
    return guarded_and_signed_in


def get_incident(request: PersonalRequest, public_id: str) -> Incident:
    """Return an incident or a maintenance. Raises ``Http404``."""
    incidents = Incident.objects.visible_to(request.user).select_related("created_by")
    found = incidents.filter(public_id=public_id).first() if is_public_id(public_id) else None
    if found is None:
        raise Http404
    return found


def get_update(request: PersonalRequest, public_id: str) -> IncidentUpdate:
    """Return an update with its incident. Raises ``Http404``."""
    seen = Incident.objects.visible_to(request.user)
    updates = IncidentUpdate.objects.filter(incident__in=seen).select_related("incident")
    found = updates.filter(public_id=public_id).first() if is_public_id(public_id) else None
    if found is None:
        raise Http404
    return found
