"""The same for whoever looks after an account: the desk every account, CSMs theirs."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import PersonalRequest
from accounts.models import Account
from cases import activity_page, policies


@login_required
@never_cache
@require_safe
def activity(request: PersonalRequest, account_id: int) -> HttpResponse:
    """Show an account's activity."""
    policies.see_activity(request.user).require()
    accounts = Account.objects.visible_to(request.user).select_related("plan")
    account = get_object_or_404(accounts, pk=account_id)
    context = activity_page.context(account, user=request.user, query=request.GET)
    return render(request, "cases/desk/activity.html", {**context, "lead": account.plan.name})
