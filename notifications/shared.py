"""Words that many recipients share: rendered once for each language and time zone, kept once, filled in for each.

Where a recipient's own links belong, the kept words hold marks; what a reader of the ledger sees is made again from
the delivery's reference.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

from notifications import kinds, links, rendering
from notifications.kinds import Kind
from notifications.links import Links
from notifications.models import Delivery, Message, SharedBody
from notifications.rendering import Rendered


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader of the ledger sees of a delivery."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What shared words depend on besides their message."""

    language: str
    time_zone: str
    has_unsubscribe: bool
    has_manage: bool


def voice_of(delivery: Delivery, own: Links) -> Voice:
    """Return in which of its forms the recipient reads a message."""
    language, time_zone = rendering.voice(delivery)
    return Voice(language, time_zone, has_unsubscribe=bool(own.unsubscribe), has_manage=bool(own.manage))


def body_of(kind: Kind, message: Message, voice: Voice) -> SharedBody:
    """Return the words of ``message``, rendered now unless they were before. Raises what a broken template raises."""
    key: dict[str, Any] = {
        "message": message,
        "language": voice.language,
        "time_zone": voice.time_zone,
        "has_unsubscribe": voice.has_unsubscribe,
        "has_manage": voice.has_manage,
    }
    known = SharedBody.objects.filter(**key).first()
    if known is not None:
        return known
    fresh = SharedBody(**key, mark=secrets.token_hex(16))
    with rendering.personal(None, language=voice.language, time_zone=voice.time_zone):
        rendered = rendering.mail(kind, Delivery(message=message), marks(fresh))
    fresh.subject, fresh.text, fresh.html = rendered.subject, rendered.text, rendered.html.replace("\0", "")
    # Another worker may have been quicker: there is one body, and both go on with it.
    SharedBody.objects.bulk_create([fresh], ignore_conflicts=True)
    return SharedBody.objects.get(**key)


def marks(body: SharedBody) -> Links:
    """Return what stands in ``body`` for the links."""
    return Links(
        unsubscribe=f"unsubscribe{body.mark}" if body.has_unsubscribe else "",
        manage=f"manage{body.mark}" if body.has_manage else "",
    )


def filled(body: SharedBody, own: Links) -> Rendered:
    """Return the words with the recipient's links in them."""
    held = marks(body)
    text, html = body.text, body.html
    for mark, link in ((held.unsubscribe, own.unsubscribe), (held.manage, own.manage)):
        if mark:
            text, html = text.replace(mark, link), html.replace(mark, escape(link))
    return Rendered(
        subject=body.subject,
        text=text,
        html=html,
        unsubscribe_url=own.unsubscribe,
        manage_url=own.manage,
        body_id=body.pk,
    )


def shown(delivery: Delivery) -> Words:
    """Return what was sent, as its recipient saw it: the delivery's own words, or the shared ones filled in."""
    if delivery.body_id is None:
        return Words(delivery.text, delivery.html)
    kind = kinds.find(delivery.message.kind)
    try:
        own = links.of(kind, delivery) if kind else Links()
    except ValueError:
        own = Links()
    rendered = filled(delivery.body, own) if delivery.body else Rendered("", "")
    return Words(rendered.text, rendered.html)
