"""Entering an incident that is over and was never told."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from status import incidents
from status.changes import By, Said
from status.console import rows
from status.console.access import operators_only
from status.console.forms import PastForm, PastUpdateForm
from status.console.views import answers
from status.console.views.opening import address, sent_before
from status.constants import Stage
from status.models import Incident

# Enough for any incident that nobody wrote about while it lasted.
UPDATES = 8
_SHOWN = 3
_FIRST_STATUSES = (Stage.INVESTIGATING, Stage.RESOLVED)


@operators_only
@require_http_methods(["GET", "POST"])
def enter_past(request: PersonalRequest) -> HttpResponse:
    """Enter it with its updates; nobody is mailed."""
    data = request.POST if request.method == "POST" else None
    form = PastForm(data)
    components = rows.present_components()
    form.offer(component.pk for component in components)
    updates = [
        PastUpdateForm(data, prefix=f"u{number}", initial={"status": _FIRST_STATUSES[min(number, 1)]})
        for number in range(UPDATES)
    ]
    written = [one for one in updates if not one.is_blank] if form.is_bound else []
    if form.is_bound:
        incident = sent_before(request, form.sent_before()) or _entered(request, form, written)
        if incident is not None:
            return HttpResponseRedirect(address(incident))
        for one in updates:
            # An empty one is no mistake.
            if one not in written:
                one.data = {}
                one.is_bound = False
    context = {
        "form": form,
        "updates": updates[:_SHOWN],
        "more_updates": updates[_SHOWN:],
        "is_long": any(one in written for one in updates[_SHOWN:]),
        "picker": rows.picker(components, form["components"].value()),
    }
    return answers.page(request, "status/console/past.html", context, form)


def _entered(request: PersonalRequest, form: PastForm, written: Sequence[PastUpdateForm]) -> Incident | None:
    # Each is asked, so that all mistakes are shown at once.
    if not all([form.is_valid(), *(one.is_valid() for one in written)]):
        form.add_error(None, _("Please look at the marked fields. Everything you wrote is still here."))
        return None
    if not written:
        form.add_error(None, _("Write at least one update: how it ended."))
        return None
    data = form.cleaned_data
    incident: Incident | None = answers.attempt(
        form,
        lambda: incidents.backfill(
            by=By(request.user),
            name=data["name"],
            impact=data["impact"],
            updates=[_said(form, one, is_first=number == 0) for number, one in enumerate(written)],
            origin_key=form.origin_key,
        ),
    )
    if incident is not None:
        messages.success(request, _("The incident is entered. Nobody was mailed about it."))
    return incident


def _said(form: PastForm, update: PastUpdateForm, *, is_first: bool) -> Said:
    data, statuses = update.cleaned_data, form.statuses
    if not is_first:
        status = data["component_status"]
        statuses = dict.fromkeys(statuses, status) if status else {}
    return Said(data["status"], data["body"], statuses, deliver=False, at=data["at"])
