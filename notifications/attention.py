"""What an administrator should know of the ledger, for the home page."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from notifications import policies
from notifications.models import Delivery

SHOWN = 5
LATELY = timedelta(days=7)


def failed(user: User) -> Sequence[Delivery]:
    """Return the newest deliveries that were given up lately (delivery_failed); none for who may not see the ledger."""
    if not policies.see_ledger(user):
        return []
    rows = Delivery.objects.filter(state=Delivery.State.FAILED, created_at__gte=timezone.now() - LATELY)
    return list(rows.for_lists().order_by("-id")[:SHOWN])
