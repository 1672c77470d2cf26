"""Components with their own status, apart from any incident."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PersonalRequest
from status import components
from status.changes import By
from status.console import rows
from status.console.access import operators_only
from status.console.forms import SetStatusForm
from status.constants import ComponentStatus
from status.errors import StatusError
from status.identifiers import is_public_id
from status.models import Component, ComponentMark


@operators_only
@require_GET
def component_list(request: PersonalRequest) -> HttpResponse:
    """List the components in service with what each is, and what somebody set it to."""
    return _page(request)


@operators_only
@require_POST
def set_status(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Set a component's own status."""
    component = Component.objects.present().filter(public_id=public_id).first() if is_public_id(public_id) else None
    if component is None:
        raise Http404
    form = SetStatusForm(request.POST)
    if not form.is_valid():
        return _page(request, refusal=_("Choose a status from the list."), status=422)
    data = form.cleaned_data
    try:
        after = components.set_status(
            by=By(request.user), public_id=public_id, status=data["status"], deliver=data["deliver"]
        )
    except Component.DoesNotExist:
        raise Http404 from None
    except StatusError as error:
        return _page(request, refusal=str(error), status=422)
    if after.status == data["status"]:
        done = _("%(name)s: %(status)s.")
    else:
        done = _("%(name)s is set. An open incident still makes it worse: %(status)s.")
    messages.success(request, done % {"name": after.name, "status": ComponentStatus(after.status).label})
    return HttpResponseRedirect(f"{reverse('status_console:components')}#c-{public_id}")


def _page(request: PersonalRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    present = rows.present_components()
    marks = ComponentMark.objects.filter(component__in=present).order_by("component_id", "-id").distinct("component_id")
    own = dict(marks.values_list("component", "status"))
    context = {
        "choices": ComponentStatus.choices,
        "groups": [
            (group.name, [(pick.component, own.get(pick.component.pk, "operational")) for pick in group.picks])
            for group in rows.picker(present, None).groups
        ],
        "refusal": refusal,
    }
    return render(request, "status/console/components.html", context, status=status)
