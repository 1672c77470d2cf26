"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - Django's signature
    """Name the site and say whether this is a demo."""
    return {
        "site_name": settings.PORTAL_NAME,
        "site_vendor": settings.PORTAL_VENDOR,
        "site_url": settings.PORTAL_URL,
        "is_demo": settings.DEMO,
    }
