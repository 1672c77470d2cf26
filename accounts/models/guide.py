"""Who has had enough of a guide."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _l


class DismissedGuide(models.Model):
    """A person has put a guide away, for good or until they ask for it."""

    # The constraint begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    # The code of a guide in accounts.guides.
    guide = models.CharField(max_length=40)
    dismissed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _l("dismissed guide")
        verbose_name_plural = _l("dismissed guides")
        constraints = [models.UniqueConstraint(fields=["user", "guide"], name="guide_dismissed_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.guide}"
