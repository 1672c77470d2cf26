"""What every way of becoming a contact shares: the account's lock, the plan's limit, the audit trail."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import EmailField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, AuditEvent, Contact, Invitation, User
from lib.addresses import normalise_email

# How long whoever ended an access or withdrew an invitation may take that back.
UNDO_FOR = timedelta(hours=1)


class ContactError(ValidationError):
    """An act on contacts that the rules refuse; the message is for the person who tried."""


class LimitReached(ContactError):  # noqa: N818 - reads better where it is raised
    """The plan allows no more authorized contacts."""


def locked(account: Account) -> Account:
    """Return ``account`` freshly read with its row locked until the transaction ends.

    Every change of contacts and invitations takes this lock first, so that two of them never pass the limit together.
    ``no_key``: cases that are being filed for the account hold its key and need not wait.
    """
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return rows.get(pk=account.pk)


def require_place(account: Account, *, besides: Invitation | None = None) -> None:
    """Raise ``LimitReached`` when the plan has no place for one more authorized contact.

    An open invitation that would authorize holds a place, so that who accepts it is not disappointed;
    ``besides`` is the one that is being answered or renewed.
    """
    limit = account.plan.authorized_contact_limit
    if limit is None:
        return
    authorized = account.contacts.current().filter(is_authorized=True).count()
    offers = account.invitations.open().filter(as_authorized=True)
    invited = (offers.exclude(pk=besides.pk) if besides and besides.pk else offers).count()
    if authorized + invited < limit:
        return
    message = ngettext(
        "%(plan)s allows %(limit)d authorized contact. Withdraw another's authorization first, or change the plan.",
        "%(plan)s allows %(limit)d authorized contacts. Withdraw another's authorization first, or change the plan.",
        limit,
    ) % {"plan": account.plan.name, "limit": limit}
    if invited:
        message += " " + ngettext(
            "An open invitation holds %(count)d place.", "Open invitations hold %(count)d places.", invited
        ) % {"count": invited}
    raise LimitReached(message, code="limit")


def record(
    act: AuditEvent.Act,
    *,
    actor: User | None,
    account: Account | None = None,
    subject: User | None = None,
    **data: Any,
) -> AuditEvent:
    """Write one line of the audit trail; ``data`` holds ids and codes only."""
    return AuditEvent.objects.create(act=act, actor=actor, account=account, subject=subject, data=data)


def owner_of_verified(email: str) -> User | None:
    """Return the person who has proved that ``email`` is theirs."""
    return User.objects.filter(emailaddress__email__iexact=normalise_email(email), emailaddress__verified=True).first()


def verified_addresses(user: User) -> frozenset[str]:
    """Return the addresses that ``user`` has proved to be theirs, normalised."""
    rows = User.objects.filter(pk=user.pk, emailaddress__verified=True).values_list("emailaddress__email", flat=True)
    return frozenset(normalise_email(address) for address in rows)


def addresses(user: User) -> frozenset[str]:
    """Return every address of ``user``, verified or not, normalised."""
    rows = User.objects.filter(pk=user.pk).values_list("emailaddress__email", flat=True)
    return frozenset(normalise_email(address) for address in [user.email, *rows] if address)


def link(
    account: Account,
    user: User,
    *,
    actor: User | None,
    as_authorized: bool = False,
    as_account_admin: bool = False,
) -> tuple[Contact, bool]:
    """Make ``user`` a present contact with at least these powers; return the contact and whether anything changed.

    The caller holds the account's lock and has made sure of the limit. Powers are only ever added here.
    """
    contact, created = Contact.objects.get_or_create(account=account, user=user)
    changed = created
    if created:
        record(AuditEvent.Act.CONTACT_LINKED, actor=actor, account=account, subject=user)
    elif contact.ended_at is not None:
        contact.ended_at = None
        record(AuditEvent.Act.ACCESS_RESTORED, actor=actor, account=account, subject=user)
        changed = True
    if as_authorized and not contact.is_authorized:
        contact.is_authorized = changed = True
        record(AuditEvent.Act.AUTHORIZED, actor=actor, account=account, subject=user)
    if as_account_admin and not contact.is_account_admin:
        contact.is_account_admin = changed = True
        record(AuditEvent.Act.ADMIN_GRANTED, actor=actor, account=account, subject=user)
    if changed:
        contact.save(update_fields=["ended_at", "is_authorized", "is_account_admin"])
    forget(user)
    return contact, changed


def now_ended(contact: Contact) -> None:
    """Set ``contact`` to ended with no powers, unsaved."""
    contact.is_authorized = contact.is_account_admin = False
    contact.ended_at = timezone.now()


def forget(user: User) -> None:
    """Drop what the object remembers of its memberships, so that the same request sees the change."""
    user.__dict__.pop("active_contacts", None)


def clean_email(email: str) -> str:
    """Return the normalised address. Raises ``ContactError`` unless it is one."""
    address = normalise_email(email)
    try:
        EmailField(max_length=254).clean(address, None)
    except ValidationError as error:
        raise ContactError(_("Write an e-mail address, such as ann@company.example."), code="email") from error
    return address
