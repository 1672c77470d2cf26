"""What a support plan promises, in words."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.constants import Coverage
from accounts.models import SupportPlan

HOUR = 60  # minutes


def first_response_in_words(plan: SupportPlan, severity: str) -> str:
    """Return the first-response target of ``plan`` for ``severity``: "4 business hours", "30 minutes, day or night"."""
    minutes = int(plan.first_response(severity).total_seconds()) // 60
    if plan.coverage == Coverage.ALWAYS:
        return _("%(duration)s, day or night") % {"duration": _duration(minutes)}
    start, end = settings.BUSINESS_HOURS
    day = (end - start) * HOUR
    if minutes % day == 0:
        return ngettext("%(number)d business day", "%(number)d business days", minutes // day) % {
            "number": minutes // day
        }
    if minutes % HOUR == 0:
        return ngettext("%(number)d business hour", "%(number)d business hours", minutes // HOUR) % {
            "number": minutes // HOUR
        }
    return ngettext("%(number)d minute of business hours", "%(number)d minutes of business hours", minutes) % {
        "number": minutes
    }


def _duration(minutes: int) -> str:
    if minutes % HOUR == 0:
        return ngettext("%(number)d hour", "%(number)d hours", minutes // HOUR) % {"number": minutes // HOUR}
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
