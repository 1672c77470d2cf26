"""What became of a delivery, recorded at once and on condition that the claim still holds."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from notifications import claims, kinds, transports
from notifications.kinds import Kind
from notifications.models import ENDPOINTS, Channel, Delivery, Message
from notifications.rendering import Rendered
from notifications.transports import PermanentFailure, TemporaryFailure

logger = logging.getLogger(__name__)

# A mail server may be away for days: RFC 5321, section 4.5.4.1, asks a sender to try for four to five.
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 35
# About a day: whoever takes longer to mend an endpoint reads up on what happened.
ENDPOINT_MAX_ATTEMPTS = 15
ERROR_MAX_LENGTH = 1_000
OUTAGE_PAUSE = timedelta(seconds=30)

# Why something was not sent, in words for operators.
SIGN_IN_IS_OFF = "The recipient's sign-in is off."
MAY_NOT_SEE = "The recipient may no longer see it."
OPTED_OUT = "The recipient has opted out."
ENDPOINT_REMOVED = "The endpoint was removed."

State = Delivery.State


class Dropped(Exception):  # noqa: N818 - an outcome
    """The recipient shall not have it: no access any more, opted out, endpoint removed."""


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: doubled each time, with jitter so that retries spread."""
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LONGEST_RETRY)
    jittered: timedelta = wait * random.uniform(0.8, 1.2)  # noqa: S311 - nobody gains by guessing it
    return jittered


def sent(delivery: Delivery, rendered: Rendered, *, mail_id: str) -> None:
    """Record that it went out, and what its reader sees."""
    kind = kinds.find(delivery.message.kind)
    has_own_words = rendered.body_id is None and not (kind is not None and kind.is_secret)
    finish(
        delivery,
        state=State.SENT,
        sent_at=timezone.now(),
        last_error="",
        mail_id=delivery.mail_id if delivery.channel != Channel.MAIL else mail_id,
        subject=rendered.subject,
        text=rendered.text if has_own_words else "",
        html=rendered.html if has_own_words else "",
        body_id=rendered.body_id,
    )


def failed(deliveries: Sequence[Delivery], error: Exception) -> None:
    """Record that they could not be sent: to be tried again, unless the failure is for good."""
    text = str(error) if isinstance(error, TemporaryFailure | PermanentFailure) else transports.describe(error)
    for delivery in deliveries:
        logger.warning(
            "Delivery %s (%s) failed at attempt %s: %s", delivery.pk, delivery.message.kind, delivery.attempts, text
        )
        limit = ENDPOINT_MAX_ATTEMPTS if delivery.channel in ENDPOINTS else MAX_ATTEMPTS
        if isinstance(error, PermanentFailure) or delivery.attempts >= limit:
            _give_up(delivery, text)
        else:
            finish(delivery, state=State.PENDING, last_error=text, not_before=later(back_off(delivery.attempts)))


def finish(delivery: Delivery, *, state: str, **fields: object) -> bool:
    """Record a result; forget a secret message's words once nobody waits for them. Returns whether the claim held."""
    if "last_error" in fields:
        fields["last_error"] = str(fields["last_error"]).replace("\0", "")[:ERROR_MAX_LENGTH]
    held = claims.finish(delivery, state=state, **fields)
    kind = kinds.find(delivery.message.kind)
    if held and state != State.PENDING and kind is not None and kind.is_secret:
        waiting = Delivery.objects.filter(message=delivery.message_id, state__in=[State.PENDING, State.SENDING])
        if not waiting.exists():
            Message.objects.filter(pk=delivery.message_id).update(context={})
    return held


def later(wait: timedelta) -> datetime:
    """Return the moment ``wait`` from now."""
    return timezone.now() + wait


def _give_up(delivery: Delivery, text: str) -> None:
    kind = kinds.find(delivery.message.kind)
    try:
        with transaction.atomic():
            if finish(delivery, state=State.FAILED, last_error=text):
                _tell(kind, delivery, text)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        # The hook's failure is no reason to try the delivery again.
        logger.exception("What %s does about delivery %s failed.", delivery.message.kind, delivery.pk)
        finish(delivery, state=State.FAILED, last_error=text)


def _tell(kind: Kind | None, delivery: Delivery, text: str) -> None:
    if kind is not None and kind.on_given_up is not None:
        delivery.state, delivery.last_error = State.FAILED, text
        kind.on_given_up(delivery)
