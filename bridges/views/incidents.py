"""Linking a case to an incident, and the cases of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case as FirstOf
from django.db.models import Exists, F, OuterRef, When
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonalRequest
from bridges import linking, policies
from bridges.errors import BridgeError
from bridges.models import CaseIncident
from bridges.querysets import linkable
from cases import policies as cases_policies
from cases.desk_views.access import at_desk
from cases.desk_views.cases import get_case
from cases.models import Case
from lib import keyset
from status.constants import Stage
from status.identifiers import is_public_id
from status.models import Incident

OFFERED = 50
PAGE_SIZE = 25


@at_desk
@require_http_methods(["GET", "POST"])
def link(request: PersonalRequest, pk: int) -> HttpResponse:
    """Offer what the case may be linked to, first what concerns its product, and link it."""
    case = get_case(request, pk)
    policies.link_incident(request.user).require()
    error = ""
    if request.method == "POST":
        try:
            changed = linking.link(case_id=pk, public_id=_public_id(request), actor=request.user)
        except BridgeError as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("The incident is linked.") if changed else _("It was linked already."))
            return HttpResponseRedirect(case.get_desk_url())
    context = {"case": case, "incidents": _offered(case), "error": error}
    return render(request, "bridges/link_incident.html", context, status=422 if error else 200)


@at_desk
@require_POST
def unlink(request: PersonalRequest, pk: int) -> HttpResponse:
    """End the link to an incident; one that is not there any more is ended already."""
    case = get_case(request, pk)
    linking.unlink(case_id=pk, public_id=_public_id(request), actor=request.user)
    messages.success(request, _("The incident is no longer linked."))
    return HttpResponseRedirect(case.get_desk_url())


@login_required
@never_cache
@require_safe
def cases(request: PersonalRequest, public_id: str) -> HttpResponse:
    """Lead to the case of an incident that the person may see, or list them where there are several."""
    incident = get_object_or_404(Incident.objects.published(), public_id=public_id)
    found = Case.objects.visible_to(request.user).filter(incident_links__incident=incident).for_list()
    page = keyset.paginate(found, order=("-id",), query=request.GET, size=PAGE_SIZE)
    if not page.rows:
        raise Http404
    at_desk = bool(cases_policies.work_desk(request.user))
    if len(page.rows) == 1 and not (page.previous_url or page.next_url):
        return redirect(_url(page.rows[0], at_desk=at_desk))
    rows = [(case, _url(case, at_desk=at_desk)) for case in page.rows]
    context = {"incident": incident, "page": page, "rows": rows, "at_desk": at_desk}
    return render(request, "bridges/cases_of_incident.html", context)


def _offered(case: Case) -> list[Incident]:
    links = CaseIncident.objects.filter(case=case)
    concerning = Incident.objects.concerning(case.product).filter(pk=OuterRef("pk"))
    offered = linkable().exclude(pk__in=links.values("incident")).annotate(concerns=Exists(concerning))
    # What goes on, then what comes, the next first, then what has ended.
    planned_for = FirstOf(When(status=Stage.SCHEDULED, then="scheduled_for"))
    order = (F("resolved_at").desc(nulls_first=True), planned_for.asc(nulls_first=True), "-started_at", "-id")
    return list(offered.order_by("-concerns", *order)[:OFFERED])


def _public_id(request: PersonalRequest) -> str:
    given = request.POST.get("incident", "")
    return given if is_public_id(given) else ""


def _url(case: Case, *, at_desk: bool) -> str:
    return case.get_desk_url() if at_desk else case.get_absolute_url()
