"""The overview's panel of what acts by itself: probes that fail, alerts that fire, and alerts without a rule."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from status.console.panels import Panel
from status.models import AlertGroup, Probe, ReceivedAlert

SHOWN = 8
LATELY = timedelta(days=1)
_NEEDS_A_LOOK = (ReceivedAlert.Outcome.IGNORED, ReceivedAlert.Outcome.FAILED)


def panel(_user: User) -> Panel | None:
    """Return what an operator should look at; nothing while there is nothing."""
    failing = Probe.objects.filter(is_active=True, state=Probe.State.DOWN).select_related("component", "incident")
    firing = AlertGroup.objects.filter(is_firing=True).select_related("incident")
    # The newest are read by the key, and the day's are among them.
    newest = ReceivedAlert.objects.order_by("-id")[: 20 * SHOWN]
    since = timezone.now() - LATELY
    unmatched = [row for row in newest if row.outcome in _NEEDS_A_LOOK and row.received_at > since]
    found = {
        "failing": list(failing.order_by("changed_at")[:SHOWN]),
        "firing": list(firing.order_by("-updated_at")[:SHOWN]),
        "unmatched": len(unmatched),
        "last": unmatched[0] if unmatched else None,
    }
    return Panel("status/console/_automation.html", found) if any(found.values()) else None
