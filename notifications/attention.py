"""What an administrator should know of the ledger, for the home page."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from notifications import kinds, policies
from notifications.models import Delivery

SHOWN = 5
LATELY = timedelta(days=7)


class Failed(NamedTuple):
    """A delivery that was given up, and what people call it."""

    delivery: Delivery
    title: str


def failed(user: User) -> Sequence[Failed]:
    """Return the newest deliveries that were given up lately (delivery_failed); none for who may not see the ledger."""
    if not policies.see_ledger(user):
        return []
    rows = Delivery.objects.filter(state=Delivery.State.FAILED, created_at__gte=timezone.now() - LATELY)
    newest = rows.for_lists().order_by("-id")[:SHOWN]
    return [Failed(row, row.subject or kinds.label(row.message.kind)) for row in newest]
