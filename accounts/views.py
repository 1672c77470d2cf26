"""A person's own pages: profile, becoming a contact, answering an invitation."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import invitations, requests
from accounts.forms import JoinForm, ProfileForm
from accounts.http import PersonalRequest
from accounts.invitations import InvitationProblem
from accounts.models import ContactRequest, Invitation, User

_PROBLEM_STATUS = {
    "expired": HTTPStatus.GONE,
    "used": HTTPStatus.GONE,
    "withdrawn": HTTPStatus.GONE,
    "foreign": HTTPStatus.FORBIDDEN,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonalRequest) -> HttpResponse:
    """Show and change what a person says about themselves."""
    # A row of its own: the page's header shows the saved name, not the one that was refused.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                form.instance.save(update_fields=form.Meta.fields)
        except IntegrityError:
            # Somebody took the handle between the form's look and our save.
            form.add_error("handle", _("Somebody has this handle already. Choose another."))
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("accounts:profile")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    waiting = [(offer, invitations.path(offer)) for offer in invitations.waiting_for(request.user)]
    return render(request, "accounts/profile.html", {"form": form, "waiting": waiting}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: PersonalRequest) -> HttpResponse:
    """Show how to become a contact, and take the request for it."""
    latest = ContactRequest.objects.filter(user=request.user).select_related("account").first()
    pending = latest if latest and latest.state == ContactRequest.State.PENDING else None
    form = JoinForm(request.POST or None)
    if request.method == "POST" and pending is None and form.is_valid():
        try:
            requests.ask(user=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. We have your request and will mail you our answer."))
            return redirect("accounts:join")
    elif request.method == "POST" and pending is not None:
        messages.info(request, _("Your request is waiting for an answer already."))
        return redirect("accounts:join")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    waiting = [(offer, invitations.path(offer)) for offer in invitations.waiting_for(request.user)]
    context = {"form": form, "latest": latest, "pending": pending, "waiting": waiting}
    return render(request, "accounts/join.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, signed: str) -> HttpResponse:
    """Show an invitation; a POST accepts it. GET changes nothing, whoever's mail scanner follows the link."""
    offer = invitations.find(signed)
    if offer is None:
        raise Http404
    user = request.user
    try:
        if not isinstance(user, User):
            invitations.require_open(offer)
            return render(request, "accounts/invitation_signed_out.html", _ways_in(offer, request.path))
        if request.method == "POST":
            contact = invitations.accept(invitation=offer, user=user)
            messages.success(request, _("Welcome! You are now a contact of %(name)s.") % {"name": contact.account.name})
            return redirect("support")
        invitations.require_acceptable(offer, user)
    except InvitationProblem as problem:
        return _problem(request, problem)
    return render(request, "accounts/invitation.html", {"invitation": offer})


def _ways_in(offer: Invitation, path: str) -> dict[str, object]:
    return {
        "invitation": offer,
        "sign_up_url": f"{reverse('account_signup')}?{urlencode({'email': offer.email, 'next': path})}",
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': path})}",
    }


def _problem(request: HttpRequest, problem: InvitationProblem) -> HttpResponse:
    offer = problem.invitation
    context = {
        "code": problem.code,
        "masked": invitations.masked(offer.email),
        "account": offer.account,
        "is_own": request.user.is_authenticated and offer.accepted_by_id == request.user.pk,
    }
    return render(request, "accounts/invitation_problem.html", context, status=_PROBLEM_STATUS[problem.code])
