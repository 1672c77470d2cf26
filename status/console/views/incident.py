"""The console's page of an incident or a maintenance: what was said, what may be done, who did what."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PersonalRequest
from status import automation, hooks, incidents, links
from status.changes import By
from status.console import prepared, rows, trail
from status.console.access import get_incident, get_update, operators_only
from status.console.fields import to_the_minute
from status.console.forms import EditForm, EditUpdateForm, PublishForm
from status.console.views import answers
from status.console.views.opening import address
from status.constants import Stage
from status.errors import Changed
from status.models import Incident, IncidentUpdate


@operators_only
@require_GET
def incident(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Show one incident or maintenance."""
    return incident_page(request, public_id)


def incident_page(request: PersonalRequest, public_id: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """Render it as it is now, with what went wrong on top if something did."""
    found = get_incident(request, public_id)
    updates = rows.updates_of(found)
    affected = rows.affected_by(found)
    context = {
        "incident": found,
        "card": rows.card(found, updates[0] if updates else None, affected),
        "updates": updates,
        "affected": affected,
        "trail": trail.entries(rows.trail(found)),
        "moves": prepared.moves(found),
        "publish_form": PublishForm(initial={"version": found.version}) if _may_publish(found) else None,
        "may_plan": found.is_maintenance and found.status == Stage.SCHEDULED,
        "public_url": "" if found.is_draft else links.page(f"incidents/{found.public_id}/"),
        "notes": automation.notes(found),
        "panels": hooks.incident_panels(request.user, found),
        "refusal": refusal,
    }
    return render(request, "status/console/incident.html", context, status=status)


def _may_publish(found: Incident) -> bool:
    return found.is_draft and not found.has_ended


@operators_only
@require_http_methods(["GET", "POST"])
def edit(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Correct title, impact, start and end."""
    found = get_incident(request, public_id)
    form = EditForm(request.POST if request.method == "POST" else None, incident=found, initial=_as_it_is(found))
    context: dict[str, Any] = {"incident": found, "form": form}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        changes = {name: data.get(name) for name in ("started_at", "resolved_at") if name in form.changed_data}

        def act() -> Incident:
            return incidents.edit_incident(
                by=By(request.user),
                public_id=public_id,
                name=data["name"],
                impact=data.get("impact", ""),
                version=data["version"],
                **changes,
            )

        try:
            done = answers.attempt(form, act)
        except Changed:
            context |= answers.overtaken(request, public_id, form, _as_it_is)
            return render(request, "status/console/edit.html", context, status=409)
        if done is not None:
            messages.success(request, _("Your changes are saved. Nobody was mailed about them."))
            return HttpResponseRedirect(address(found))
    return answers.page(request, "status/console/edit.html", context, form)


@operators_only
@require_http_methods(["GET", "POST"])
def edit_update(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Correct the text or the time of an update."""
    update = get_update(request, public_id)
    found = update.incident
    form = EditUpdateForm(request.POST if request.method == "POST" else None, initial=_said(update))
    context: dict[str, Any] = {"incident": found, "update": update, "form": form}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        moved = data["display_at"] if "display_at" in form.changed_data else None

        def act() -> IncidentUpdate:
            return incidents.edit_update(
                by=By(request.user),
                update_id=public_id,
                body=data["body"],
                display_at=moved,
                version=data["version"],
            )

        try:
            done = answers.attempt(form, act)
        except Changed:
            now = _said(get_update(request, public_id))
            context |= answers.overtaken(request, found.public_id, form, lambda _incident: now)
            return render(request, "status/console/edit_update.html", context, status=409)
        if done is not None:
            messages.success(request, _("Your changes are saved. Nobody was mailed about them."))
            return HttpResponseRedirect(address(found))
    return answers.page(request, "status/console/edit_update.html", context, form)


def _as_it_is(found: Incident) -> dict[str, Any]:
    return {
        "version": found.version,
        "seen": rows.last_event(found),
        "name": found.name,
        "impact": found.impact,
        "started_at": to_the_minute(found.started_at),
        "resolved_at": to_the_minute(found.resolved_at),
    }


def _said(update: IncidentUpdate) -> dict[str, Any]:
    return {
        "version": update.incident.version,
        "seen": rows.last_event(update.incident),
        "body": update.body,
        "display_at": to_the_minute(update.display_at),
    }
