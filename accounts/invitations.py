"""Offers to join an account: made, sent again, withdrawn, accepted.

The link is signed and bound to the invited address; it works once, until it expires, for the person who has proved
that the address is theirs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import membership, policies
from accounts.constants import ERASED_DOMAIN
from accounts.membership import ContactError
from accounts.models import Account, AuditEvent, Contact, Invitation, User
from accounts.outbox import Letter, post
from lib.addresses import normalise_email

_SALT = "accounts.invitation"
SIGNED_MAX_LENGTH = 100
RESEND_AFTER = timedelta(minutes=5)
# More at once is a mistake or a nuisance to strangers; a CSM's import is not bound by it.
OPEN_PER_TEAM = 100
# New invitations of one account to one address in a day, from the customer's side.
ASKS_PER_ADDRESS = 3


class InvitationProblem(Exception):  # noqa: N818 - a page shows it; it is no error of the program
    """Why an invitation cannot be accepted: ``expired``, ``used``, ``withdrawn`` or ``foreign``."""

    def __init__(self, code: str, invitation: Invitation) -> None:
        super().__init__(code)
        self.code = code
        self.invitation = invitation


def signed_token(invitation: Invitation) -> str:
    """Return what the link holds: the invitation's token, and a signature over token and address.

    The address itself is not in it: a link that is passed on does not tell whose it was.
    """
    return f"{invitation.token}:{_signature(invitation)}"


def _signature(invitation: Invitation) -> str:
    return signing.Signer(salt=_SALT).signature(f"{invitation.token}:{normalise_email(invitation.email)}")


def link(invitation: Invitation) -> str:
    """Return the absolute address that the invitation's mail leads to."""
    return settings.PORTAL_URL + path(invitation)


def path(invitation: Invitation) -> str:
    """Return the same without scheme and host."""
    return reverse("accounts:invitation", args=[signed_token(invitation)])


def find(signed: str) -> Invitation | None:
    """Return the invitation of a link, in whatever state; ``None`` when the link was not made here."""
    token, _colon, signature = signed.partition(":")
    if len(signed) > SIGNED_MAX_LENGTH or "\x00" in signed:
        return None
    invitation = Invitation.objects.select_related("account", "invited_by").filter(token=token).first()
    if invitation is None or not constant_time_compare(signature, _signature(invitation)):
        return None
    return invitation


def masked(address: str) -> str:
    """Return enough of an address for its owner to know it: ``a•••@acme.example``."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}"


def waiting_for(user: User) -> Sequence[Invitation]:
    """Return the open invitations of the person's verified addresses, newest first."""
    theirs = membership.verified_addresses(user)
    return list(Invitation.objects.open().filter(email__in=theirs).select_related("account"))


@transaction.atomic
def invite(*, account: Account, email: str, actor: User) -> str:
    """Invite a colleague from the customer's side, as a contact with no powers; return the normalised address.

    Always an invitation, whoever has a sign-in: a customer does not learn who does, and nobody is made a member of a
    stranger's team unasked. Nothing is sent to a present contact, nor twice.
    Raises ``ContactError`` on a bad address and when too many invitations are open; ``PermissionDenied``.
    """
    address = membership.clean_email(email)
    account = membership.locked(account)
    policies.manage_team(actor, account).require()
    user = membership.owner_of_verified(address)
    if user is not None and account.contacts.current().filter(user=user).exists():
        return address
    if account.invitations.open().count() >= OPEN_PER_TEAM:
        raise ContactError(_("Too many invitations are open. Withdraw some, or ask your CSM."), code="many")
    lately = account.invitations.filter(email__iexact=address, created_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= ASKS_PER_ADDRESS:
        # Inviting and withdrawing in turn would fill a stranger's mailbox.
        raise ContactError(_("This address was invited several times today. Please try again tomorrow."), code="many")
    issue(account, address, actor=actor)
    return address


def issue(
    account: Account, address: str, *, actor: User, as_authorized: bool = False, as_account_admin: bool = False
) -> tuple[Invitation, bool]:
    """Make or renew the address's one open invitation; return it and whether that changed anything.

    The caller holds the account's lock and has asked the policy. Raises ``LimitReached``.
    """
    invitation = account.invitations.unanswered().filter(email__iexact=address).first()
    if as_authorized and not (invitation and invitation.is_open and invitation.as_authorized):
        membership.require_place(account, besides=invitation)
    if invitation is None:
        invitation = Invitation(account=account, email=address, invited_by=actor)
    elif (
        invitation.is_open
        and invitation.as_authorized >= as_authorized
        and invitation.as_account_admin >= as_account_admin
    ):
        return invitation, False
    elif not invitation.is_open:
        # What an expired one offered is not offered again unasked.
        invitation.as_authorized = invitation.as_account_admin = False
    invitation.as_authorized = invitation.as_authorized or as_authorized
    invitation.as_account_admin = invitation.as_account_admin or as_account_admin
    invitation.invited_by = actor
    _send(invitation, actor)
    return invitation, True


@transaction.atomic
def resend(*, invitation: Invitation, actor: User) -> Invitation:
    """Send the mail again and let its link live its full time from now.

    Raises ``ContactError`` when it was answered, or sent a moment ago; ``LimitReached`` when its place is gone.
    """
    account = membership.locked(invitation.account)
    policies.manage_invitation(actor, account).require()
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.accepted_at or invitation.revoked_at:
        raise ContactError(_("This invitation has been answered or withdrawn."), code="answered")
    if _sent_at(invitation) > timezone.now() - RESEND_AFTER:
        raise ContactError(_("It was sent a moment ago. Wait five minutes."), code="soon")
    if invitation.as_authorized:
        membership.require_place(account, besides=invitation)
    _send(invitation, actor)
    return invitation


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> Invitation:
    """Make the link useless. Raises ``ContactError`` when it has been accepted."""
    account = membership.locked(invitation.account)
    policies.manage_invitation(actor, account).require()
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.accepted_at:
        raise ContactError(_("It has been accepted already. End the contact's access instead."), code="answered")
    if invitation.revoked_at is None:
        close(invitation, actor=actor)
    return invitation


@transaction.atomic
def undo_revoke(*, invitation: Invitation, actor: User) -> Invitation:
    """Take back one's own withdrawal, within ``membership.UNDO_FOR``: the link that was sent works as before.

    Doing it twice is doing it once. Raises ``ContactError`` when it is too late, or anybody has acted on the invitation
    or on whoever has its address since; ``LimitReached`` when its place was given away.
    """
    account = membership.locked(invitation.account)
    policies.manage_invitation(actor, account).require()
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.revoked_at is None:
        return invitation
    is_late = invitation.revoked_at < timezone.now() - membership.UNDO_FOR
    if is_late or not _was_withdrawn_by(actor, invitation) or _is_overtaken(invitation):
        raise ContactError(_("This can no longer be undone."), code="late")
    # An expired one holds no place.
    if invitation.as_authorized and invitation.expires_at > timezone.now():
        membership.require_place(account, besides=invitation)
    invitation.revoked_at = None
    invitation.save(update_fields=["revoked_at"])
    membership.record(AuditEvent.Act.INVITATION_RESTORED, actor=actor, account=account, invitation=invitation.pk)
    return invitation


def _was_withdrawn_by(actor: User, invitation: Invitation) -> bool:
    """Say whether the last that happened to the invitation is that ``actor`` withdrew it, for its own sake."""
    last = AuditEvent.objects.filter(account=invitation.account_id, data__invitation=invitation.pk).first()
    if last is None or last.actor_id != actor.pk:
        return False
    return last.act == AuditEvent.Act.INVITATION_REVOKED and "contact" not in last.data


def _is_overtaken(invitation: Invitation) -> bool:
    """Say whether the address was invited anew since, or its owner was added, removed or erased."""
    account = invitation.account
    owners = User.objects.filter(emailaddress__email__iexact=invitation.email)
    since = AuditEvent.objects.filter(account=account, subject__in=owners, created_at__gt=invitation.revoked_at)
    return (
        invitation.email.endswith(f"@{ERASED_DOMAIN}")
        or account.invitations.unanswered().filter(email__iexact=invitation.email).exists()
        or account.contacts.current().filter(user__in=owners).exists()
        or since.exists()
    )


def close(invitation: Invitation, *, actor: User | None, contact: Contact | None = None) -> None:
    """Withdraw an invitation of the locked account; ``contact`` is the membership for whose sake that is done."""
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    cause: dict[str, Any] = {"contact": contact.pk} if contact else {}
    membership.record(
        AuditEvent.Act.INVITATION_REVOKED, actor=actor, account=invitation.account, invitation=invitation.pk, **cause
    )


def require_acceptable(invitation: Invitation, user: User) -> None:
    """Raise ``InvitationProblem`` unless ``user`` may accept ``invitation`` now."""
    require_open(invitation)
    if normalise_email(invitation.email) not in membership.verified_addresses(user):
        raise InvitationProblem("foreign", invitation)


def require_open(invitation: Invitation) -> None:
    """Raise ``InvitationProblem`` unless the link still works for whom it is meant."""
    if invitation.accepted_at is not None:
        raise InvitationProblem("used", invitation)
    if invitation.revoked_at is not None:
        raise InvitationProblem("withdrawn", invitation)
    if not invitation.is_open:
        raise InvitationProblem("expired", invitation)


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Contact:
    """Make ``user`` a contact. Raises ``InvitationProblem``; of two at once, the second meets ``used``.

    When the plan has been cut meanwhile, the person joins without authorization: their CSM decides.
    """
    account = membership.locked(invitation.account)
    invitation = Invitation.objects.get(pk=invitation.pk)
    require_acceptable(invitation, user)
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    as_authorized = invitation.as_authorized
    if as_authorized:
        try:
            membership.require_place(account, besides=invitation)
        except membership.LimitReached:
            as_authorized = False
    membership.record(
        AuditEvent.Act.INVITATION_ACCEPTED, actor=user, account=account, subject=user, invitation=invitation.pk
    )
    contact, _changed = membership.link(
        account,
        user,
        actor=invitation.invited_by,
        as_authorized=as_authorized,
        as_account_admin=invitation.as_account_admin,
    )
    post(
        Letter(
            kind="accounts.invitation_accepted",
            event=f"invitation:{invitation.pk}:accepted",
            context={"invitation": invitation.pk, "contact": contact.pk},
            user=invitation.invited_by,
            actor=user,
        )
    )
    return contact


def _send(invitation: Invitation, actor: User) -> None:
    invitation.expires_at = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
    invitation.save()
    event = membership.record(
        AuditEvent.Act.INVITED,
        actor=actor,
        account=invitation.account,
        invitation=invitation.pk,
        authorized=invitation.as_authorized,
        admin=invitation.as_account_admin,
    )
    post(
        Letter(
            kind="accounts.invitation",
            event=f"invitation:{invitation.pk}:sent:{event.pk}",
            context={"invitation": invitation.pk},
            address=invitation.email,
            actor=actor,
        )
    )


def _sent_at(invitation: Invitation) -> datetime:
    return invitation.expires_at - timedelta(days=settings.INVITATION_DAYS)
