"""The frame of pages that are made without a request, and are one for all visitors: the status site's."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from portal.navigation import navigation_for
from status import links


def anonymous(path: str, language: str) -> Mapping[str, Any]:
    """Return what ``base.html`` needs for the page at ``path``: for nobody in particular, without a clock."""
    return {
        "site_name": settings.PORTAL_NAME,
        "site_vendor": settings.PORTAL_VENDOR,
        "site_url": settings.PORTAL_URL,
        # On a domain of its own the status site leads back to the portal by whole addresses.
        "portal_origin": "" if links.is_within_portal() else settings.PORTAL_URL,
        "is_demo": settings.DEMO,
        "language": language,
        "navigation": navigation_for(AnonymousUser(), path),
    }
