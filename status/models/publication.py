"""The version of what is public, and what was published while the database was away."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l


class Publication(models.Model):
    """One row. Every write of the status site locks it first, so versions tell the order of changes."""

    ONLY = 1

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("publication")
        verbose_name_plural = _l("publications")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="publication_is_one")]

    def __str__(self) -> str:
        return str(self.version)

    @classmethod
    def lock(cls) -> None:
        """Let no other write of the status site run before the caller's transaction ends."""
        cls.objects.get_or_create(pk=cls.ONLY)
        cls.objects.select_for_update().get(pk=cls.ONLY)


class ImportedEntry(models.Model):
    """A journal entry of the break-glass command that the database has taken in: never twice."""

    entry_id = models.UUIDField(primary_key=True)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("imported journal entry")
        verbose_name_plural = _l("imported journal entries")

    def __str__(self) -> str:
        return str(self.entry_id)
