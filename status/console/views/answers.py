"""How the console's forms are answered: a preview, a word about what is wrong, or what a colleague did meanwhile."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import PersonalRequest
from status.console import rows, trail
from status.console.access import get_incident
from status.console.forms import SeenForm
from status.console.notice import Notice
from status.errors import Changed, StatusError

PREVIEW = "preview"


def page(
    request: PersonalRequest, template: str, context: Mapping[str, Any], form: forms.BaseForm | None = None
) -> HttpResponse:
    """Show a page with its form: 422 when something is wrong with what was sent."""
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, template, dict(context), status=status)


def previewed(
    request: PersonalRequest,
    template: str,
    context: Mapping[str, Any],
    form: forms.BaseForm,
    make: Callable[[], Notice],
) -> HttpResponse:
    """Answer with what subscribers would get: a part of the page for htmx, else the page with all that was typed."""
    notice = make() if form.is_valid() else None
    if request.htmx:
        template = "status/console/_notice.html"
    return page(request, template, {**context, "form": form, "notice": notice}, form)


def attempt(form: forms.Form, act: Callable[[], Any]) -> Any:
    """Do what was asked. Returns None, and says why on the form, when it cannot be. Lets ``Changed`` through."""
    try:
        return act()
    except Changed:
        raise
    except StatusError as refusal:
        form.add_error(None, str(refusal))
        return None


def overtaken(
    request: PersonalRequest, public_id: str, form: SeenForm, initial: Callable[[Any], Mapping[str, Any]]
) -> dict[str, Any]:
    """Bring a form up to what a colleague did meanwhile. Returns what the page says of it."""
    incident = get_incident(request, public_id)
    seen = form.seen_event
    form.read_again(initial(incident))
    return {
        "incident": incident,
        "form": form,
        "overtaken": True,
        "missed": trail.entries(rows.trail(incident, after=seen)),
        "now": rows.card(incident, None, rows.affected_by(incident)),
    }
