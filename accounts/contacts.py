"""Acts on an account's contacts. Each locks the account, asks the policy, and writes one line of the audit trail.

Saving the same again writes and sends nothing.
"""

from collections.abc import Callable
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import contact_csv, invitations, membership, policies
from accounts.contact_csv import ImportReport, RefusedLine
from accounts.membership import ContactError, LimitReached
from accounts.models import Account, AuditEvent, Contact, User
from accounts.outbox import Letter, post

__all__ = [
    "ContactError",
    "LimitReached",
    "add_by_email",
    "authorize",
    "end_access",
    "import_csv",
    "make_account_admin",
    "restore_access",
    "undo_end_access",
    "withdraw_account_admin",
    "withdraw_authorization",
]


@transaction.atomic
def add_by_email(
    *, account: Account, email: str, actor: User, as_authorized: bool = False, as_account_admin: bool = False
) -> str:
    """Link the person who has proved that ``email`` is theirs, restored when ended; invite anybody else.

    Returns the normalised address in either case, so that the answer does not tell who has a sign-in.
    Raises ``LimitReached``, ``ContactError`` on a bad address, and ``PermissionDenied``.
    """
    address = membership.clean_email(email)
    account = membership.locked(account)
    policies.manage_contacts(actor, account).require()
    _add(account, address, actor, as_authorized=as_authorized, as_account_admin=as_account_admin)
    return address


def _add(account: Account, address: str, actor: User, *, as_authorized: bool, as_account_admin: bool) -> bool:
    """Add to the locked account; return whether anything changed."""
    user = membership.owner_of_verified(address)
    if user is None:
        _invitation, changed = invitations.issue(
            account, address, actor=actor, as_authorized=as_authorized, as_account_admin=as_account_admin
        )
        return changed
    contact = account.contacts.filter(user=user).first()
    invitation = account.invitations.unanswered().filter(email__iexact=address).first()
    if as_authorized and not (contact and contact.is_authorized):
        membership.require_place(account, besides=invitation)
    contact, changed = membership.link(
        account, user, actor=actor, as_authorized=as_authorized, as_account_admin=as_account_admin
    )
    if invitation is not None:
        invitations.close(invitation, actor=actor, contact=contact)
    if changed:
        post(
            Letter(
                kind="accounts.access_granted",
                event=f"contact:{contact.pk}:granted:{_latest(contact)}",
                context={"contact": contact.pk},
                user=user,
                actor=actor,
            )
        )
    return changed


def authorize(*, contact: Contact, actor: User) -> Contact:
    """Let the contact file cases with no verification step. Raises ``LimitReached``."""

    def act(account: Account, contact: Contact) -> AuditEvent.Act | None:
        if contact.is_authorized:
            return None
        membership.require_place(account)
        contact.is_authorized = True
        return AuditEvent.Act.AUTHORIZED

    return _change(contact, actor, act, letter="accounts.authorized")


def withdraw_authorization(*, contact: Contact, actor: User) -> Contact:
    """Take the authorization back; the contact stays, and their next case is verified first."""

    def act(_account: Account, contact: Contact) -> AuditEvent.Act | None:
        if not contact.is_authorized:
            return None
        contact.is_authorized = False
        return AuditEvent.Act.AUTHORIZATION_WITHDRAWN

    return _change(contact, actor, act)


def make_account_admin(*, contact: Contact, actor: User) -> Contact:
    """Let the contact manage their own team and see all of the account's cases."""

    def act(_account: Account, contact: Contact) -> AuditEvent.Act | None:
        if contact.is_account_admin:
            return None
        contact.is_account_admin = True
        return AuditEvent.Act.ADMIN_GRANTED

    return _change(contact, actor, act)


def withdraw_account_admin(*, contact: Contact, actor: User) -> Contact:
    """Take the team's management back."""

    def act(_account: Account, contact: Contact) -> AuditEvent.Act | None:
        if not contact.is_account_admin:
            return None
        contact.is_account_admin = False
        return AuditEvent.Act.ADMIN_WITHDRAWN

    return _change(contact, actor, act)


@transaction.atomic
def end_access(*, contact: Contact, actor: User) -> Contact:
    """End the membership with all its powers, at once; cases stay.

    Open invitations of the person's addresses are withdrawn as well: one of them would bring the access back.
    """
    account = membership.locked(contact.account)
    contact = Contact.objects.select_related("user").get(pk=contact.pk)
    policies.end_access(actor, contact).require()
    if not contact.is_current:
        return contact
    had = {"was_authorized": contact.is_authorized, "was_account_admin": contact.is_account_admin}
    membership.now_ended(contact)
    contact.save(update_fields=["ended_at", "is_authorized", "is_account_admin"])
    membership.record(AuditEvent.Act.ACCESS_ENDED, actor=actor, account=account, subject=contact.user, **had)
    theirs = membership.addresses(contact.user)
    for invitation in account.invitations.unanswered():
        if invitation.email.lower() in theirs:
            invitations.close(invitation, actor=actor, contact=contact)
    membership.forget(contact.user)
    return contact


@transaction.atomic
def undo_end_access(*, contact: Contact, actor: User) -> Contact:
    """Take back one's own ending of a membership, within ``membership.UNDO_FOR``: it is as it was, powers included.

    Nobody was told of the end, so nobody is told of this. Doing it twice is doing it once. Raises ``ContactError``
    when it is too late or somebody else has acted since, ``LimitReached`` when their place was given away.
    """
    account = membership.locked(contact.account)
    contact = Contact.objects.select_related("user").get(pk=contact.pk)
    policies.end_access(actor, contact).require()
    if contact.is_current:
        return contact
    last = AuditEvent.objects.filter(account=account, subject=contact.user).first()
    is_theirs = last is not None and last.act == AuditEvent.Act.ACCESS_ENDED and last.actor_id == actor.pk
    since = timezone.now() - membership.UNDO_FOR
    if last is None or not is_theirs or last.created_at < since or not contact.user.is_active:
        raise ContactError(_("This can no longer be undone."), code="late")
    if last.data.get("was_authorized"):
        membership.require_place(account)
    contact.ended_at = None
    contact.is_authorized = bool(last.data.get("was_authorized"))
    contact.is_account_admin = bool(last.data.get("was_account_admin"))
    contact.save(update_fields=["ended_at", "is_authorized", "is_account_admin"])
    membership.record(
        AuditEvent.Act.ACCESS_RESTORED, actor=actor, account=account, subject=contact.user, undone=last.pk
    )
    membership.forget(contact.user)
    return contact


@transaction.atomic
def restore_access(*, contact: Contact, actor: User) -> Contact:
    """Bring an ended membership back, without the powers it once had."""
    account = membership.locked(contact.account)
    contact = Contact.objects.select_related("user").get(pk=contact.pk)
    policies.manage_contacts(actor, account).require()
    if contact.user.erased_at is not None:
        raise ContactError(_("This person has been erased and cannot come back."), code="erased")
    contact, changed = membership.link(account, contact.user, actor=actor)
    if changed:
        post(
            Letter(
                kind="accounts.access_granted",
                event=f"contact:{contact.pk}:granted:{_latest(contact)}",
                context={"contact": contact.pk},
                user=contact.user,
                actor=actor,
            )
        )
    return contact


@transaction.atomic
def import_csv(*, account: Account, file: IO[bytes], actor: User) -> ImportReport:
    """Add every line of a CSV file (columns email, authorized, admin) that can be added, and report the others.

    An import only adds: it never withdraws what somebody has. Raises ``ContactError`` when the file as a whole
    cannot be read: too large, too many lines, no e-mail column.
    """
    account = membership.locked(account)
    policies.manage_contacts(actor, account).require()
    table = contact_csv.read(file)
    refused = list(table.refused)
    imported = unchanged = 0
    for line in table.lines:
        try:
            with transaction.atomic():
                changed = _add(
                    account, line.email, actor, as_authorized=line.authorized, as_account_admin=line.account_admin
                )
        except ContactError as error:
            refused.append(RefusedLine(line.number, line.content, " ".join(error.messages)))
            continue
        imported += changed
        unchanged += not changed
    if imported:
        membership.record(
            AuditEvent.Act.CONTACTS_IMPORTED,
            actor=actor,
            account=account,
            imported=imported,
            unchanged=unchanged,
            refused=len(refused),
        )
    return ImportReport(imported, unchanged, tuple(sorted(refused, key=lambda line: line.number)))


@transaction.atomic
def _change(
    contact: Contact,
    actor: User,
    act: Callable[[Account, Contact], AuditEvent.Act | None],
    *,
    letter: str = "",
) -> Contact:
    """Apply ``act`` to the freshly read contact of the locked account and record what it says it did."""
    account = membership.locked(contact.account)
    contact = Contact.objects.select_related("user").get(pk=contact.pk)
    policies.manage_contacts(actor, account).require()
    if not contact.is_current:
        raise ContactError(_("Their access has ended. Restore it first."), code="ended")
    done = act(account, contact)
    if done is None:
        return contact
    contact.save(update_fields=["is_authorized", "is_account_admin"])
    event = membership.record(done, actor=actor, account=account, subject=contact.user)
    membership.forget(contact.user)
    if letter:
        post(
            Letter(
                kind=letter,
                event=f"contact:{contact.pk}:{done.value}:{event.pk}",
                context={"contact": contact.pk},
                user=contact.user,
                actor=actor,
            )
        )
    return contact


def _latest(contact: Contact) -> int:
    """Return the number of the contact's newest audit line: it makes each grant an event of its own."""
    events = AuditEvent.objects.filter(account_id=contact.account_id, subject_id=contact.user_id)
    return events.values_list("pk", flat=True)[0]
