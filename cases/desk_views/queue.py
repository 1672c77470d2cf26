"""The queue: what waits for whom, in the order in which it is to be answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PersonalRequest
from accounts.models import Account, User
from cases import changes, desk, oncall, policies
from cases.constants import Status
from cases.desk_forms import QueueFilters
from cases.desk_views.access import at_desk
from cases.desk_views.cases import get_case
from cases.models import Case
from cases.querysets import CaseQuerySet
from lib.addresses import is_of_this_site
from lib.keyset import Page, paginate
from lib.widgets import plain_options

PAGE_SIZE = 20
COUNT_LIMIT = 100  # beyond it a tab says "99+": counting on would cost more than it tells
ACCOUNTS_OFFERED = 200
ACCOUNTS_SUGGESTED = 50  # while the filter is typed

QUEUE_ORDER = ("queue_rank", "opened_at", "id")


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the queue. Each reads one index of ``Case``, which names it."""

    label: str | Promise
    icon: str
    cases: Callable[[User], CaseQuerySet]
    empty: str | Promise
    order: Sequence[str] = QUEUE_ORDER
    is_counted: bool = True


TABS: Mapping[str, Tab] = {
    "mine": Tab(
        _l("Mine"),
        "user",
        lambda user: Case.objects.active().owned_by(user),
        empty=_l("You own no open case. Take one from Unassigned."),
    ),
    "unassigned": Tab(
        _l("Unassigned"),
        "inbox",
        lambda _user: Case.objects.active().unassigned(),
        empty=_l("Every open case has an owner. Well done."),
    ),
    "waiting": Tab(
        _l("Waiting"),
        "status-waiting",
        lambda _user: Case.objects.filter(status=Status.WAITING),
        empty=_l("No case waits for its customer."),
    ),
    "all": Tab(
        _l("All open"), "cases", lambda _user: Case.objects.active(), empty=_l("No open case. The queue is clear.")
    ),
    "solved": Tab(
        _l("Solved"),
        "status-solved",
        lambda _user: Case.objects.filter(status=Status.SOLVED),
        is_counted=False,
        empty=_l("No solution waits for the customer's word."),
    ),
    "closed": Tab(
        _l("Closed"),
        "status-closed",
        lambda _user: Case.objects.closed(),
        order=("-closed_at", "-id"),
        is_counted=False,
        empty=_l("No case is closed yet."),
    ),
}
DEFAULT_TAB = "all"


@at_desk
@require_GET
def queue(request: PersonalRequest) -> HttpResponse:
    """Show one tab of the queue; to htmx only its list, for the page's own refresh."""
    name = request.GET.get("tab", DEFAULT_TAB)
    if name not in TABS:
        raise BadRequest(_("There is no such view of the queue. Start again from the whole queue."))
    filters = QueueFilters(request.GET)
    page = _page(request, TABS[name], filters) if filters.is_valid() else Page(rows=[], next_url="", previous_url="")
    context = {
        "tab": TABS[name],
        "tab_name": name,
        "page": page,
        "filters": filters,
        "is_filtered": any(request.GET.get(field) for field in filters.fields),
        "alerts": oncall.open_alerts(),
        "is_on_call_empty": oncall.seems_list_empty(),
        "may_manage": policies.manage_desk(request.user),
    }
    status = 200 if filters.is_valid() else 400
    if request.htmx:
        return render(request, "cases/desk/_queue.html", context, status=status)
    context["tabs"] = _tabs(request.user, name)
    names = Account.objects.visible_to(request.user).values_list("name", flat=True)[:ACCOUNTS_SUGGESTED]
    context["account_options"] = plain_options(names)
    return render(request, "cases/desk/queue.html", context, status=status)


@at_desk
@require_POST
def take(request: PersonalRequest, pk: int) -> HttpResponse:
    """Take a case from the queue, if no colleague was quicker."""
    case = get_case(request, pk)
    try:
        desk.take(case_id=pk, actor=request.user)
    except changes.StaleCaseError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("%(number)s is yours.") % {"number": case.number})
    if request.htmx:
        row = Case.objects.visible_to(request.user).for_queue().get(pk=pk)
        return render(request, "cases/desk/_row_taken.html", {"cases": [row]})
    return HttpResponseRedirect(_back(request))


def _page(request: PersonalRequest, tab: Tab, filters: QueueFilters) -> Page[Case]:
    cases = tab.cases(request.user).visible_to(request.user).for_queue()
    return paginate(
        _filtered(cases, filters.cleaned_data, request.user), order=tab.order, query=request.GET, size=PAGE_SIZE
    )


def _filtered(cases: CaseQuerySet, given: Mapping[str, Any], user: User) -> CaseQuerySet:
    if given["account"]:
        found = Account.objects.visible_to(user).filter(name__icontains=given["account"])
        cases = cases.filter(account__in=list(found.values_list("pk", flat=True)[:ACCOUNTS_OFFERED]))
    if given["product"]:
        cases = cases.filter(product=given["product"])
    if given["severity"]:
        cases = cases.filter(severity=given["severity"])
    if given["q"]:
        cases = cases.matching(given["q"], internal=True)
    return cases


def _tabs(user: User, current: str) -> list[dict[str, Any]]:
    counts = _counts(user)
    address = reverse("desk:queue")
    return [
        {
            "url": f"{address}?tab={name}",
            "label": tab.label,
            "icon": tab.icon,
            "active": name == current,
            "count": _spelt(counts[name]) if tab.is_counted else None,
        }
        for name, tab in TABS.items()
    ]


def _counts(user: User) -> Mapping[str, int]:
    """Count the tabs that are counted, each up to the limit, in one query that answers one row."""
    names = [name for name, tab in TABS.items() if tab.is_counted]
    parts = [TABS[name].cases(user).order_by().values("pk")[:COUNT_LIMIT].query.sql_with_params() for name in names]
    # Each part is Django's own statement, with its parameters beside it.
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS tab)" for sql, _params in parts)  # noqa: S608 - see above
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [param for _sql, params in parts for param in params])
        return dict(zip(names, cursor.fetchone() or (), strict=True))


def _spelt(count: int) -> str:
    return f"{COUNT_LIMIT - 1}+" if count >= COUNT_LIMIT else str(count)


def _back(request: PersonalRequest) -> str:
    back = request.POST.get("next", "")
    return back if is_of_this_site(back) else reverse("desk:queue")
