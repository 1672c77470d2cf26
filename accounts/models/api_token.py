"""Tokens of the API: the key of a machine that acts for a person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts.querysets import ApiTokenQuerySet

DIGEST_LENGTH = 64  # hexadecimal digits of SHA-256


class ApiToken(models.Model):
    """A key to some scopes of the API. It is shown once, when it is made; only its hash is kept.

    It never can more than its owner: every act asks what the owner may do now.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="api_tokens",
        verbose_name=_l("acts as"),
        help_text=_l("What is done with the token is done in this person's name, and only as far as they may."),
    )
    label = models.CharField(
        _l("label"), max_length=80, help_text=_l("What it is for, such as “Alertmanager, Europe”.")
    )
    prefix = models.CharField(_l("begins with"), max_length=16, editable=False)
    # Unique is also the index that every request with a token reads.
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_l("scopes"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_l("made by")
    )
    created_at = models.DateTimeField(_l("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_l("expires"), null=True, blank=True, help_text=_l("Empty: never."))
    last_used_at = models.DateTimeField(_l("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_l("withdrawn"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _l("API token")
        verbose_name_plural = _l("API tokens")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scopes__len__gt=0), name="api_token_has_scopes"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"

    @property
    def is_in_force(self) -> bool:
        """Say whether it opens anything now, as far as the token itself is concerned."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
