"""The worker's side of the ledger: claim, ask, render, send, record. DESIGN's *Delivery* is the contract.

Nothing here runs inside a transaction of its own: a mail that left cannot be rolled back, so its result is recorded at
once, each by one short statement.
"""

import json
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from notifications import claims, kinds, links, mime, nudge, outcomes, rendering, shared, transports, unsubscribing
from notifications.bulk import Bulk
from notifications.kinds import Kind
from notifications.models import ENDPOINTS, Channel, Delivery
from notifications.outcomes import Dropped, later
from notifications.rendering import Rendered
from notifications.transports import MailTransport, Outage, PermanentFailure

# One run ends soon, so that other tasks get their turn and a worker can be stopped; the next goes on.
RUN_SECONDS = 20
# Endpoints of one batch are posted to side by side: each may take its ten seconds.
ENDPOINTS_AT_ONCE = 8

State = Delivery.State


def run(*, seconds: float = RUN_SECONDS, channels: Collection[str] = Channel.values) -> int:
    """Send what is due until nothing is, at most about ``seconds`` long. Returns how many deliveries were handled."""
    claims.recover()
    worker = Worker(channels)
    deadline = time.monotonic() + seconds
    handled = 0
    try:
        while batch := worker.take():
            handled += worker.deliver(batch)
            if time.monotonic() > deadline:
                nudge.deliver_due()
                break
    finally:
        worker.mail.close()
    return handled


class Worker:
    """One run: its mail connection, and the channels that still work."""

    def __init__(self, channels: Collection[str] = Channel.values) -> None:
        self.mail = MailTransport()
        self.bulk = Bulk(self.mail)
        self.channels: set[str] = set(channels)
        self.has_outage = False

    def take(self) -> list[Delivery]:
        """Claim the next batch: single deliveries first, for a sign-in mail waits for no fan-out and no digest."""
        singles = claims.take(channels=self.channels)
        if singles or Channel.MAIL not in self.channels:
            return singles
        return self.bulk.take() or claims.take_digest(channels=self.channels)

    def deliver(self, batch: list[Delivery]) -> int:
        """Handle a claimed batch, one by one, or together when it is a digest. Returns how many."""
        if batch[0].is_bulk:
            try:
                self.bulk.deliver(batch)
            except Outage:
                self._stop_mail()
            return len(batch)
        token = batch[0].claim
        alone = [delivery for delivery in batch if delivery.channel not in ENDPOINTS]
        groups = [batch] if batch[0].digest_key else [[delivery] for delivery in alone]
        doubtful: list[int] = []
        try:
            for group in groups:
                if group[0].channel not in self.channels or not claims.start(group):
                    continue
                doubtful = [delivery.pk for delivery in group]
                self._deliver(group)
                doubtful = []
            endpoints = [delivery for delivery in batch if delivery.channel in ENDPOINTS]
            doubtful = [delivery.pk for delivery in endpoints]
            self._post(endpoints)
            doubtful = []
        finally:
            # What an interruption caught in the middle may have left: its claim goes stale and is recovered.
            claims.release(token, not_before=later(outcomes.OUTAGE_PAUSE) if self.has_outage else None, keep=doubtful)
        return len(batch)

    def _deliver(self, group: list[Delivery]) -> None:
        readable = [(delivery, rendered) for delivery in group if (rendered := self._prepared(delivery)) is not None]
        if not readable:
            return
        leader, rendered = readable[0]
        deliveries = [delivery for delivery, _rendered in readable]
        try:
            if len(readable) > 1:
                with rendering.for_recipient(leader):
                    rendered = rendering.digest([item for _delivery, item in readable])
            if leader.channel == Channel.MAIL:
                self.mail.send(mime.build(leader, rendered))
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
            self._failed(deliveries, error)
        else:
            for delivery, item in readable:
                outcomes.sent(delivery, item, mail_id=leader.mail_id)

    def _post(self, endpoints: list[Delivery]) -> None:
        """Post to endpoints side by side. Threads only post: everything that is read or written is so here."""
        with ThreadPoolExecutor(ENDPOINTS_AT_ONCE) as pool:
            posted = {}
            for delivery in endpoints:
                if claims.start([delivery]) and (rendered := self._prepared(delivery)) is not None:
                    try:
                        post = _post_of(delivery, rendered)
                    except Exception as error:  # noqa: BLE001 - as everywhere: it holds up nobody else
                        self._failed([delivery], error)
                    else:
                        posted[pool.submit(post)] = delivery, rendered
            for done in as_completed(posted):
                delivery, rendered = posted[done]
                try:
                    done.result()
                except Exception as error:  # noqa: BLE001 - one endpoint's failure is not another's
                    self._failed([delivery], error)
                else:
                    outcomes.sent(delivery, rendered, mail_id=delivery.mail_id)

    def _prepared(self, delivery: Delivery) -> Rendered | None:
        """Ask and render; record the outcome of what cannot or shall not be sent."""
        error: Exception
        try:
            kind = kinds.get(delivery.message.kind)
            with rendering.for_recipient(delivery):
                ask(kind, delivery)
                return render(kind, delivery)
        except SoftTimeLimitExceeded:
            raise
        except Dropped as reason:
            outcomes.finish(delivery, state=State.DROPPED, last_error=str(reason))
        except KeyError as missing:
            is_known = kinds.find(delivery.message.kind) is not None
            error = missing if is_known else KeyError(f"No app registers the kind {delivery.message.kind}.")
            self._failed([delivery], error)
        except Exception as broken:  # noqa: BLE001 - a broken template holds up its own deliveries only
            self._failed([delivery], broken)
        return None

    def _failed(self, deliveries: list[Delivery], error: Exception) -> None:
        if isinstance(error, Outage):
            self._stop_mail()
        outcomes.failed(deliveries, error)

    def _stop_mail(self) -> None:
        self.has_outage = True
        self.channels.discard(Channel.MAIL)


def ask(kind: Kind, delivery: Delivery) -> None:
    """Raise ``Dropped`` unless the recipient may have this now, and wants it."""
    # An endpoint is a program's, not its owner's: whether it is told on is what its kind says.
    is_endpoint = delivery.channel in ENDPOINTS
    if delivery.user is not None and not delivery.user.is_active and not is_endpoint:
        raise Dropped(outcomes.SIGN_IN_IS_OFF)
    if not kind.may_receive(rendering.recipient_of(delivery), delivery.message.context):
        raise Dropped(outcomes.MAY_NOT_SEE)
    if delivery.channel == Channel.MAIL and unsubscribing.has_opted_out(delivery, kind.category):
        raise Dropped(outcomes.OPTED_OUT)
    if delivery.channel == Channel.WEBHOOK and has_secrets(kind) and not secret_of(kind, delivery):
        raise Dropped(outcomes.ENDPOINT_REMOVED)


def has_secrets(kind: Kind) -> bool:
    """Say whether the kind can sign at all."""
    return kind.endpoint_secret is not None or kind.webhook_secret is not None


def secret_of(kind: Kind, delivery: Delivery) -> str:
    """Return what a webhook is signed with; empty when it was removed."""
    if kind.endpoint_secret is not None:
        return kind.endpoint_secret(rendering.recipient_of(delivery))
    return kind.webhook_secret(delivery.address) if kind.webhook_secret is not None else ""


def render(kind: Kind, delivery: Delivery) -> Rendered:
    """Render for the delivery's channel: a mail, a line on the site, or an endpoint's JSON."""
    if delivery.channel == Channel.MAIL:
        if not kind.is_shared:
            return rendering.mail(kind, delivery)
        own = links.of(kind, delivery)
        return shared.filled(shared.body_of(kind, delivery.message, shared.voice_of(delivery, own)), own)
    if delivery.channel == Channel.SITE:
        return rendering.line(kind, delivery)
    context = rendering.presented(kind, delivery)
    line = rendering.one_line(rendering.summary(kind, context))
    body: bytes | Mapping[str, Any]
    if delivery.channel == Channel.CHAT:
        body = kind.chat_body(context) if kind.chat_body else {"text": f"{line}\n{context['url']}"}
    elif kind.webhook_body:
        body = kind.webhook_body(context)
    else:
        data = kind.payload(context) if kind.payload else {"summary": line, "url": context["url"]}
        # The same at each attempt, but for the signature: the time is that of the event.
        body = {"type": kind.name, "timestamp": delivery.message.created_at.isoformat(), "data": data}
    payload = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Rendered(subject=line, text=payload.decode(errors="replace").replace("\0", ""), payload=payload)


def _post_of(delivery: Delivery, rendered: Rendered) -> Callable[[], None]:
    """Return the posting itself, for a thread that asks the database nothing."""
    if delivery.channel == Channel.CHAT:
        return partial(transports.post_json, delivery.address, body=rendered.payload)
    secret = secret_of(kinds.get(delivery.message.kind), delivery)
    if not secret:
        return partial(_refuse, PermanentFailure("The endpoint has no signing secret."))
    return partial(
        transports.post_webhook,
        delivery.address,
        webhook_id=delivery.mail_id,
        body=rendered.payload,
        secret=secret,
    )


def _refuse(error: Exception) -> None:
    raise error
