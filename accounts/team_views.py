"""The customer's side of contacts: an account admin invites colleagues and ends their access."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import contacts, invitations, policies
from accounts.forms import InviteForm
from accounts.http import PersonalRequest
from accounts.models import Account
from lib import undoing


@login_required
@require_safe
def team(request: PersonalRequest) -> HttpResponse:
    """Lead to the person's one team, or let them choose."""
    memberships = request.user.active_contacts
    if not memberships:
        raise Http404
    managed = [contact for contact in memberships if contact.is_account_admin]
    if len(managed) == 1 or len(memberships) == 1:
        return redirect("accounts:account_team", pk=(managed or memberships)[0].account_id)
    return render(request, "accounts/team_choice.html", {"memberships": memberships})


@login_required
@require_safe
def account_team(request: PersonalRequest, pk: int) -> HttpResponse:
    """Show who is on the team, who is invited, and who authorizes."""
    return _page(request, _managed(request, pk), InviteForm())


@login_required
@require_POST
def invite(request: PersonalRequest, pk: int) -> HttpResponse:
    """Invite a colleague by e-mail; a refused address stays in the field."""
    account = _managed(request, pk)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, account, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        address = invitations.invite(account=account, actor=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("email", error)
        return _page(request, account, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("%(address)s is invited.") % {"address": address})
    return redirect("accounts:account_team", pk=account.pk)


@login_required
@require_POST
def end_access(request: PersonalRequest, pk: int, contact_pk: int) -> HttpResponse:
    """End a colleague's access."""
    account = _managed(request, pk)
    contact = get_object_or_404(account.contacts.select_related("user", "account"), pk=contact_pk)
    return _settle(
        request,
        account,
        lambda: contacts.end_access(contact=contact, actor=request.user),
        done=_("The access of %(name)s has ended.") % {"name": contact.user.display_name},
        undo_url=reverse("accounts:team_undo_end", args=[account.pk, contact.pk]),
    )


@login_required
@require_POST
def undo_end_access(request: PersonalRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Take the end of a colleague's access back."""
    account = _managed(request, pk)
    contact = get_object_or_404(account.contacts.select_related("user", "account"), pk=contact_pk)
    return _settle(
        request,
        account,
        lambda: contacts.undo_end_access(contact=contact, actor=request.user),
        done=_("%(name)s has access again, as before.") % {"name": contact.user.display_name},
    )


@login_required
@require_POST
def resend(request: PersonalRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """Send an invitation again."""
    account = _managed(request, pk)
    invitation = get_object_or_404(account.invitations, pk=invitation_pk)
    return _settle(
        request,
        account,
        lambda: invitations.resend(invitation=invitation, actor=request.user),
        done=_("The invitation of %(name)s was sent again.") % {"name": invitation.email},
    )


@login_required
@require_POST
def withdraw(request: PersonalRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    account = _managed(request, pk)
    invitation = get_object_or_404(account.invitations, pk=invitation_pk)
    return _settle(
        request,
        account,
        lambda: invitations.revoke(invitation=invitation, actor=request.user),
        done=_("The invitation of %(name)s was withdrawn.") % {"name": invitation.email},
        undo_url=reverse("accounts:team_undo_withdraw", args=[account.pk, invitation.pk]),
    )


@login_required
@require_POST
def undo_withdraw(request: PersonalRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """Take the withdrawal of an invitation back."""
    account = _managed(request, pk)
    invitation = get_object_or_404(account.invitations, pk=invitation_pk)
    return _settle(
        request,
        account,
        lambda: invitations.undo_revoke(invitation=invitation, actor=request.user),
        done=_("The invitation of %(name)s is back, as before.") % {"name": invitation.email},
    )


def _settle(
    request: PersonalRequest, account: Account, act: Callable[[], object], *, done: str, undo_url: str = ""
) -> HttpResponse:
    """Do one act and go back to the team, which is told what came of it: ``done``, or why the rules refuse it."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if undo_url:
            undoing.offer(request, done, undo_url=undo_url)
        else:
            messages.success(request, done)
    return redirect("accounts:account_team", pk=account.pk)


def _managed(request: PersonalRequest, pk: int) -> Account:
    """Return the team that the person manages: 404 to who is no contact of it, 403 to who is no admin."""
    contact = next((contact for contact in request.user.active_contacts if contact.account_id == pk), None)
    if contact is None:
        raise Http404
    policies.manage_team(request.user, contact.account).require()
    return contact.account


def _page(
    request: PersonalRequest, account: Account, form: InviteForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    members = account.contacts.select_related("user", "account").order_by(F("ended_at").asc(nulls_first=True), "id")
    context = {
        "account": account,
        "form": form,
        "members": [member for member in members if member.is_current],
        "former": [member for member in members if not member.is_current and member.user.erased_at is None],
        "waiting": account.invitations.unanswered().select_related("invited_by"),
        "has_other_teams": len(request.user.active_contacts) > 1,
    }
    return render(request, "accounts/team.html", context, status=status)
