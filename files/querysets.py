"""Reads of uploads."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User
    from files.models import Upload  # noqa: F401 - the base class names it


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads."""

    def staged_by(self, user: "User") -> Self:
        """Return what ``user`` has sent and not yet attached to anything."""
        return self.filter(owner=user, state="staged")

    def staged_before(self, moment: datetime) -> Self:
        """Return staged uploads older than ``moment``."""
        return self.filter(state="staged", created_at__lt=moment)
