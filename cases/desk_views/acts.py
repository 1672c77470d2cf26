"""What an engineer does to one case: one small form and one verb each."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonalRequest
from cases import changes, desk, desk_forms, policies, timeline, verification, workflow
from cases.desk_views.access import at_desk
from cases.desk_views.cases import get_case, perform
from cases.models import Case


@at_desk
@require_POST
def status(request: PersonalRequest, pk: int) -> HttpResponse:
    """Move the case to another status."""
    form = desk_forms.StatusForm(request.POST, name="status")

    def act(data: Mapping[str, Any]) -> None:
        workflow.change_status(case_id=pk, to=data["to"], actor=request.user, version=data["version"])

    return perform(request, pk, form, act, done=_("The status is changed."))


@at_desk
@require_POST
def owner(request: PersonalRequest, pk: int) -> HttpResponse:
    """Give the case to a colleague, to oneself, or back to the queue."""
    form = desk_forms.OwnerForm(request.POST, name="owner")

    def act(data: Mapping[str, Any]) -> None:
        desk.assign(case_id=pk, owner=data["owner"], actor=request.user, version=data["version"])

    return perform(request, pk, form, act, done=_("The owner is changed."))


@at_desk
@require_POST
def priority(request: PersonalRequest, pk: int) -> HttpResponse:
    """Set the place in the queue, with a reason."""
    form = desk_forms.PriorityForm(request.POST, name="priority")
    return _set_priority(request, pk, form, done=_("The priority is changed."))


@at_desk
@require_POST
def lower(request: PersonalRequest, pk: int) -> HttpResponse:
    """Lower a Production Down, with a reason."""
    form = desk_forms.LowerForm(request.POST, name="lower")
    return _set_priority(request, pk, form, done=_("This is no longer a Production Down."))


@at_desk
@require_POST
def severity(request: PersonalRequest, pk: int) -> HttpResponse:
    """Set the impact as agreed with the customer, with a reason."""
    form = desk_forms.SeverityForm(request.POST, name="severity")

    def act(data: Mapping[str, Any]) -> None:
        desk.set_severity(
            case_id=pk,
            severity=data["severity"],
            reason=data["reason"],
            actor=request.user,
            version=data["version"],
        )

    return perform(request, pk, form, act, done=_("The severity is changed."))


@at_desk
@require_POST
def escalation(request: PersonalRequest, pk: int) -> HttpResponse:
    """Set or clear the escalation flag."""
    form = desk_forms.EscalationForm(request.POST, name="escalation")

    def act(data: Mapping[str, Any]) -> None:
        desk.set_escalated(
            case_id=pk,
            escalated=data["escalated"] == desk_forms.EscalationForm.YES,
            actor=request.user,
            version=data["version"],
        )

    return perform(request, pk, form, act, done=_("The escalation is changed."))


@at_desk
@require_POST
def verify(request: PersonalRequest, pk: int) -> HttpResponse:
    """Confirm or refuse the case of a contact who is not authorized."""
    form = desk_forms.VerificationForm(request.POST, name="verification")

    def act(data: Mapping[str, Any]) -> None:
        decide = verification.confirm if data["decision"] == form.CONFIRM else verification.refuse
        decide(case_id=pk, actor=request.user, version=data["version"])

    return perform(request, pk, form, act, done=_("The verification is settled."))


@at_desk
@require_POST
def follower(request: PersonalRequest, pk: int) -> HttpResponse:
    """Add or remove a follower. Followers come and go without a colleague's change being in the way."""
    form = desk_forms.FollowerForm(request.POST, name="follower", case=get_case(request, pk))

    def act(data: Mapping[str, Any]) -> None:
        change = workflow.follow if data["act"] == form.ADD else workflow.unfollow
        change(case_id=pk, actor=request.user, user=data["user"])

    return perform(request, pk, form, act, done=_("The followers are changed."))


@at_desk
@require_http_methods(["GET", "POST"])
def edit(request: PersonalRequest, pk: int) -> HttpResponse:
    """Correct what the case says."""
    case = get_case(request, pk)
    policies.edit(request.user, case).require()
    form = desk_forms.DeskEditForm(request.POST or None, case=case, seen=_last_event(case))
    if request.method != "POST" or not form.is_valid():
        context = {"case": case, "form": form}
        return render(request, "cases/desk/edit.html", context, status=422 if form.errors else 200)
    data = dict(form.cleaned_data)
    seen = data.pop("seen")
    try:
        desk.edit(case_id=pk, actor=request.user, **data)
    except changes.StaleCaseError as error:
        return _edit_again(request, form, error, seen=seen)
    messages.success(request, _("Your changes are saved."))
    return HttpResponseRedirect(case.get_desk_url())


def _edit_again(
    request: PersonalRequest, form: desk_forms.DeskEditForm, error: changes.StaleCaseError, *, seen: int
) -> HttpResponse:
    """Show the form with what was typed, merged with what a colleague changed meanwhile."""
    case = get_case(request, error.case.pk)
    both = form.read_again(case, seen=_last_event(case))
    context = {
        "case": case,
        "form": form,
        "stale": str(error),
        "missed": timeline.entries(case.events.filter(pk__gt=seen).timeline()),
        "theirs": [(field.label, _shown(case, field.name)) for field in both],
    }
    return render(request, "cases/desk/edit.html", context, status=409)


def _shown(case: Case, name: str) -> str:
    return case.get_environment_display() if name == "environment" else str(getattr(case, name))


def _last_event(case: Case) -> int:
    return case.events.order_by("-id").values_list("pk", flat=True).first() or 0


def _set_priority(
    request: PersonalRequest, pk: int, form: desk_forms.PriorityForm | desk_forms.LowerForm, *, done: str
) -> HttpResponse:
    def act(data: Mapping[str, Any]) -> None:
        desk.set_priority(
            case_id=pk,
            priority=data["priority"],
            reason=data["reason"],
            actor=request.user,
            version=data["version"],
        )

    return perform(request, pk, form, act, done=done)
