"""Reads. Whatever a person can reach starts from ``visible_to(user)``."""

from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import (  # noqa: F401 - named in strings below
        Account,
        ApiToken,
        AuditEvent,
        Contact,
        ContactRequest,
        Invitation,
        Product,
        User,
    )

    Someone: TypeAlias = User | AnonymousUser
else:
    Someone = Any


def looked_after_by(user: "User", prefix: str = "") -> Q:
    """Match accounts (behind ``prefix``) whose CSM or sales representative is ``user``."""
    return Q(**{f"{prefix}csm": user}) | Q(**{f"{prefix}sales_representative": user})


class AccountQuerySet(models.QuerySet["Account"]):
    """Customer accounts."""

    def visible_to(self, user: Someone) -> Self:
        """Return what ``user`` may see: staff by role, a contact their own accounts."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("accounts.see_all_accounts"):
            return self
        mine = Q(contacts__user=user, contacts__ended_at=None)
        if user.has_perm("accounts.manage_contacts"):
            mine |= looked_after_by(user)
        return self.filter(pk__in=self.model._default_manager.filter(mine).values("pk"))  # noqa: SLF001 - Django's API

    def managed_by(self, user: Someone) -> Self:
        """Return the accounts whose authorized contacts ``user`` decides on."""
        if not user.is_authenticated or not user.has_perm("accounts.manage_contacts"):
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(looked_after_by(user))


class ContactQuerySet(models.QuerySet["Contact"]):
    """Memberships of accounts."""

    def current(self) -> Self:
        """Return those in force."""
        return self.filter(ended_at=None)

    def with_account(self) -> Self:
        """Join what pages ask of a contact's account."""
        return self.select_related("account__plan", "account__partner", "account__csm")

    def visible_to(self, user: Someone) -> Self:
        """Return the contacts of accounts that ``user`` may see."""
        from accounts.models import Account

        return self.filter(account__in=Account.objects.visible_to(user))


class ProductQuerySet(models.QuerySet["Product"]):
    """Products."""

    def offered(self) -> Self:
        """Return those a new case may be about."""
        return self.filter(is_active=True)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def open(self) -> Self:
        """Return those whose link still works."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def unanswered(self) -> Self:
        """Return those neither accepted nor withdrawn, expired ones too."""
        return self.filter(accepted_at=None, revoked_at=None)


class ContactRequestQuerySet(models.QuerySet["ContactRequest"]):
    """Requests to become a contact."""

    def pending(self) -> Self:
        """Return those that wait for a decision."""
        return self.filter(state="pending")


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """The audit trail."""

    def with_names(self) -> Self:
        """Join the people and the account that a history shows."""
        return self.select_related("actor", "subject", "account")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens of the API."""

    def unrevoked(self) -> Self:
        """Return those that nobody has withdrawn; expired ones too."""
        return self.filter(revoked_at=None)
