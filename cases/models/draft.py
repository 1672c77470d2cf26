"""What somebody was writing about cases and has not sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l


class CaseDraft(models.Model):
    """The fields of one form as they were typed, wherever their author goes on. Private to them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_drafts")
    # "new", "file:<account>", "reply:<case>", "answer:<case>", "note:<case>": see cases.drafts.
    key = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)
    # Rises with each save, and across drafts of one key: a window left open elsewhere overwrites nothing.
    version = models.BigIntegerField()
    updated_at = models.DateTimeField(default=timezone.now)
    # Let go by its author, who may still take that back.
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _l("draft")
        verbose_name_plural = _l("drafts")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="case_draft_once")]
        indexes = [
            # Reader: the sweep of forgotten drafts.
            models.Index(fields=["updated_at"], name="case_draft_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"
