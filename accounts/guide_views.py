"""A person's guides: read, put away, brought back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import guides
from accounts.guides import Guide
from accounts.http import PersonalRequest
from lib import undoing


@login_required
@never_cache
@require_safe
def getting_started(request: PersonalRequest) -> HttpResponse:
    """Show every guide of the person's roles, those put away as well."""
    return render(request, "accounts/getting_started.html", {"guides": guides.of(request.user)})


@login_required
@require_POST
def dismiss(request: PersonalRequest, code: str) -> HttpResponse:
    """Put a guide away, and offer to take that back."""
    guide = _own(request, code)
    guides.dismiss(user=request.user, guide=guide)
    text = _("The guide is put away. You find it in your account menu, under Getting started.")
    undoing.offer(request, text, undo_url=reverse("accounts:reopen_guide", args=[code]))
    return redirect("home")


@login_required
@require_POST
def reopen(request: PersonalRequest, code: str) -> HttpResponse:
    """Show a guide on the home page again."""
    guides.reopen(user=request.user, guide=_own(request, code))
    return redirect("home")


def _own(request: PersonalRequest, code: str) -> Guide:
    guide = guides.find(request.user, code)
    if guide is None:
        raise Http404
    return guide
