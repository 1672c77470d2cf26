"""The pages that belong to no single room."""

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Case
from portal.support_ways import ways_for

OPEN_CASES_SHOWN = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show why one would be here: the rooms, one's open cases, and the way in."""
    context = {"ways": ways_for(request.user), "cases": _own_open_cases(request.user)}
    return render(request, "portal/home.html", context)


@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """Show which way of getting support is the reader's."""
    return render(request, "portal/support.html", {"ways": ways_for(request.user)})


def _own_open_cases(user: User | AnonymousUser) -> Sequence[Case]:
    if not isinstance(user, User) or not user.active_contacts:
        return []
    cases = Case.objects.visible_to(user).filed_by(user).not_closed().for_list()
    return list(cases.order_by("-public_updated_at", "-id")[:OPEN_CASES_SHOWN])
