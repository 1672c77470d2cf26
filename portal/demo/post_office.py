"""The demo's mails: written down as sent at their time, so that the ledger has a history and nobody is mailed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from notifications import kinds, nudge, rendering
from notifications.kinds import Kind, Recipient
from notifications.models import Channel, Delivery

SECONDS_UNDER_WAY = timedelta(seconds=4)
# Whoever was told of something on the site has seen it, unless it is quite new.
UNREAD_FOR = timedelta(days=2)


@contextmanager
def closed() -> Iterator[None]:
    """Let nothing wake the workers meanwhile."""
    with mock.patch.object(nudge, "send"):
        yield


def send_all(known: Mapping[int, User] | None = None) -> None:
    """Render what waits, as it is true now, and mark it as sent a few seconds later.

    ``known`` are people whose memberships and roles stay as they are meanwhile: they are not read again for each mail.
    """
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING).select_related("message", "user")
    kind_for: dict[tuple[int, int | None], Kind] = {}
    for delivery in waiting.order_by("id"):
        if known and delivery.user_id is not None and delivery.user_id in known:
            delivery.user = known[delivery.user_id]
        # Mail and site of one person tell the same.
        whose = (delivery.message_id, delivery.user_id)
        if whose not in kind_for:
            kind_for[whose] = _remembering(kinds.get(delivery.message.kind))
        _send(delivery, kind_for[whose])


def settle() -> None:
    """Mark what people must have read since."""
    old = Delivery.objects.filter(channel=Channel.SITE, read_at=None, sent_at__lt=timezone.now() - UNREAD_FOR)
    old.update(read_at=F("sent_at") + timedelta(hours=2))


def _remembering(kind: Kind) -> Kind:
    """Return ``kind`` for one message to one person: it asks the database once."""
    may_receive, present = kind.may_receive, kind.present
    allowed: list[bool] = []
    shown: list[dict[str, Any]] = []

    def ask(recipient: Recipient, context: Mapping[str, Any]) -> bool:
        allowed[:] = allowed or [may_receive(recipient, context)]
        return allowed[0]

    def show(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
        shown[:] = shown or [present(recipient, context)]
        return shown[0]

    return replace(kind, may_receive=ask, present=show)


def _send(delivery: Delivery, kind: Kind) -> None:
    if not kind.may_receive(rendering.recipient_of(delivery), delivery.message.context):
        delivery.state = Delivery.State.DROPPED
    else:
        with rendering.personal(delivery.user):
            render = rendering.line if delivery.channel == Channel.SITE else rendering.mail
            words = render(kind, delivery)
        delivery.state = Delivery.State.SENT
        delivery.attempts = 1
        delivery.sent_at = timezone.now() + SECONDS_UNDER_WAY
        delivery.subject, delivery.text, delivery.html = words.subject, words.text, words.html
        if kind.is_secret:
            delivery.text = delivery.html = ""
    delivery.save()
