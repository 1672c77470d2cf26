"""Which worker holds which delivery: short statements only, each true on its own.

A claim takes a batch. Just before a delivery is sent it is *started*: its attempt is counted and the whole claim's time
renewed, on condition that the claim still holds. Its result is recorded at once, on the same condition. So a killed
worker leaves behind one delivery that may have been sent, and some that were not begun.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from lib.tokens import new_token
from notifications.models import Channel, Delivery

# Longer than the slowest single delivery: each start renews the claim.
STALE_AFTER = timedelta(minutes=5)
BATCH = 25
DIGEST_LIMIT = 200
# One worker at a time gathers a digest; the number is this lock's name.
_DIGEST_LOCK = 7_301_001

_PENDING, _SENDING = Delivery.State.PENDING, Delivery.State.SENDING


def take(*, channels: Collection[str], limit: int = BATCH) -> list[Delivery]:
    """Claim up to ``limit`` due deliveries, oldest first; none that another worker holds."""
    with transaction.atomic():
        due = Delivery.objects.due(timezone.now()).filter(channel__in=channels, digest_key="")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        token = _mark(ids)
    return _claimed(token) if ids else []


def take_digest(*, channels: Collection[str]) -> list[Delivery]:
    """Claim everything pending of the recipient and digest key whose time came first; oldest first."""
    if Channel.MAIL not in channels:
        return []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_DIGEST_LOCK])
            if not cursor.fetchone()[0]:
                return []
        first = Delivery.objects.due(timezone.now()).filter(channel=Channel.MAIL).exclude(digest_key="").first()
        if first is None:
            return []
        group = Delivery.objects.filter(
            state=_PENDING, channel=Channel.MAIL, address=first.address, digest_key=first.digest_key
        ).order_by("id")
        ids = list(group.select_for_update(skip_locked=True).values_list("pk", flat=True)[:DIGEST_LIMIT])
        token = _mark(ids)
    return _claimed(token) if ids else []


def start(deliveries: Sequence[Delivery]) -> bool:
    """Count an attempt of what is about to be sent, and renew its claim. Returns whether the claim still holds."""
    now = timezone.now()
    token = deliveries[0].claim
    held = Delivery.objects.filter(claim=token, state=_SENDING)
    started = held.filter(pk__in=[delivery.pk for delivery in deliveries]).update(
        attempts=F("attempts") + 1, claimed_at=now
    )
    held.update(claimed_at=now)
    for delivery in deliveries:
        delivery.attempts += 1
    return started == len(deliveries)


def finish(delivery: Delivery, *, state: str, **fields: Any) -> bool:
    """Record a result at once, on condition that the claim still holds. Returns whether it did."""
    held = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=_SENDING)
    return held.update(state=state, claim="", claimed_at=None, **fields) == 1


def release(token: str, *, not_before: datetime | None = None, keep: Collection[int] = ()) -> int:
    """Give back what of a claim was not begun, but for ``keep``. Returns how many."""
    fields: dict[str, Any] = {"not_before": not_before} if not_before else {}
    held = Delivery.objects.filter(claim=token, state=_SENDING).exclude(pk__in=keep)
    return held.update(state=_PENDING, claim="", claimed_at=None, **fields)


def recover() -> int:
    """Give back the claims of workers that died. What they had begun is repeated with its Message-ID."""
    stale = Delivery.objects.filter(state=_SENDING, claimed_at__lt=timezone.now() - STALE_AFTER)
    with transaction.atomic():
        # Workers that begin together would lock each other's rows in two orders: each takes what it can have.
        ids = list(stale.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return Delivery.objects.filter(pk__in=ids).update(state=_PENDING, claim="", claimed_at=None)


def _mark(ids: Collection[int]) -> str:
    token = new_token()
    Delivery.objects.filter(pk__in=ids).update(state=_SENDING, claim=token, claimed_at=timezone.now())
    return token


def _claimed(token: str) -> list[Delivery]:
    rows = Delivery.objects.filter(claim=token, state=_SENDING).select_related("message", "user")
    return list(rows.order_by("not_before", "id"))
