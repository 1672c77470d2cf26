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
from notifications.models import ENDPOINTS, Channel, Delivery, Message

# What is sent by mail and on the site, and what is posted to somebody else's server, which may take its time.
OWN_CHANNELS = frozenset({Channel.MAIL, Channel.SITE})
# Longer than the slowest single delivery: each start renews the claim.
STALE_AFTER = timedelta(minutes=5)
BATCH = 25
DIGEST_LIMIT = 200
# One worker at a time gathers a digest, or posts to endpoints; the numbers are these locks' names.
_DIGEST_LOCK = 7_301_001
_ENDPOINTS_LOCK = 7_301_002
# After it a batch of endpoints is no longer under way: its worker died.
ENDPOINTS_BATCH_LASTS = timedelta(seconds=90)

_PENDING, _SENDING = Delivery.State.PENDING, Delivery.State.SENDING


def take(*, channels: Collection[str], limit: int = BATCH) -> list[Delivery]:
    """Claim up to ``limit`` due deliveries, oldest first; none that another worker holds."""
    with transaction.atomic():
        if not OWN_CHANNELS & set(channels) and not _endpoints_are_free():
            return []
        due = Delivery.objects.due(timezone.now()).filter(channel__in=channels, digest_key="", is_bulk=False)
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        token = _mark(ids)
    return _claimed(token) if ids else []


def take_bulk(*, limit: int) -> list[Delivery]:
    """Claim up to ``limit`` due mails whose words are shared, oldest first, and count an attempt of each.

    Nothing is written as one of them is begun: what is given back unbegun is uncounted (``release``), and what a killed
    worker held has one attempt more than it had.
    """
    with transaction.atomic():
        due = Delivery.objects.due(timezone.now()).filter(is_bulk=True)
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        token = _mark(ids, attempts=F("attempts") + 1)
    if not ids:
        return []
    rows = Delivery.objects.filter(claim=token, state=_SENDING, pk__in=ids).select_related("user")
    found = list(rows.defer("text", "html", "last_error").order_by("not_before", "id"))
    # One message for all of its deliveries: its context is read once.
    messages = Message.objects.in_bulk({delivery.message_id for delivery in found})
    for delivery in found:
        delivery.message = messages[delivery.message_id]
    return found


def record_sent(token: str, *, sent: Delivery | None, following: Delivery | None) -> bool:
    """Record that a shared mail went out, and return whether the claim on the ``following`` one still holds.

    One statement between two mails. It does not wait for the disk: other sessions see it at once, and a killed worker
    loses nothing of it; only a crash of the database itself may forget the last half second, and repeat those mails.
    """
    held = (following.pk if following else 0, token)
    statement: str = _HELD
    parameters: tuple[Any, ...] = held
    if sent is not None:
        statement = f"WITH {_SENT} {_HELD}"
        parameters = (sent.sent_at, sent.subject, sent.body_id, sent.pk, token, *held)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return bool(cursor.fetchone()[1])


# set_config is for this statement's own transaction only, and so works through a pooler in transaction mode as well.
_HELD = """
SELECT set_config('synchronous_commit', 'off', true),
       EXISTS (SELECT FROM notifications_delivery WHERE id = %s AND claim = %s AND state = 'sending')
"""
_SENT = """
sent AS (
    UPDATE notifications_delivery
    SET state = 'sent', claim = '', claimed_at = NULL, last_error = '',
        sent_at = %s, subject = %s, body_id = %s
    WHERE id = %s AND claim = %s AND state = 'sending'
)
"""


def endpoints_are_due() -> bool:
    """Say whether anything waits to be posted to endpoints."""
    due = Delivery.objects.due(timezone.now()).filter(digest_key="", is_bulk=False)
    return due.filter(channel__in=ENDPOINTS).exists()


def _endpoints_are_free() -> bool:
    """Say whether no other worker is posting: slow endpoints may hold up one worker, and never all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ENDPOINTS_LOCK])
        if not cursor.fetchone()[0]:
            return False
    lately = timezone.now() - ENDPOINTS_BATCH_LASTS
    return not Delivery.objects.filter(state=_SENDING, claimed_at__gt=lately, channel__in=ENDPOINTS).exists()


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


def release(
    token: str, *, not_before: datetime | None = None, keep: Collection[int] = (), is_counted: bool = False
) -> int:
    """Give back what of a claim was not begun, but for ``keep``; uncount an attempt that the claim has counted.

    Returns how many.
    """
    fields: dict[str, Any] = {"not_before": not_before} if not_before else {}
    if is_counted:
        fields["attempts"] = F("attempts") - 1
    held = Delivery.objects.filter(claim=token, state=_SENDING).exclude(pk__in=keep)
    return held.update(state=_PENDING, claim="", claimed_at=None, **fields)


def recover() -> int:
    """Give back the claims of workers that died. What they had begun is repeated with its Message-ID."""
    stale = Delivery.objects.filter(state=_SENDING, claimed_at__lt=timezone.now() - STALE_AFTER)
    with transaction.atomic():
        # Workers that begin together would lock each other's rows in two orders: each takes what it can have.
        ids = list(stale.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return Delivery.objects.filter(pk__in=ids).update(state=_PENDING, claim="", claimed_at=None)


def drop(deliveries: Sequence[Delivery], *, reason: str) -> None:
    """Record of several of a claim that they shall not be sent."""
    held = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], state=_SENDING)
    held.filter(claim=deliveries[0].claim).update(
        state=Delivery.State.DROPPED, claim="", claimed_at=None, last_error=reason
    )


def _mark(ids: Collection[int], **fields: Any) -> str:
    token = new_token()
    Delivery.objects.filter(pk__in=ids).update(state=_SENDING, claim=token, claimed_at=timezone.now(), **fields)
    return token


def _claimed(token: str) -> list[Delivery]:
    rows = Delivery.objects.filter(claim=token, state=_SENDING).select_related("message", "user")
    return list(rows.order_by("not_before", "id"))
