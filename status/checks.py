"""What would break the status page's days or its read API, as system checks with a hint."""

import zoneinfo
from typing import Any

from django.conf import settings
from django.core import checks

from status.identifiers import is_public_id


@checks.register()
def time_zone_is_known(**_options: Any) -> list[checks.CheckMessage]:
    """Refuse a zone that the system's data do not have."""
    try:
        zoneinfo.ZoneInfo(settings.STATUS_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return [
            checks.Error(
                f"STATUS_TIME_ZONE is not a time zone: {settings.STATUS_TIME_ZONE!r}.",
                hint="Use a name such as Europe/Berlin or UTC.",
                id="status.E001",
            )
        ]
    return []


@checks.register()
def page_id_has_the_form(**_options: Any) -> list[checks.CheckMessage]:
    """Refuse an id that clients of the read API would not take."""
    if not settings.STATUS_PAGE_ID or is_public_id(settings.STATUS_PAGE_ID):
        return []
    return [
        checks.Error(
            f"STATUS_PAGE_ID is not twelve of a to z and 0 to 9: {settings.STATUS_PAGE_ID!r}.",
            hint="Leave it unset for one that is made from STATUS_URL.",
            id="status.E002",
        )
    ]
