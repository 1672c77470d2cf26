"""Shared mails by the hundred: what a fan-out to 100,000 subscribers goes through.

Whether the recipients may have them is asked for the whole batch, words and MIME are made once, and between two mails
stands one short statement, which records that the first was taken.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError
from django.db.models import Q

from notifications import claims, kinds, links, mime, outcomes, rendering, shared, transports
from notifications.handovers import Handovers
from notifications.kinds import Kind
from notifications.links import Links
from notifications.models import Delivery, Message, OptOut, SharedBody
from notifications.moulds import Mould
from notifications.transports import MailTransport, Outage

FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 100, 25, 1_000
# The next batch is as large as what goes out in so long: who opts out meanwhile may still get it.
BATCH_SECONDS = 2.0
# A server that turns slow in the middle is not waited for longer: other mail may be more urgent.
LONGEST_BATCH_SECONDS = 10.0
MOULDS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail that only has to be sent: nothing more is asked of the database for it."""

    delivery: Delivery
    own: Links
    body: SharedBody
    mould: Mould


@dataclass(slots=True)
class Bulk:
    """One run's part in a fan-out: what it has rendered, and how quickly mails go out."""

    mail: MailTransport
    limit: int = FIRST_BATCH
    takes_bytes: bool = field(default_factory=transports.takes_bytes)
    _moulds: dict[Any, tuple[SharedBody, Mould] | Exception] = field(default_factory=dict)

    def take(self) -> list[Delivery]:
        """Claim the next batch."""
        return claims.take_bulk(limit=self.limit)

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Send a claimed batch. Raises ``Outage`` once the mail server cannot be reached; the rest is given back."""
        token = batch[0].claim
        begun = time.monotonic()
        under_way: Delivery | None = None
        pause = None
        count = 0
        handovers = Handovers()
        try:
            for ready in self._prepared(batch):
                # Past it the claim might be another's: what is not begun is given back.
                if time.monotonic() > begun + LONGEST_BATCH_SECONDS:
                    break
                under_way = ready.delivery
                if self._attempt(ready, handovers):
                    handovers.record(under_way, body_id=ready.body.id)
                under_way = None
                count += 1
        except Outage as error:
            handovers.wait()
            outcomes.failed([under_way] if under_way else [], error)
            under_way = None
            pause = outcomes.later(outcomes.OUTAGE_PAUSE)
            raise
        finally:
            handovers.wait()
            claims.settle([token])
            # What an interruption caught in the middle may have left: its claim goes stale and is recovered.
            doubtful = [under_way.pk] if under_way is not None else []
            claims.release(token, not_before=pause, keep=doubtful, is_counted=True)
            rate = count / max(time.monotonic() - begun, 0.001)
            self.limit = min(max(int(rate * BATCH_SECONDS), SMALLEST_BATCH), LARGEST_BATCH)

    def _attempt(self, ready: Ready, handovers: Handovers) -> bool:
        """Send one mail and say whether it was taken; record its failure. Raises ``Outage``."""
        try:
            if self.takes_bytes:
                raw = ready.mould.cast(ready.delivery, ready.own)
                self.mail.send_bytes(ready.delivery.address, raw, before_data=handovers.wait)
            else:
                handovers.wait()
                self.mail.send(mime.build(ready.delivery, shared.filled(ready.body, ready.own)))
        except (SoftTimeLimitExceeded, Outage):
            raise
        except DatabaseError:
            raise  # of the record of the mail before this one: nothing may be sent any more
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
            handovers.wait()
            outcomes.failed([ready.delivery], error)
            return False
        return True

    def _prepared(self, batch: Sequence[Delivery]) -> list[Ready]:
        """Ask and render for the whole batch; record what becomes of those that cannot or shall not be sent."""
        found = []
        for delivery, kind in allowed(batch):
            try:
                own = links.of(kind, delivery)
                body, mould = self._mould(kind, delivery, own)
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                outcomes.failed([delivery], error)
            else:
                found.append(Ready(delivery, own, body, mould))
        return found

    def _mould(self, kind: Kind, delivery: Delivery, own: Links) -> tuple[SharedBody, Mould]:
        # What a voice is made of, for it takes longer to make than all the rest.
        of_user = (delivery.user.language, delivery.user.time_zone) if delivery.user else ()
        has = bool(own.unsubscribe), bool(own.manage)
        key = (delivery.message_id, delivery.language, delivery.time_zone, of_user, has)
        found = self._moulds.get(key)
        if found is None:
            if len(self._moulds) >= MOULDS_KEPT:
                self._moulds.clear()
            try:
                body = shared.body_of(kind, delivery.message, shared.voice_of(delivery, own))
                found = body, Mould(delivery, body)
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:  # noqa: BLE001 - a template that is broken for one is broken for all
                found = error
            self._moulds[key] = found
        if isinstance(found, Exception):
            raise found
        return found


def allowed(batch: Sequence[Delivery]) -> Iterator[tuple[Delivery, Kind]]:
    """Yield those that may be sent, in order; record at once what becomes of the others."""
    by_message: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in batch:
        by_message[delivery.message_id].append(delivery)
    for deliveries in by_message.values():
        message = deliveries[0].message
        kind = kinds.find(message.kind)
        if kind is None:
            outcomes.failed(deliveries, KeyError(f"No app registers the kind {message.kind}."))
            continue
        try:
            refused = _refused(kind, message, deliveries)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - a question that cannot be answered holds up its own kind only
            outcomes.failed(deliveries, error)
            continue
        for reason in set(refused.values()):
            claims.drop([row for row in deliveries if refused.get(row.pk) == reason], reason=reason)
        yield from ((delivery, kind) for delivery in deliveries if delivery.pk not in refused)


def _refused(kind: Kind, message: Message, deliveries: Sequence[Delivery]) -> dict[int, str]:
    """Return why which of them shall not be sent, by their ids; ``sending.ask`` asks the same of a single one."""
    refused: dict[int, str] = {}
    opted_out = _opted_out(kind.category, deliveries)
    recipients = {delivery.pk: rendering.recipient_of(delivery) for delivery in deliveries}
    many = kind.may_receive_many
    may = set(many(list(recipients.values()), message.context)) if many else set()
    for delivery in deliveries:
        recipient = recipients[delivery.pk]
        if delivery.user is not None and not delivery.user.is_active:
            refused[delivery.pk] = outcomes.SIGN_IN_IS_OFF
        elif recipient not in may if many else not kind.may_receive(recipient, message.context):
            refused[delivery.pk] = outcomes.MAY_NOT_SEE
        elif (delivery.user_id, "") in opted_out or (None, delivery.address) in opted_out:
            refused[delivery.pk] = outcomes.OPTED_OUT
    return refused


def _opted_out(category: str, deliveries: Sequence[Delivery]) -> set[tuple[int | None, str]]:
    if not category:
        return set()
    users = {delivery.user_id for delivery in deliveries if delivery.user_id}
    who = Q(user__in=users) | Q(user=None, address__in={delivery.address for delivery in deliveries})
    found = OptOut.objects.filter(who, category=category).values_list("user_id", "address")
    return {(user_id, "" if user_id else address) for user_id, address in found}
