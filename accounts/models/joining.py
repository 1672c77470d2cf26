"""How a person becomes a contact: an invitation, or their own request."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts.models.customer import Account
from accounts.querysets import ContactRequestQuerySet, InvitationQuerySet
from lib.tokens import new_token


class Invitation(models.Model):
    """An offer to one address to join one account; its mail holds a signed link that works once, until it expires."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="invitations", verbose_name=_l("account")
    )
    email = models.EmailField(_l("e-mail"), max_length=254)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    as_authorized = models.BooleanField(_l("as authorized contact"), default=False)
    as_account_admin = models.BooleanField(_l("as account admin"), default=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_l("invited by")
    )
    created_at = models.DateTimeField(_l("invited"), auto_now_add=True)
    expires_at = models.DateTimeField(_l("expires"))
    accepted_at = models.DateTimeField(_l("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(_l("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _l("invitation")
        verbose_name_plural = _l("invitations")
        ordering = ["-id"]
        constraints = [
            # One open invitation per address and account: a second one renews the first.
            models.UniqueConstraint(
                "account",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.account}"

    @property
    def is_open(self) -> bool:
        """Say whether the link would still work."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class ContactRequest(models.Model):
    """A signed-in person without an account asks to become a contact; CSMs and administrators decide."""

    class State(models.TextChoices):
        PENDING = "pending", _l("Waiting")
        GRANTED = "granted", _l("Granted")
        REFUSED = "refused", _l("Refused")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contact_requests", verbose_name=_l("person")
    )
    company = models.CharField(_l("company"), max_length=160)
    message = models.TextField(_l("message"), blank=True, max_length=2000)
    state = models.CharField(_l("state"), max_length=10, choices=State, default=State.PENDING)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_l("account")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_l("asked"), auto_now_add=True)

    objects = ContactRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _l("request to become a contact")
        verbose_name_plural = _l("requests to become a contact")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="pending"), name="contact_request_pending_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.company}"
