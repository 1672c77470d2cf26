"""Reads of the ledger."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.querysets import Someone
    from notifications.models import Delivery  # noqa: F401 - the base class names it


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries."""

    def visible_to(self, user: "Someone") -> Self:
        """Return what was sent to this person."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user=user)

    def unread(self) -> Self:
        """Return what waits in the notification centre."""
        return self.filter(channel="site", state="sent", read_at=None)

    def for_lists(self) -> Self:
        """Join the message, and leave the bodies where they are."""
        return self.select_related("message").defer("text", "html")

    def due(self, now: datetime) -> Self:
        """Return what a worker may claim now, oldest first."""
        return self.filter(state="pending", not_before__lte=now).order_by("not_before", "id")
