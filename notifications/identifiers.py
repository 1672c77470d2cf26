"""The names that mails and webhooks go by outside: fixed when a row is written, so that a repeat is recognisable."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings

from notifications.models import ENDPOINTS, Channel


def new_mail_id(channel: str) -> str:
    """Return a fresh RFC 5322 Message-ID (without brackets) at the portal's own host, or a fresh ``webhook-id``."""
    if channel == Channel.MAIL:
        return f"{uuid.uuid4().hex}@{mail_host()}"
    return f"msg_{uuid.uuid4().hex}" if channel in ENDPOINTS else ""


def mail_host() -> str:
    """Return the host that Message-IDs end in."""
    return urlsplit(settings.PORTAL_URL).hostname or "localhost"
