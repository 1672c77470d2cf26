"""Reads of uploads."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User
    from files.models import Upload

    _Uploads: TypeAlias = models.QuerySet[Upload]
else:
    User = Any
    _Uploads = models.QuerySet


class UploadQuerySet(_Uploads):
    """Uploads."""

    def staged_by(self, user: "User") -> Self:
        """Return what ``user`` has sent and not yet attached to anything."""
        return self.filter(owner=user, state="staged")

    def staged_before(self, moment: datetime) -> Self:
        """Return staged uploads older than ``moment``."""
        return self.filter(state="staged", created_at__lt=moment)
