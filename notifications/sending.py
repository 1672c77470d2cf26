"""The worker's side of the ledger: claim, ask, render, send, record. DESIGN's *Delivery* is the contract.

Nothing here runs inside a transaction of its own: a mail that left cannot be rolled back, so its result is recorded at
once, each by one short statement.
"""

import json
import logging
import random
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from notifications import claims, kinds, mime, nudge, rendering, transports, unsubscribing
from notifications.kinds import Kind
from notifications.models import Channel, Delivery, Message
from notifications.rendering import Rendered
from notifications.transports import MailTransport, Outage, PermanentFailure, TemporaryFailure

logger = logging.getLogger(__name__)

# A mail server may be away for days: RFC 5321, section 4.5.4.1, asks a sender to try for four to five.
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 35
OUTAGE_PAUSE = timedelta(seconds=30)
# One run ends in good time, so that a worker can be stopped; the next goes on.
RUN_SECONDS = 120
ERROR_MAX_LENGTH = 1_000

State = Delivery.State


class Dropped(Exception):  # noqa: N818 - an outcome
    """The recipient shall not have it: no access any more, opted out, endpoint removed."""


def run(*, seconds: float = RUN_SECONDS) -> int:
    """Send what is due until nothing is, at most about ``seconds`` long. Returns how many deliveries were handled."""
    claims.recover()
    worker = Worker()
    deadline = time.monotonic() + seconds
    handled = 0
    try:
        while batch := worker.take():
            handled += worker.deliver(batch)
            if time.monotonic() > deadline:
                nudge.send("notifications.tasks.deliver_due")
                break
    finally:
        worker.mail.close()
    return handled


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: doubled each time, with jitter so that retries spread."""
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LONGEST_RETRY)
    jittered: timedelta = wait * random.uniform(0.8, 1.2)  # noqa: S311 - nobody gains by guessing it
    return jittered


class Worker:
    """One run: its mail connection, and the channels that still work."""

    def __init__(self) -> None:
        self.mail = MailTransport()
        self.channels: set[str] = set(Channel.values)

    def take(self) -> list[Delivery]:
        """Claim the next batch: a digest, or single deliveries."""
        return claims.take_digest(channels=self.channels) or claims.take(channels=self.channels)

    def deliver(self, batch: list[Delivery]) -> int:
        """Handle a claimed batch, one by one, or together when it is a digest. Returns how many."""
        token = batch[0].claim
        groups = [batch] if batch[0].digest_key else [[delivery] for delivery in batch]
        doubtful: list[int] = []
        try:
            for group in groups:
                if group[0].channel not in self.channels or not claims.start(group):
                    continue
                doubtful = [delivery.pk for delivery in group]
                self._deliver(group)
                doubtful = []
        finally:
            # What an interruption caught in the middle may have left: its claim goes stale and is recovered.
            pause = None if self.channels == set(Channel.values) else later(OUTAGE_PAUSE)
            claims.release(token, not_before=pause, keep=doubtful)
        return len(batch)

    def _deliver(self, group: list[Delivery]) -> None:
        readable = [(delivery, rendered) for delivery in group if (rendered := self._prepared(delivery)) is not None]
        if not readable:
            return
        leader, rendered = readable[0]
        deliveries = [delivery for delivery, _rendered in readable]
        try:
            if len(readable) > 1:
                with rendering.personal(leader.user):
                    digest = rendering.digest([item for _delivery, item in readable], deliveries)
                self.mail.send(mime.build(leader, digest))
            else:
                self._send(leader, rendered)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
            self._failed(deliveries, error)
        else:
            for delivery, item in readable:
                sent(delivery, item, mail_id=leader.mail_id)

    def _prepared(self, delivery: Delivery) -> Rendered | None:
        """Ask and render; record the outcome of what cannot or shall not be sent."""
        try:
            kind = kinds.get(delivery.message.kind)
            with rendering.personal(delivery.user):
                ask(kind, delivery)
                return render(kind, delivery)
        except SoftTimeLimitExceeded:
            raise
        except Dropped as reason:
            finish(delivery, state=State.DROPPED, last_error=str(reason))
        except KeyError:
            if kinds.find(delivery.message.kind) is None:
                error = KeyError(f"No app registers the kind {delivery.message.kind}.")
            self._failed([delivery], error)
        except Exception as error:  # noqa: BLE001 - a broken template holds up its own deliveries only
            self._failed([delivery], error)
        return None

    def _send(self, delivery: Delivery, rendered: Rendered) -> None:
        if delivery.channel == Channel.MAIL:
            self.mail.send(mime.build(delivery, rendered))
        elif delivery.channel == Channel.WEBHOOK:
            kind = kinds.get(delivery.message.kind)
            secret = kind.webhook_secret(delivery.address) if kind.webhook_secret else ""
            if not secret:
                raise PermanentFailure("The endpoint has no signing secret.")
            transports.post_webhook(
                delivery.address, webhook_id=delivery.mail_id, body=rendered.text.encode(), secret=secret
            )

    def _failed(self, deliveries: list[Delivery], error: Exception) -> None:
        if isinstance(error, Outage):
            self.channels.discard(Channel.MAIL)
        text = str(error) if isinstance(error, TemporaryFailure | PermanentFailure) else transports.describe(error)
        for delivery in deliveries:
            logger.warning(
                "Delivery %s (%s) failed at attempt %s: %s", delivery.pk, delivery.message.kind, delivery.attempts, text
            )
            if isinstance(error, PermanentFailure) or delivery.attempts >= MAX_ATTEMPTS:
                finish(delivery, state=State.FAILED, last_error=text)
            else:
                finish(delivery, state=State.PENDING, last_error=text, not_before=later(back_off(delivery.attempts)))


def ask(kind: Kind, delivery: Delivery) -> None:
    """Raise ``Dropped`` unless the recipient may have this now, and wants it."""
    if delivery.user is not None and not delivery.user.is_active:
        raise Dropped("The recipient's sign-in is off.")
    if not kind.may_receive(rendering.recipient_of(delivery), delivery.message.context):
        raise Dropped("The recipient may no longer see it.")
    if delivery.channel == Channel.MAIL and unsubscribing.has_opted_out(delivery, kind.category):
        raise Dropped("The recipient has opted out.")
    if delivery.channel == Channel.WEBHOOK and kind.webhook_secret and not kind.webhook_secret(delivery.address):
        raise Dropped("The endpoint was removed.")


def render(kind: Kind, delivery: Delivery) -> Rendered:
    """Render for the delivery's channel: a mail, a line on the site, or a webhook's JSON."""
    if delivery.channel == Channel.MAIL:
        return rendering.mail(kind, delivery)
    if delivery.channel == Channel.SITE:
        return rendering.line(kind, delivery)
    context = rendering.presented(kind, delivery)
    line = rendering.one_line(rendering.summary(kind, context))
    data: Mapping[str, Any] = kind.payload(context) if kind.payload else {"summary": line, "url": context["url"]}
    # The same at each attempt, but for the signature: the time is that of the event.
    happened = delivery.message.created_at.isoformat()
    body = json.dumps({"type": kind.name, "timestamp": happened, "data": data}, ensure_ascii=False)
    return Rendered(subject=line, text=body)


def sent(delivery: Delivery, rendered: Rendered, *, mail_id: str) -> None:
    """Record that it went out, and what its reader sees."""
    kind = kinds.find(delivery.message.kind)
    is_secret = kind is not None and kind.is_secret
    finish(
        delivery,
        state=State.SENT,
        sent_at=timezone.now(),
        last_error="",
        mail_id=delivery.mail_id if delivery.channel != Channel.MAIL else mail_id,
        subject=rendered.subject,
        text="" if is_secret else rendered.text,
        html="" if is_secret else rendered.html,
    )


def finish(delivery: Delivery, *, state: str, **fields: Any) -> None:
    """Record a result; forget a secret message's words once nobody waits for them."""
    if "last_error" in fields:
        fields["last_error"] = fields["last_error"].replace("\0", "")[:ERROR_MAX_LENGTH]
    held = claims.finish(delivery, state=state, **fields)
    kind = kinds.find(delivery.message.kind)
    if held and state != State.PENDING and kind is not None and kind.is_secret:
        waiting = Delivery.objects.filter(message=delivery.message_id, state__in=[State.PENDING, State.SENDING])
        if not waiting.exists():
            Message.objects.filter(pk=delivery.message_id).update(context={})


def later(wait: timedelta) -> datetime:
    """Return the moment ``wait`` from now."""
    return timezone.now() + wait
