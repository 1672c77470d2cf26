"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from notifications import centre
from portal.navigation import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    """Name the site, say whether this is a demo, and offer the menus: lazily, so that an unused one asks nothing."""
    return {
        "site_name": settings.PORTAL_NAME,
        "site_vendor": settings.PORTAL_VENDOR,
        "site_url": settings.PORTAL_URL,
        "is_demo": settings.DEMO,
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "unread_notifications": lambda: _unread(request),
    }


def _unread(request: HttpRequest) -> int:
    """Count for the bell, up to ``BELL_COUNTED``: one query, made where a page shows the bell."""
    user = getattr(request, "user", None)
    return centre.unread_count(user, centre.BELL_COUNTED) if isinstance(user, User) else 0
