"""Maintenance: scheduled, moved, called off."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from status import maintenance
from status.changes import By
from status.console import notice, prepared, rows
from status.console.access import get_incident, operators_only
from status.console.fields import to_the_minute
from status.console.plan_forms import CancelForm, PlanForm, RescheduleForm, ScheduleForm
from status.console.views import answers
from status.console.views.incident import incident_page
from status.console.views.opening import address, filled_by, sent_before
from status.constants import Kind, Stage
from status.errors import Changed
from status.maintenance import NewMaintenance
from status.models import Component, Incident, IncidentTemplate

_PAGE = "status/console/plan.html"
_USUAL_LENGTH = timedelta(hours=2)


@operators_only
@require_http_methods(["GET", "POST"])
def schedule(request: PersonalRequest) -> HttpResponse:
    """Announce a maintenance; the same form sent again leads to the first's."""
    components = rows.present_components()
    templates = list(IncidentTemplate.objects.filter(kind=Kind.MAINTENANCE))
    chosen = next((one for one in templates if str(one.pk) == request.GET.get("template")), None)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None, initial={**_tomorrow(), **filled_by(chosen)}
    )
    context = {**_offered(form, components), "form": form, "templates": templates, "chosen": chosen}
    if answers.PREVIEW in request.POST:
        return answers.previewed(request, _PAGE, context, form, lambda: notice.of_plan(form, None, actor=request.user))
    if form.is_bound:
        planned = sent_before(request, form.sent_before()) or _scheduled(request, form)
        if planned is not None:
            return HttpResponseRedirect(address(planned))
    return answers.page(request, _PAGE, context, form)


def _scheduled(request: PersonalRequest, form: ScheduleForm) -> Incident | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    new = NewMaintenance(
        name=data["name"],
        body=data["body"],
        plan=form.plan,
        components=list(data["components"]),
        deliver=data["deliver"],
        origin_key=form.origin_key,
    )
    planned: Incident | None = answers.attempt(form, lambda: maintenance.schedule(by=By(request.user), new=new))
    if planned is not None:
        messages.success(request, _("The maintenance is announced."))
    return planned


@operators_only
@require_http_methods(["GET", "POST"])
def reschedule(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Change the plan of a maintenance that has not begun."""
    incident = get_incident(request, public_id)
    if incident.status != Stage.SCHEDULED:
        refusal = _("Only maintenance that has not begun can be rescheduled.")
        return incident_page(request, public_id, refusal=refusal, status=409)
    components = rows.present_components()
    form = RescheduleForm(request.POST if request.method == "POST" else None, initial=_as_it_is(incident))
    form.offer_reminders(incident.reminders)
    context = {**_offered(form, components), "form": form, "incident": incident}
    if answers.PREVIEW in request.POST:
        return answers.previewed(
            request, _PAGE, context, form, lambda: notice.of_plan(form, incident, actor=request.user)
        )
    if form.is_bound and form.is_valid():
        try:
            done = answers.attempt(form, lambda: _moved(request, form, incident))
        except Changed:
            if _is_so_already(form, get_incident(request, public_id)):
                return HttpResponseRedirect(address(incident))
            context |= answers.overtaken(request, public_id, form, _as_it_is)
            return render(request, _PAGE, {**context, **_offered(form, components)}, status=409)
        if done is not None:
            messages.success(request, _("The plan is changed."))
            return HttpResponseRedirect(address(incident))
    return answers.page(request, _PAGE, context, form)


def _moved(request: PersonalRequest, form: RescheduleForm, incident: Incident) -> Incident:
    data = form.cleaned_data
    return maintenance.reschedule(
        by=By(request.user),
        public_id=incident.public_id,
        plan=form.exact(incident),
        body=data["body"],
        components=list(data["components"]),
        deliver=data["deliver"],
        version=data["version"],
    )


def _is_so_already(form: RescheduleForm, incident: Incident) -> bool:
    """Say whether a second tap, or a colleague, wanted what is so by now."""
    now = _as_it_is(incident)
    names = ("start", "end", "starts_by_itself", "ends_by_itself")
    same = all(form.cleaned_data[name] == now[name] for name in names)
    chosen = {str(pk) for pk in form.cleaned_data["components"]}
    return same and chosen == set(now["components"]) and set(form.cleaned_data["reminders"]) == set(now["reminders"])


@operators_only
@require_http_methods(["GET", "POST"])
def cancel(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Call a maintenance off before it begins."""
    incident = get_incident(request, public_id)
    if incident.status != Stage.SCHEDULED:
        refusal = _("Maintenance that has begun is completed, not cancelled.")
        return incident_page(request, public_id, refusal=refusal, status=409)
    form = CancelForm(request.POST if request.method == "POST" else None, initial=_cancelling(incident))
    context: dict[str, Any] = {"incident": incident, "form": form}
    if answers.PREVIEW in request.POST:

        def made() -> notice.Notice:
            data = form.cleaned_data
            return notice.of_cancelling(data["body"], incident, actor=request.user, is_told=data["deliver"])

        return answers.previewed(request, "status/console/cancel.html", context, form, made)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            done = answers.attempt(
                form,
                lambda: maintenance.cancel(
                    by=By(request.user),
                    public_id=public_id,
                    body=data["body"],
                    deliver=data["deliver"],
                    version=data["version"],
                ),
            )
        except Changed:
            context |= answers.overtaken(request, public_id, form, _cancelling)
            return render(request, "status/console/cancel.html", context, status=409)
        if done is not None:
            messages.success(request, _("The maintenance is cancelled."))
            return HttpResponseRedirect(address(incident))
    return answers.page(request, "status/console/cancel.html", context, form)


def _tomorrow() -> dict[str, Any]:
    """Return a plan to begin with: from this full hour tomorrow."""
    start = timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=1, hours=1)
    return {"start": start, "end": start + _USUAL_LENGTH}


def _offered(form: PlanForm, components: Sequence[Component]) -> dict[str, Any]:
    form.offer(component.pk for component in components)
    return {"picker": rows.picker(components, form["components"].value())}


def _as_it_is(incident: Incident) -> Mapping[str, Any]:
    return {
        "version": incident.version,
        "seen": rows.last_event(incident),
        "start": to_the_minute(incident.scheduled_for),
        "end": to_the_minute(incident.scheduled_until),
        "starts_by_itself": incident.starts_by_itself,
        "ends_by_itself": incident.ends_by_itself,
        "reminders": incident.reminders,
        "components": {str(pk): status for pk, status in rows.held_by(incident).items()},
        "body": "",
    }


def _cancelling(incident: Incident) -> Mapping[str, Any]:
    return {
        "version": incident.version,
        "seen": rows.last_event(incident),
        "body": prepared.text(Stage.CANCELLED),
    }
