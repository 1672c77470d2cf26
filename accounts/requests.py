"""A person without an account asks to become a contact; the CSMs decide."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import membership, policies
from accounts.constants import Role
from accounts.membership import ContactError
from accounts.models import Account, AuditEvent, ContactRequest, User
from accounts.outbox import Letter, post

ASKS_PER_DAY = 5


@transaction.atomic
def ask(*, user: User, company: str, message: str = "") -> ContactRequest:
    """Write the request and tell the CSMs; asking again while one waits changes nothing and returns it.

    Raises ``ContactError`` after too many requests in a day.
    """
    waiting = user.contact_requests.pending().first()
    if waiting is not None:
        return waiting
    if user.contact_requests.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= ASKS_PER_DAY:
        raise ContactError(_("You have asked several times today. Please try again tomorrow."), code="many")
    try:
        with transaction.atomic():
            request = ContactRequest.objects.create(user=user, company=company.strip(), message=message.strip())
    except IntegrityError:
        # The same form, sent twice at once.
        return user.contact_requests.pending().get()
    for csm in deciders(request):
        post(
            Letter(
                kind="accounts.request_received",
                event=f"contact-request:{request.pk}:received",
                context={"request": request.pk},
                user=csm,
                actor=user,
            )
        )
    return request


def deciders(request: ContactRequest) -> Sequence[User]:
    """Return who is told: those who look after the account of that name; else every CSM; else the administrators."""
    people = User.objects.filter(is_active=True)
    account = matching_account(request)
    if account is not None:
        theirs = people.filter(pk__in=[pk for pk in (account.csm_id, account.sales_representative_id) if pk])
        if theirs:
            return list(theirs)
    return list(people.filter(groups__name=Role.CSM)) or list(people.filter(is_superuser=True))


def matching_account(request: ContactRequest) -> Account | None:
    """Return the account whose name is what the person wrote, in any capitals."""
    return Account.objects.filter(name__iexact=" ".join(request.company.split())).first()


@transaction.atomic
def grant(*, request: ContactRequest, account: Account, actor: User) -> ContactRequest:
    """Make the person a contact of ``account`` and tell them. Authorizing is an act of its own.

    Raises ``ContactError`` when another has decided already; ``PermissionDenied``.
    """
    account = membership.locked(account)
    policies.manage_contacts(actor, account).require()
    request = _undecided(request)
    membership.link(account, request.user, actor=actor)
    return _decide(request, ContactRequest.State.GRANTED, actor, account)


@transaction.atomic
def refuse(*, request: ContactRequest, actor: User) -> ContactRequest:
    """Turn the request down and tell the person kindly. Raises as ``grant`` does."""
    policies.decide_contact_request(actor).require()
    return _decide(_undecided(request), ContactRequest.State.REFUSED, actor, None)


def _undecided(request: ContactRequest) -> ContactRequest:
    rows = ContactRequest.objects.select_for_update(of=("self",)).select_related("user")
    request = rows.get(pk=request.pk)
    if request.state != ContactRequest.State.PENDING:
        raise ContactError(_("This request has been decided already."), code="decided")
    return request


def _decide(request: ContactRequest, state: str, actor: User, account: Account | None) -> ContactRequest:
    request.state = state
    request.account = account
    request.decided_by = actor
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "account", "decided_by", "decided_at"])
    granted = state == ContactRequest.State.GRANTED
    membership.record(
        AuditEvent.Act.REQUEST_GRANTED if granted else AuditEvent.Act.REQUEST_REFUSED,
        actor=actor,
        account=account,
        subject=request.user,
        request=request.pk,
    )
    post(
        Letter(
            kind="accounts.request_granted" if granted else "accounts.request_refused",
            event=f"contact-request:{request.pk}:decided",
            context={"request": request.pk},
            user=request.user,
            actor=actor,
        )
    )
    return request
