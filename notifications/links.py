"""A recipient's own links: out of what they get with one click, and to where they choose."""

import re
from dataclasses import dataclass

from django.conf import settings

from notifications import unsubscribing
from notifications.kinds import Kind, Recipient
from notifications.models import Delivery

LINK_MAX_LENGTH = 400  # characters
# They stand in headers between angle brackets, and in bodies: printable ASCII without spaces.
_LINK = re.compile(rf"\A(?:https?://[!-;=?-~]{{1,{LINK_MAX_LENGTH - 8}}})?\Z")


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses; empty for none."""

    unsubscribe: str = ""
    manage: str = ""


def of(kind: Kind, delivery: Delivery) -> Links:
    """Return the links of the delivery's recipient. Raises ``ValueError`` for one that a mail cannot hold."""
    recipient = Recipient(user=delivery.user, address=delivery.address, reference=delivery.reference)
    frozen = delivery.message.context
    manage = f"{settings.PORTAL_URL}/account/notifications/" if delivery.user_id else ""
    unsubscribe = kind.unsubscribe_url(recipient, frozen) if kind.unsubscribe_url else _of_category(kind, delivery)
    found = Links(unsubscribe, kind.manage_url(recipient, frozen) if kind.manage_url else manage)
    for link in (found.unsubscribe, found.manage):
        if not _LINK.match(link):
            raise ValueError(f"{kind.name} makes a link that a mail cannot hold.")
    return found


def _of_category(kind: Kind, delivery: Delivery) -> str:
    return unsubscribing.url(delivery, kind) if kind.category else ""
