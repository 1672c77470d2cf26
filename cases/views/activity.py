"""What a customer's account asks, and how soon it is answered."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import policies as accounts_policies
from accounts.constants import CaseVisibility
from accounts.http import PersonalRequest
from accounts.models import Account, User
from cases import activity_page, policies
from cases.views.listing import accounts_of


@login_required
@never_cache
@require_safe
def activity(request: PersonalRequest) -> HttpResponse:
    """Show the activity of one of the person's accounts: the one of the address, or the first."""
    if policies.work_desk(request.user):
        return redirect("desk:queue")
    accounts = accounts_of(request.user)
    if not accounts:
        return render(request, "cases/become_contact.html", {"here": "list"})
    account = _chosen(request.GET.get("account", ""), {str(account.pk): account for account in accounts})
    if account is None:
        raise Http404
    context = {
        **activity_page.context(account, user=request.user, query=request.GET),
        "account_options": [(str(one.pk), one.name) for one in accounts] if len(accounts) > 1 else [],
        "sees_own_only": not _sees_whole(request.user, account),
    }
    return render(request, "cases/activity.html", context)


def _sees_whole(user: User, account: Account) -> bool:
    contact = accounts_policies.contact_of(user, account)
    return contact is None or contact.is_account_admin or account.case_visibility == CaseVisibility.TEAM


def _chosen(asked: str, accounts: dict[str, Account]) -> Account | None:
    return accounts.get(asked) if asked else next(iter(accounts.values()))
