"""Writing into the ledger. Sending is the worker's: see ``notifications.sending``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from lib.addresses import normalise_email
from notifications import audiences, kinds, nudge
from notifications.audiences import is_bulk
from notifications.identifiers import new_mail_id
from notifications.models import ENDPOINTS, Channel, Delivery, Message

# Above it an audience is written as criteria and expanded by a worker.
AUDIENCE_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class To:
    """A recipient: a user, a bare address, or an endpoint (``channel=WEBHOOK`` or ``CHAT``, its URL as address).

    ``language`` and ``time_zone`` are those of a bare address; ``reference`` is what the app knows it by.
    """

    user: User | None = None
    address: str = ""
    channel: Channel = Channel.MAIL
    language: str = ""
    time_zone: str = ""
    reference: str = ""


@transaction.atomic
def post(
    *,
    kind: str,
    event: str,
    recipients: Iterable[To],
    context: Mapping[str, Any],
    actor: User | None = None,
    thread: str = "",
    digest_key: str = "",
    not_before: datetime | None = None,
) -> Message | None:
    """Write one message and its deliveries, in the caller's transaction, and nudge the worker after commit.

    ``event`` names what happened, once and for all: a second call for the same event writes nothing more to
    recipients who have theirs. The actor gets nothing. Mails with one ``digest_key`` to one recipient that wait
    together (``not_before``) become one mail. Returns ``None`` when nobody is left.
    """
    kinds.get(kind)
    rows = _deliveries(recipients, event=event, actor=actor)
    if not rows:
        return None
    message, _created = Message.objects.get_or_create(
        event=event,
        defaults={"kind": kind, "context": dict(context), "actor": actor, "thread": thread},
    )
    for row in rows:
        row.message = message
        row.is_bulk = is_bulk(kind, channel=row.channel, digest_key=digest_key)
        row.digest_key = digest_key
        row.not_before = not_before or row.not_before
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    nudge.after_commit()
    return message


@transaction.atomic
def post_to_audience(
    *,
    kind: str,
    event: str,
    audience: str,
    criteria: Mapping[str, Any],
    context: Mapping[str, Any],
    channel: Channel = Channel.MAIL,
    actor: User | None = None,
    thread: str = "",
    digest_key: str = "",
    not_before: datetime | None = None,
    later: bool | None = None,
) -> Message:
    """Write one message to a registered audience (``notifications.audiences``), over one channel.

    Up to ``AUDIENCE_LIMIT`` members its deliveries are written here and now; above it the criteria are frozen and a
    worker writes them; ``later`` says which, where the caller has counted already. A second channel of the same event
    is a second message, with an ``event`` of its own.
    """
    kinds.get(kind)
    frozen = {"name": audience, "criteria": dict(criteria), "channel": str(channel), "digest_key": digest_key}
    if not_before:
        frozen["not_before"] = not_before.isoformat()
    message, created = Message.objects.get_or_create(
        event=event,
        defaults={"kind": kind, "context": dict(context), "actor": actor, "thread": thread, "audience": frozen},
    )
    if not created:
        return message
    if later is None:
        later = len(audiences.members(audience, criteria)[: AUDIENCE_LIMIT + 1]) > AUDIENCE_LIMIT
    if later:
        nudge.expand_after_commit()
    else:
        audiences.expand(message)
    return message


def dedupe_key(event: str, recipient: str, channel: str, reference: str = "") -> str:
    """Return ``event:recipient:channel``, the key that makes a second delivery impossible.

    Two webhooks at one URL are two recipients when their references differ: each has a secret of its own, and nobody
    who knows the URL shall be able to take the other's place.
    """
    if channel == Channel.WEBHOOK and reference:
        recipient = f"{recipient}#{reference}"
    return f"{event}:{recipient}:{channel}"


def _deliveries(recipients: Iterable[To], *, event: str, actor: User | None) -> Sequence[Delivery]:
    rows: dict[str, Delivery] = {}
    actor_address = normalise_email(actor.email) if actor else None
    for to in recipients:
        address = _address(to)
        if (
            not address
            or address == actor_address
            or (to.user is not None and (to.user == actor or not to.user.is_active))
        ):
            continue
        key = dedupe_key(event, address, to.channel, to.reference)
        rows.setdefault(
            key,
            Delivery(
                channel=to.channel,
                user=to.user,
                address="" if to.channel == Channel.SITE else address,
                reference=to.reference,
                language=to.language,
                time_zone=to.time_zone,
                dedupe_key=key,
                mail_id=new_mail_id(to.channel),
            ),
        )
    return list(rows.values())


def _address(to: To) -> str:
    if to.channel in ENDPOINTS:
        return to.address
    return normalise_email(to.user.email if to.user else to.address)


def withdraw(events: Sequence[str]) -> int:
    """Take back from the notification centres what was told of ``events``, each the beginning of an event's name.

    What waits is for ``may_receive`` to stop, and a mail that was sent is its recipient's. Returns how many there were.
    """
    begins = Q()
    for event in events:
        begins |= Q(event__startswith=event)
    if not begins:
        return 0
    messages = Message.objects.filter(begins).values("pk")
    told = Delivery.objects.filter(message__in=messages, channel=Channel.SITE, state=Delivery.State.SENT)
    return told.update(state=Delivery.State.DROPPED, subject="", text="", html="")
