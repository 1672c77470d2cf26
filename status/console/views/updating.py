"""What is new: an update with words of one's own, or the usual one in one tap."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonalRequest
from status import incidents
from status.changes import By, Said
from status.console import notice, prepared, rows
from status.console.access import get_incident, operators_only
from status.console.forms import MoveForm, UpdateForm
from status.console.views import answers
from status.console.views.incident import incident_page
from status.console.views.opening import address
from status.constants import Stage
from status.errors import Changed, StatusError
from status.models import Incident, IncidentUpdate

_PAGE = "status/console/update.html"


@operators_only
@require_http_methods(["GET", "POST"])
def post_update(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Say what is new; the same form sent again says it once."""
    incident = get_incident(request, public_id)
    if incident.is_draft:
        return incident_page(request, public_id, refusal=_("This is a draft: publish it first."), status=409)
    form = UpdateForm(
        request.POST if request.method == "POST" else None, incident=incident, initial=_initial(request, incident)
    )
    context = {**_offered(form, incident), "form": form, "incident": incident}
    if answers.PREVIEW in request.POST:
        return answers.previewed(
            request, _PAGE, context, form, lambda: notice.of_update(form, incident, actor=request.user)
        )
    if form.is_bound:
        if _sent_before(request, incident, form.sent_before()):
            return HttpResponseRedirect(address(incident))
        if form.is_valid():
            try:
                done = answers.attempt(form, lambda: _post(request, incident, form))
            except Changed:
                return _overtaken(request, form, context, public_id)
            if done is not None:
                messages.success(request, _("The update is published."))
                return HttpResponseRedirect(address(incident))
    return answers.page(request, _PAGE, context, form)


@operators_only
@require_POST
def move(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Resolve, begin or complete it with a prepared text."""
    incident = get_incident(request, public_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return incident_page(request, public_id, refusal=_("This form is damaged. Try again."), status=422)
    if _sent_before(request, incident, form.origin_key):
        return HttpResponseRedirect(address(incident))
    stage, version = form.cleaned_data["status"], form.cleaned_data["version"]
    said = Said(stage, prepared.text(stage), {}, origin_key=form.origin_key)
    try:
        incidents.post_update(by=By(request.user), public_id=public_id, said=said, version=version)
    except Changed as error:
        return incident_page(request, public_id, refusal=str(error), status=409)
    except StatusError as error:
        return incident_page(request, public_id, refusal=str(error), status=422)
    messages.success(request, _("Published. Its status is %(status)s now.") % {"status": Stage(stage).label})
    return HttpResponseRedirect(address(incident))


def _post(request: PersonalRequest, incident: Incident, form: UpdateForm) -> IncidentUpdate:
    data = form.cleaned_data
    said = Said(
        status=data["status"],
        body=data["body"],
        components={} if incident.status == data["status"] == Stage.SCHEDULED else form.changes,
        deliver=data["deliver"],
        at=data["at"],
        origin_key=form.origin_key,
    )
    return incidents.post_update(
        by=By(request.user),
        public_id=incident.public_id,
        said=said,
        impact=data.get("impact", ""),
        version=data["version"],
    )


def _overtaken(request: PersonalRequest, form: UpdateForm, context: Mapping[str, Any], public_id: str) -> HttpResponse:
    """Show what a colleague did; a component that the operator left alone takes the colleague's status."""
    told = answers.overtaken(request, public_id, form, lambda found: _initial(request, found))
    incident = told["incident"]
    form.hold(rows.held_by(incident))
    return render(request, _PAGE, {**context, **told, **_offered(form, incident)}, status=409)


def _sent_before(request: PersonalRequest, incident: Incident, origin_key: str) -> bool:
    known = bool(origin_key) and incident.updates.filter(origin_key=origin_key).exists()
    if known:
        messages.info(request, _("This was sent already."))
    return known


def _offered(form: UpdateForm, incident: Incident) -> dict[str, Any]:
    components = rows.present_components()
    form.offer(component.pk for component in components)
    held = {} if incident.status == Stage.SCHEDULED else rows.held_by(incident)
    return {
        "picker": rows.picker(components, form["components"].value(), held),
        "prepared": [(stage.value, prepared.text(stage)) for stage in prepared.moves(incident)],
        "shows_components": incident.status != Stage.SCHEDULED,
    }


def _initial(request: PersonalRequest, incident: Incident) -> dict[str, Any]:
    wanted = request.GET.get("status", "")
    allowed = prepared.moves(incident)
    return {
        "version": incident.version,
        "seen": rows.last_event(incident),
        "status": wanted if wanted in allowed else prepared.next_stage(incident),
    }
