"""Who did what to whom. Rows are only ever added: a database trigger refuses the rest."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _l

from accounts.models.customer import Account
from accounts.querysets import AuditEventQuerySet


class AuditEvent(models.Model):
    """One act of administration. Holds ids and codes, never names or sentences: so a person can be erased."""

    class Act(models.TextChoices):
        INVITED = "invited", _l("invited")
        INVITATION_REVOKED = "invitation_revoked", _l("withdrew the invitation of")
        INVITATION_RESTORED = "invitation_restored", _l("took back the withdrawal of the invitation of")
        INVITATION_ACCEPTED = "invitation_accepted", _l("accepted the invitation")
        CONTACT_LINKED = "contact_linked", _l("added")
        AUTHORIZED = "authorized", _l("authorized")
        AUTHORIZATION_WITHDRAWN = "authorization_withdrawn", _l("withdrew the authorization of")
        ADMIN_GRANTED = "admin_granted", _l("gave the account admin's role to")
        ADMIN_WITHDRAWN = "admin_withdrawn", _l("took the account admin's role from")
        ACCESS_ENDED = "access_ended", _l("ended the access of")
        ACCESS_RESTORED = "access_restored", _l("restored the access of")
        REQUEST_GRANTED = "request_granted", _l("granted the request of")
        REQUEST_REFUSED = "request_refused", _l("refused the request of")
        CONTACTS_IMPORTED = "contacts_imported", _l("imported contacts")
        ACCOUNT_CHANGED = "account_changed", _l("changed the account")
        PERSON_CREATED = "person_created", _l("created the sign-in of")
        PERSON_DEACTIVATED = "person_deactivated", _l("switched off the sign-in of")
        PERSON_REACTIVATED = "person_reactivated", _l("switched on the sign-in of")
        PERSON_ERASED = "person_erased", _l("erased")
        ROLES_CHANGED = "roles_changed", _l("changed the roles of")
        MFA_REMOVED = "mfa_removed", _l("removed the second factors of")
        API_TOKEN_CREATED = "api_token_created", _l("made an API token for")
        API_TOKEN_REVOKED = "api_token_revoked", _l("withdrew an API token of")

    act = models.CharField(_l("act"), max_length=40, choices=Act)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_l("who")
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="audit_events", verbose_name=_l("account")
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_l("whom")
    )
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_l("when"), auto_now_add=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _l("audit event")
        verbose_name_plural = _l("audit trail")
        ordering = ["-id"]
        indexes = [
            # Reader: the history on an account's admin page.
            models.Index(fields=["account", "-id"], name="audit_account_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.act}"
