"""My Cases."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.constants import CaseVisibility
from accounts.http import PersonalRequest
from accounts.models import Account, User
from cases import policies
from cases.forms import CaseFilters
from cases.models import Case
from cases.querysets import CaseQuerySet
from lib import keyset

PAGE_SIZE = 25
LIST_ID = "case-list"
# Each matches an index of ``cases.models.case``.
ORDERS = {
    CaseFilters.UPDATED: ("-public_updated_at", "-id"),
    CaseFilters.PRIORITY: ("queue_rank", "opened_at", "id"),
}


@login_required
@never_cache
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def case_list(request: PersonalRequest) -> HttpResponse:
    """Show the person's cases and those of their team; the desk has a list of its own."""
    user = request.user
    if policies.work_desk(user):
        return redirect("desk:queue")
    accounts = accounts_of(user)
    if not accounts:
        return render(request, "cases/become_contact.html", {"here": "list"})
    form = CaseFilters(request.GET, accounts=accounts, default_whose=_default_whose(user))
    filters = form.values()
    page = keyset.paginate(_filtered(user, filters), order=ORDERS[filters["sort"]], query=request.GET, size=PAGE_SIZE)
    context = {
        "page": page,
        "form": form,
        "filters": filters,
        "accounts": accounts if len(accounts) > 1 else [],
        "sees_team": _sees_team(user) and bool(user.active_contacts),
        "may_file": bool(policies.may_file_for(user)),
        "state_options": form.fields["state"].choices,  # type: ignore[attr-defined]
        "whose_options": form.fields["whose"].choices,  # type: ignore[attr-defined]
        "list_id": LIST_ID,
    }
    return render(request, "cases/_list.html" if _asks_for_list(request) else "cases/list.html", context)


def accounts_of(user: User) -> Sequence[Account]:
    """Return the accounts whose cases ``user`` may meet in My Cases: their own, and those they look after."""
    if user.has_perm("accounts.manage_contacts"):
        return list(Account.objects.visible_to(user).order_by("name"))
    return sorted((contact.account for contact in user.active_contacts), key=lambda account: account.name)


def _asks_for_list(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == LIST_ID


def _default_whose(user: User) -> str:
    # Somebody who looks after accounts without belonging to any has no case of their own.
    return CaseFilters.MINE if user.active_contacts else CaseFilters.TEAM


def _sees_team(user: User) -> bool:
    return user.has_perm("accounts.manage_contacts") or any(
        contact.is_account_admin or contact.account.case_visibility == CaseVisibility.TEAM
        for contact in user.active_contacts
    )


def _filtered(user: User, filters: dict[str, Any]) -> CaseQuerySet:
    cases = Case.objects.visible_to(user).for_list()
    if filters["whose"] == CaseFilters.MINE:
        cases = cases.filed_by(user)
    if filters["state"] == CaseFilters.OPEN:
        cases = cases.not_closed()
    elif filters["state"] == CaseFilters.CLOSED:
        cases = cases.closed()
    if filters["account"] is not None:
        cases = cases.filter(account_id=filters["account"])
    if filters["q"]:
        cases = cases.matching(filters["q"], internal=False)
    return cases
