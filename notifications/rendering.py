"""From a delivery to its words: in the recipient's language and time zone, from what is true just now."""

import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from lib import brand, brand_assets
from notifications import links
from notifications.kinds import Kind, Recipient
from notifications.links import Links
from notifications.models import Delivery

SUBJECT_MAX_LENGTH = 300  # characters; the column's

# Whom shared words are presented for.
NOBODY = Recipient(user=None, address="")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_DRAWN_IN_MAILS = {".png", ".jpg", ".jpeg"}
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a recipient reads. ``quote`` is what a digest shows of it: its line, and what of the context it names.

    ``payload`` is an endpoint's body, whose text is for reading; ``body_id`` tells that the words are kept elsewhere.
    """

    subject: str
    text: str
    html: str = ""
    unsubscribe_url: str = ""
    quote: Mapping[str, Any] = field(default_factory=dict)
    manage_url: str = ""
    payload: bytes = b""
    body_id: int | None = None


@contextmanager
def personal(user: User | None, *, language: str = "", time_zone: str = "") -> Iterator[None]:
    """Speak ``language`` and tell times in ``time_zone``; the user's where there is none, or the portal's own."""
    zone = _zone(time_zone) or (user.zone if user else timezone.get_default_timezone())
    known = _language(language) or _language(user.language if user else "") or settings.LANGUAGE_CODE
    with translation.override(known), timezone.override(zone):
        yield


def for_recipient(delivery: Delivery) -> AbstractContextManager[None]:
    """Speak as the recipient of ``delivery`` reads."""
    return personal(delivery.user, language=delivery.language, time_zone=delivery.time_zone)


def voice(delivery: Delivery) -> tuple[str, str]:
    """Return language and time zone as ``for_recipient`` sets them."""
    user = delivery.user
    language = _language(delivery.language) or _language(user.language if user else "") or settings.LANGUAGE_CODE
    if _zone(delivery.time_zone):
        return language, delivery.time_zone
    return language, user.zone.key if user else settings.TIME_ZONE


def recipient_of(delivery: Delivery) -> Recipient:
    """Return who ``delivery`` is for."""
    return Recipient(user=delivery.user, address=delivery.address, reference=delivery.reference)


def presented(kind: Kind, delivery: Delivery, shown: Links | None = None) -> dict[str, Any]:
    """Return the context of the kind's templates: the kind's own, over what every message may use.

    ``shown`` are the recipient's links, or marks where the words are shared.
    """
    frozen: Mapping[str, Any] = delivery.message.context
    shown = links.of(kind, delivery) if shown is None else shown
    recipient = NOBODY if kind.is_shared else recipient_of(delivery)
    return {
        **site(),
        "url": absolute(kind.url(frozen)) if kind.url else settings.PORTAL_URL,
        "unsubscribe_url": shown.unsubscribe,
        "preferences_url": shown.manage,
        **kind.present(recipient, frozen),
    }


def site() -> dict[str, Any]:
    """Return what the layout of every mail says of the site."""
    return {
        "site_name": settings.PORTAL_NAME,
        "site_vendor": settings.PORTAL_VENDOR,
        "site_url": settings.PORTAL_URL,
        "url": settings.PORTAL_URL,
        "look": brand.palette(),
        "logo_url": logo_url("logo"),
        "logo_dark_url": logo_url("logo-dark"),
        "logo_shows_name": settings.PORTAL_LOGO_SHOWS_NAME,
    }


def logo_url(name: str) -> str:
    """Return the address of a logo that mail programs can draw, which an SVG is not; empty for none."""
    found = brand_assets.asset(name)
    if found is None or found.suffix not in _DRAWN_IN_MAILS:
        return ""
    return f"{settings.PORTAL_URL}/brand/{found.version}/{name}{found.suffix}"


def mail(kind: Kind, delivery: Delivery, shown: Links | None = None) -> Rendered:
    """Render the kind's three templates. Raises whatever a broken template raises."""
    return worded(kind, presented(kind, delivery, shown))


def worded(kind: Kind, context: dict[str, Any]) -> Rendered:
    """Render the kind's three templates with what ``presented`` returned."""
    subject = plain(f"{kind.template}.subject.txt", context)
    context.setdefault("subject", one_line(subject))
    return Rendered(
        subject=one_line(subject),
        text=paragraphs(plain(f"{kind.template}.txt", context)),
        html=get_template(f"{kind.template}.html").render(context),
        unsubscribe_url=context["unsubscribe_url"],
        manage_url=context["preferences_url"],
        quote={
            "line": one_line(summary(kind, context)),
            **{name: context.get(name, "") for name in ("url", "author", "html")},
        },
    )


def line(kind: Kind, delivery: Delivery) -> Rendered:
    """Render the one line that the notification centre shows."""
    return Rendered(subject=one_line(summary(kind, presented(kind, delivery))), text="")


def summary(kind: Kind, context: Mapping[str, Any]) -> str:
    """Return the kind's one line; the mail's subject when it has none."""
    return kind.summary(context) if kind.summary else plain(f"{kind.template}.subject.txt", context)


def digest(items: Sequence[Rendered]) -> Rendered:
    """Render several messages to one recipient as one mail."""
    count = len(items)
    subject = ngettext("%(count)s message from %(site)s", "%(count)s messages from %(site)s", count) % {
        "count": count,
        "site": settings.PORTAL_NAME,
    }
    context: dict[str, Any] = {
        **site(),
        "subject": subject,
        "items": [replace(item, text=without_signature(item.text)) for item in items],
        "unsubscribe_url": next((item.unsubscribe_url for item in items if item.unsubscribe_url), ""),
        "preferences_url": next((item.manage_url for item in items if item.manage_url), ""),
    }
    return Rendered(
        subject=one_line(subject),
        text=paragraphs(plain("emails/notifications/digest.txt", context)),
        html=get_template("emails/notifications/digest.html").render(context),
        unsubscribe_url=context["unsubscribe_url"],
    )


def plain(template: str, context: Mapping[str, Any]) -> str:
    """Render a text template, in which ``&`` stays ``&``: only HTML is escaped."""
    compiled: Any = get_template(template)
    rendered: str = compiled.template.render(Context(dict(context), autoescape=False))
    return rendered


def one_line(text: str) -> str:
    """Return ``text`` as one header line: a line break in it would begin another header."""
    return " ".join(_CONTROL.sub(" ", text).split())[:SUBJECT_MAX_LENGTH] or _("A message from %(site)s") % {
        "site": settings.PORTAL_NAME
    }


def paragraphs(text: str) -> str:
    """Return ``text`` without the blank lines that template tags leave, NUL removed: the database refuses it."""
    # "-- " alone on a line begins a signature, by RFC 3676; its space stays.
    lines = ["-- " if row == "-- " else row.rstrip() for row in text.replace("\0", "").splitlines()]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def without_signature(text: str) -> str:
    """Return a mail's text without what stands under its last ``-- ``: a digest has one signature of its own."""
    body, mark, _signature = text.rpartition("\n-- \n")
    return body.rstrip() + "\n" if mark else text


def absolute(path: str) -> str:
    """Return the address of ``path`` on this site; from settings, never from a request."""
    return path if path.startswith(("https://", "http://")) else settings.PORTAL_URL + path


def _language(code: str) -> str:
    try:
        return translation.get_supported_language_variant(code) if code else ""
    except LookupError:
        return ""


@lru_cache(maxsize=1_000)
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
