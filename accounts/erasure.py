"""Erasing a person. The row stays as a tombstone: what they wrote and what was done is history, without their name."""

from collections.abc import Callable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts import membership, policies
from accounts.constants import ERASED_DOMAIN
from accounts.models import ApiToken, AuditEvent, ContactRequest, DismissedGuide, Invitation, User

# Given the person and their addresses, an app above this one forgets what it holds of them.
Forget = Callable[[User, frozenset[str]], None]
_forgetters: list[Forget] = []


def register(forget: Forget) -> None:
    """Add how an app forgets a person; called in the transaction of the act. Call it from ``AppConfig.ready``."""
    if forget not in _forgetters:
        _forgetters.append(forget)


@transaction.atomic
def erase(*, user: User, actor: User) -> User:
    """Forget who ``user`` was: name, addresses, second factors, sessions, memberships, mails. Cannot be undone.

    Doing it again changes nothing. Raises ``PermissionDenied`` unless ``actor`` is another, an administrator.
    """
    policies.erase(actor, user).require()
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.erased_at is not None:
        return user
    theirs = membership.addresses(user)
    _end_memberships(user, actor, theirs)
    _end_sessions(user)
    for forget in _forgetters:
        forget(user, theirs)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    DismissedGuide.objects.filter(user=user).delete()
    ApiToken.objects.unrevoked().filter(owner=user).update(revoked_at=timezone.now())
    ContactRequest.objects.filter(user=user).update(company="", message="")
    ContactRequest.objects.pending().filter(user=user).update(
        state=ContactRequest.State.REFUSED, decided_by=actor, decided_at=timezone.now()
    )
    user.email = f"{user.pk}@{ERASED_DOMAIN}"
    user.display_name = "Erased person"
    user.handle = f"erased-{user.pk}"
    user.language, user.time_zone = "", "UTC"
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    membership.forget(user)
    membership.record(AuditEvent.Act.PERSON_ERASED, actor=actor, subject=user)
    return user


def _end_memberships(user: User, actor: User, theirs: frozenset[str]) -> None:
    # In one order, so that two erasures do not wait for each other's accounts.
    for contact in user.contacts.current().select_related("account").order_by("account_id"):
        account = membership.locked(contact.account)
        membership.now_ended(contact)
        contact.save(update_fields=["ended_at", "is_authorized", "is_account_admin"])
        membership.record(AuditEvent.Act.ACCESS_ENDED, actor=actor, account=account, subject=user)
    now = timezone.now()
    for invitation in Invitation.objects.filter(email__in=theirs) | Invitation.objects.filter(accepted_by=user):
        if invitation.accepted_at is None and invitation.revoked_at is None:
            invitation.revoked_at = now
        invitation.email = f"invitation-{invitation.pk}@{ERASED_DOMAIN}"
        invitation.save(update_fields=["email", "revoked_at"])


def _end_sessions(user: User) -> None:
    """Delete the person's sessions: they hold the address that was signed in with."""
    key = str(user.pk)
    ended = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get("_auth_user_id") == key
    ]
    Session.objects.filter(pk__in=ended).delete()
