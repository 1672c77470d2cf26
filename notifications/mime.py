"""From rendered words to a mail that clients thread, and that lets its reader unsubscribe with one click."""

import re
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.identifiers import mail_host
from notifications.models import Delivery
from notifications.rendering import Rendered, one_line

# RFC 5322's limit. Python would fold at 78, and a folded Message-ID or List-Unsubscribe confuses mail programs.
_LINE_LENGTH = 998

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class LedgerMail(EmailMultiAlternatives):
    """A mail whose long headers stay on one line."""

    def message(self, **options: Any) -> Any:
        """Return the MIME message."""
        message: Any = super().message(**options)
        message.policy = message.policy.clone(max_line_length=_LINE_LENGTH)
        return message


def build(delivery: Delivery, rendered: Rendered) -> LedgerMail:
    """Return the mail: text and HTML, with the Message-ID that the ledger fixed when the row was written."""
    mail = LedgerMail(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.address],
        headers=headers(delivery, rendered),
    )
    if rendered.html:
        mail.attach_alternative(rendered.html, "text/html")
    return mail


def headers(delivery: Delivery, rendered: Rendered) -> dict[str, str]:
    """Return the headers besides From, Subject and Date.

    Sources: RFC 5322 (Message-ID, References), RFC 3834 (Auto-Submitted), RFC 2369 and 8058 (List-Unsubscribe).
    """
    found = {**own_headers(delivery, rendered), "Auto-Submitted": "auto-generated"}
    thread = delivery.message.thread
    if thread:
        # The root is no mail that was ever sent: every mail of the thread answers it, so each client groups them,
        # whichever of them a recipient got first.
        found["References"] = found["In-Reply-To"] = thread_root(thread)
    return found


def own_headers(delivery: Delivery, rendered: Rendered) -> dict[str, str]:
    """Return those headers that differ from recipient to recipient."""
    # The envelope goes to the bare address; the name is for reading only.
    found = {"Message-ID": f"<{delivery.mail_id}>", "To": _named(delivery)}
    if rendered.unsubscribe_url:
        found["List-Unsubscribe"] = f"<{rendered.unsubscribe_url}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def thread_root(thread: str) -> str:
    """Return the Message-ID that all mails of ``thread`` refer to."""
    return f"<thread-{_NOT_PLAIN.sub('-', thread)}@{mail_host()}>"


def _named(delivery: Delivery) -> str:
    name = one_line(delivery.user.display_name) if delivery.user and delivery.user.display_name.strip() else ""
    try:
        return formataddr((name, delivery.address))
    except UnicodeError:
        # A local part outside ASCII: Django encodes it, without a name in front.
        return delivery.address
