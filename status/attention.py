"""What waits for an operator, for the home page: reads that end after a few rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from status.constants import Kind, Origin
from status.models import Incident, IncidentUpdate

SHOWN = 5
# Readers of an open incident want to hear something within half an hour, be it that nothing is new.
UPDATE_EVERY = timedelta(minutes=30)
STARTS_SOON = timedelta(days=1)
_BY_ITSELF = (Origin.ALERTS, Origin.PROBE)


@dataclass(frozen=True, slots=True)
class Open:
    """Something under way, and when its readers should hear of it again."""

    incident: Incident
    update_due_at: datetime

    @property
    def is_update_due(self) -> bool:
        """Say whether readers have waited long enough."""
        return self.update_due_at <= timezone.now()


def going_on(user: User) -> Sequence[Open]:
    """Return what is under way, the one whose update is due first at the head (incident_open)."""
    incidents = list(Incident.objects.visible_to(user).going_on().order_by("-started_at", "-id")[:SHOWN])
    said = IncidentUpdate.objects.filter(incident__in=incidents).order_by("incident_id", "-display_at", "-id")
    newest = dict(said.distinct("incident_id").values_list("incident_id", "display_at"))
    found = [Open(one, _due(one, newest.get(one.pk, one.started_at))) for one in incidents]
    return sorted(found, key=lambda one: one.update_due_at)


def _due(incident: Incident, said_at: datetime) -> datetime:
    # Of maintenance everybody knows when it ends, and hears nothing before unless it takes longer.
    return incident.scheduled_until or said_at + UPDATE_EVERY


def starting_soon(user: User) -> Sequence[Incident]:
    """Return the maintenance of the next day, the next first (incident_open)."""
    planned = Incident.objects.visible_to(user).planned().filter(scheduled_for__lte=timezone.now() + STARTS_SOON)
    return list(planned.order_by("scheduled_for", "id")[:SHOWN])


def unconfirmed(user: User) -> Sequence[Incident]:
    """Return the drafts that automation wrote and nobody has published, newest first (incident_open)."""
    drafts = Incident.objects.visible_to(user).unresolved().filter(kind=Kind.INCIDENT, published_at=None)
    return list(drafts.filter(origin__in=_BY_ITSELF).order_by("-started_at", "-id")[:SHOWN])
