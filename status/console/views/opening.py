"""Opening an incident, and what may become of it while it is a draft."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonalRequest
from lib import undoing
from status import incidents
from status.changes import By
from status.console import notice, rows
from status.console.access import get_incident, operators_only
from status.console.fields import to_the_minute
from status.console.forms import DraftForm, IncidentForm, OpenForm, PublishForm
from status.console.views import answers
from status.constants import Impact, Kind
from status.errors import Changed, StatusError
from status.incidents import NewIncident
from status.models import Component, Incident, IncidentTemplate

_PAGE = "status/console/open.html"


@operators_only
@require_http_methods(["GET", "POST"])
def open_incident(request: PersonalRequest) -> HttpResponse:
    """Publish an incident, or keep it as a draft; the same form sent again leads to the first's incident."""
    components = rows.present_components()
    templates = list(IncidentTemplate.objects.filter(kind=Kind.INCIDENT))
    chosen = _chosen(request, templates)
    form = OpenForm(request.POST if request.method == "POST" else None, initial=filled_by(chosen))
    context = {**_offered(form, components), "form": form, "templates": templates, "chosen": chosen}
    if answers.PREVIEW in request.POST:
        return answers.previewed(request, _PAGE, context, form, lambda: notice.of_opening(form, actor=request.user))
    if form.is_bound:
        incident = sent_before(request, form.sent_before()) or _opened(request, form)
        if incident is not None:
            return HttpResponseRedirect(address(incident))
    return answers.page(request, _PAGE, context, form)


def _opened(request: PersonalRequest, form: OpenForm) -> Incident | None:
    if not form.is_valid():
        return None
    publish = "draft" not in request.POST
    new = _new(form, origin_key=form.origin_key, publish=publish, deliver=form.cleaned_data["deliver"])
    incident: Incident | None = answers.attempt(form, lambda: incidents.open_incident(by=By(request.user), new=new))
    if incident is not None:
        done = _("The incident is published.") if publish else _("The draft is saved. Nobody has been told.")
        messages.success(request, done)
    return incident


@operators_only
@require_http_methods(["GET", "POST"])
def edit_draft(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Write a draft anew."""
    incident = get_incident(request, public_id)
    components = rows.present_components()
    form = DraftForm(request.POST if request.method == "POST" else None, initial=_as_it_is(incident))
    context = {**_offered(form, components), "form": form, "incident": incident}
    if answers.PREVIEW in request.POST:
        return answers.previewed(request, _PAGE, context, form, lambda: notice.of_opening(form, actor=request.user))
    if form.is_bound and form.is_valid():
        new, version = _new(form), form.cleaned_data["version"]
        try:
            done = answers.attempt(
                form,
                lambda: incidents.edit_draft(by=By(request.user), public_id=public_id, new=new, version=version),
            )
        except Changed:
            context |= answers.overtaken(request, public_id, form, _as_it_is)
            return render(request, _PAGE, {**context, **_offered(form, components)}, status=409)
        if done is not None:
            messages.success(request, _("The draft is saved."))
            return HttpResponseRedirect(address(incident))
    return answers.page(request, _PAGE, context, form)


@operators_only
@require_POST
def publish(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Make a draft public."""
    incident = get_incident(request, public_id)
    form = PublishForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        return _settle(
            request,
            incident,
            lambda: incidents.publish_draft(
                by=By(request.user), public_id=public_id, version=data["version"], deliver=data["deliver"]
            ),
            done=_("The incident is published."),
        )
    messages.error(request, _("This form is damaged. Try again."))
    return HttpResponseRedirect(address(incident))


@operators_only
@require_POST
def discard(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Put a draft away."""
    incident = get_incident(request, public_id)
    return _settle(
        request,
        incident,
        lambda: incidents.discard_draft(by=By(request.user), public_id=public_id),
        done=_("The draft is discarded. Nobody was told of it."),
        undo_url=reverse("status_console:bring_back", args=[public_id]),
    )


@operators_only
@require_POST
def bring_back(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Take a draft up again that was put away."""
    incident = get_incident(request, public_id)
    return _settle(
        request,
        incident,
        lambda: incidents.bring_back_draft(by=By(request.user), public_id=public_id),
        done=_("The draft is back."),
    )


def _settle(request: PersonalRequest, incident: Incident, act: Any, *, done: str, undo_url: str = "") -> HttpResponse:
    # Imported here: the page of an incident draws the buttons that lead here.
    from status.console.views.incident import incident_page

    try:
        act()
    except Changed as error:
        return incident_page(request, incident.public_id, refusal=str(error), status=409)
    except StatusError as error:
        return incident_page(request, incident.public_id, refusal=str(error), status=422)
    if undo_url:
        undoing.offer(request, done, undo_url=undo_url)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(address(incident))


def address(incident: Incident) -> str:
    """Return the console's page of an incident."""
    return reverse("status_console:incident", args=[incident.public_id])


def sent_before(request: PersonalRequest, origin_key: str) -> Incident | None:
    """Return what a first submission of a form made, and say so."""
    known = Incident.objects.visible_to(request.user).filter(origin_key=origin_key).first() if origin_key else None
    if known is not None:
        messages.info(request, _("This was sent already."))
    return known


def filled_by(template: IncidentTemplate | None) -> dict[str, Any]:
    """Return what a template fills in."""
    if template is None:
        return {}
    components = template.components.present().values_list("pk", flat=True)
    return {
        "name": template.title,
        "body": template.body,
        "status": template.status,
        "components": {str(pk): "" for pk in components},
        "component_status": template.component_status,
    }


def _chosen(request: PersonalRequest, templates: Sequence[IncidentTemplate]) -> IncidentTemplate | None:
    return next((one for one in templates if str(one.pk) == request.GET.get("template")), None)


def _offered(form: IncidentForm, components: Sequence[Component]) -> dict[str, Any]:
    form.offer(component.pk for component in components)
    return {"picker": rows.picker(components, form["components"].value())}


def _new(
    form: IncidentForm, *, origin_key: str | None = None, publish: bool = False, deliver: bool = True
) -> NewIncident:
    data = form.cleaned_data
    return NewIncident(
        name=data["name"],
        body=data["body"],
        status=data["status"],
        impact=data["impact"],
        components=form.statuses,
        # A draft's start that nobody touched keeps its seconds.
        started_at=data["started_at"] if "started_at" in form.changed_data else None,
        publish=publish,
        deliver=deliver,
        origin_key=origin_key,
    )


def _as_it_is(incident: Incident) -> Mapping[str, Any]:
    update = incident.updates.filter(is_opening=True).first()
    return {
        "version": incident.version,
        "seen": rows.last_event(incident),
        "name": incident.name,
        "status": incident.status,
        "impact": incident.impact if incident.impact != Impact.NONE else "",
        "body": update.body if update else "",
        "started_at": to_the_minute(incident.started_at),
        "components": {str(pk): status for pk, status in rows.held_by(incident).items()},
    }
