"""What alerts and probes share: how they open and end an incident, and when they keep their hands off it.

Once a person has posted an update, or corrected something, the incident is theirs: automation only notes what it sees.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from status import incidents
from status.changes import By, Said, lock_incident
from status.constants import BADNESS, IMPACT_OF, Act, Origin, Stage
from status.incidents import NewIncident
from status.models import AlertGroup, Incident, Probe

_BY_HAND = (Act.UPDATED, Act.EDITED, Act.UPDATE_EDITED, Act.CANCELLED)


class Ending(StrEnum):
    """What became of an incident whose cause is over."""

    RESOLVED = "resolved"
    DISCARDED = "discarded"
    LEFT = "left"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Note:
    """What automation has to say of an incident that it leaves to its operator."""

    text: str
    since: datetime


@contextmanager
def public_language() -> Iterator[None]:
    """Write in the site's own language, whatever that of the request or the worker is."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


def worst(one: Mapping[int, str], other: Mapping[int, str]) -> dict[int, str]:
    """Return for each component the worse of two statuses."""
    merged = dict(one)
    for pk, status in other.items():
        merged[pk] = max(merged.get(pk, status), status, key=BADNESS.__getitem__)
    return merged


def is_worse(now: Mapping[int, str], before: Mapping[int, str]) -> bool:
    """Say whether a component is worse off than before."""
    return any(BADNESS[status] > BADNESS.get(before.get(pk, ""), 0) for pk, status in now.items())


def impact(given: str, status: str) -> str:
    """Return the impact that was chosen, or what the status stands for."""
    return given or IMPACT_OF[status].value


def is_taken_over(incident: Incident, *, origin: Origin) -> bool:
    """Say whether somebody else than ``origin`` has said or corrected something. Publishing its draft is neither."""
    return incident.events.filter(act__in=_BY_HAND).exclude(origin=origin).exists()


def open_incident(new: NewIncident, *, origin: Origin) -> Incident:
    """Open an incident in the portal's own name; its ``origin_key`` again finds the first. Raises ``StatusError``."""
    return incidents.open_incident(by=By(origin=origin), new=new)


@transaction.atomic
def end_incident(incident: Incident, *, origin: Origin, body: str) -> Ending:
    """Resolve what automation has opened, or put its draft away; leave it when somebody has taken it over."""
    by = By(origin=origin)
    incident = lock_incident(incident.public_id, by=by)
    if incident.has_ended:
        return Ending.OVER
    if is_taken_over(incident, origin=origin):
        return Ending.LEFT
    if incident.is_draft:
        incidents.discard_draft(by=by, public_id=incident.public_id)
        return Ending.DISCARDED
    incidents.post_update(by=by, public_id=incident.public_id, said=Said(Stage.RESOLVED, body, {}))
    return Ending.RESOLVED


def notes(incident: Incident) -> list[Note]:
    """Return what operators should know: causes of this incident that are over though it is still open."""
    if incident.has_ended:
        return []
    groups = AlertGroup.objects.filter(incident=incident, left_open_at__isnull=False)
    probes = Probe.objects.filter(incident=incident, left_open_at__isnull=False)
    causes = [(_("The alerts of this incident are over."), group.left_open_at) for group in groups]
    causes += [(_("%(target)s answers again.") % {"target": probe.target}, probe.left_open_at) for probe in probes]
    found = [Note(text, since) for text, since in causes if since is not None]
    return sorted(found, key=lambda note: note.since)
