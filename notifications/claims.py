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

from accounts.models import User
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
    worker held has one attempt more than it had. So the whole batch must be over well before ``STALE_AFTER``.
    """
    token = new_token()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BULK, [now, limit, token, now])
        found = [Delivery.from_db(connection.alias, _TAKEN, row) for row in cursor.fetchall()]
    found.sort(key=lambda delivery: (delivery.not_before, delivery.pk))
    # Each message and user once, however many deliveries they have.
    messages = Message.objects.in_bulk({delivery.message_id for delivery in found})
    users = User.objects.in_bulk({delivery.user_id for delivery in found if delivery.user_id})
    for delivery in found:
        delivery.message = messages[delivery.message_id]
        delivery.user = users[delivery.user_id] if delivery.user_id else None
    return found


# All but the words, in the model's order, as ``Model.from_db`` wants them.
_TAKEN = (
    "id", "message_id", "channel", "user_id", "address", "reference", "language", "time_zone", "is_bulk", "state",
    "attempts", "not_before", "digest_key", "claimed_at", "claim", "mail_id",
)  # fmt: skip
_TAKE_BULK = """
WITH due AS MATERIALIZED (
    SELECT id FROM notifications_delivery
    WHERE state = 'pending' AND is_bulk AND not_before <= %s
    ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE notifications_delivery AS delivery
SET state = 'sending', claim = %s, claimed_at = %s, attempts = attempts + 1
FROM due WHERE delivery.id = due.id
RETURNING {taken}
""".replace("{taken}", ", ".join(f"delivery.{name}" for name in _TAKEN))


@transaction.atomic
def settle(tokens: Collection[str]) -> int:
    """Make sent deliveries of what was handed over under these claims (``notifications.handovers``); say how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [list(tokens)])
        settled: int = cursor.fetchone()[0]
    return settled


# What was handed over stays so, whoever's claim it is by now: nothing that a mail server took is sent again.
_SETTLE = """
WITH settled AS (
    UPDATE notifications_delivery AS delivery
    SET state = 'sent', claim = '', claimed_at = NULL, last_error = '',
        sent_at = handed.sent_at, subject = body.subject, body_id = handed.body_id
    FROM notifications_handover AS handed
    JOIN notifications_sharedbody AS body ON body.id = handed.body_id
    WHERE delivery.id = handed.delivery_id AND delivery.claim = ANY(%s)
    RETURNING delivery.id
), forgotten AS (
    DELETE FROM notifications_handover USING settled WHERE delivery_id = settled.id RETURNING 1
)
SELECT count(*) FROM forgotten
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
    # A claim goes with the state. Asked for the state as well, PostgreSQL may read all that are being sent to find one.
    held = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
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
        rows = dict(stale.select_for_update(skip_locked=True).values_list("pk", "claim"))
        # Of a fan-out it is known what went out before its worker died; only the last one may be in doubt.
        settle({claim for claim in rows.values() if claim})
        ids = list(rows)
        return Delivery.objects.filter(pk__in=ids, state=_SENDING).update(state=_PENDING, claim="", claimed_at=None)


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
