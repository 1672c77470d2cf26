"""What every write of the status site is built on: lock, write an update with its effects, derive, record, publish.

All writes take the publication's one row first, so that they run one after the other: there are few, and then versions
tell their order, two acts never derive one component's history at once, and nothing can deadlock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from lib import markdown
from status import history, policies, publishing
from status.constants import (
    BODY_MAX_LENGTH,
    ENDED,
    IMPACT_OF,
    Act,
    ComponentStatus,
    Impact,
    Origin,
    Stage,
)
from status.errors import Changed, StatusError
from status.models import Component, Incident, IncidentComponent, IncidentUpdate, StatusEvent, UpdateEffect

# A browser's clock, or a probe's, may run a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=2)
_UP = ComponentStatus.OPERATIONAL.value


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: an operator, or the portal itself (no actor) for the reason that ``origin`` names."""

    actor: User | None = None
    origin: Origin = Origin.OPERATOR

    def require(self) -> None:
        """Raise ``PermissionDenied`` unless the person may operate the status site."""
        if self.actor is not None:
            policies.operate(self.actor).require()


@dataclass(frozen=True, slots=True)
class Said:
    """An update to be written. ``components`` gives statuses by component id; those left out stay as they are."""

    status: str
    body: str
    components: Mapping[int, str]
    deliver: bool = True
    at: datetime | None = None
    origin_key: str | None = None
    public_id: str = ""


def lock_incident(public_id: str, *, by: By, version: int | None = None) -> Incident:
    """Lock the publication and return the incident. Raises ``DoesNotExist``, ``PermissionDenied``, ``Changed``."""
    by.require()
    publishing.lock()
    incident = Incident.objects.select_for_update().get(public_id=public_id)
    if version is not None and incident.version != version:
        raise Changed(_("Somebody else has changed this meanwhile. Look at it again, then repeat what you wanted."))
    return incident


def moment(at: datetime | None) -> datetime:
    """Return ``at``, or now. Raises ``StatusError`` for a time to come."""
    now = timezone.now()
    if at is None:
        return now
    if at > now + CLOCK_TOLERANCE:
        raise StatusError(_("This time is yet to come."))
    return min(at, now)


def checked_body(text: str) -> str:
    """Return an update's text as it is kept. Raises ``StatusError`` for none, or one too long."""
    body = text.replace("\0", "").strip()
    if not body or len(body) > BODY_MAX_LENGTH:
        raise StatusError(
            _("Write what your readers should know, in up to %(limit)d characters.") % {"limit": BODY_MAX_LENGTH}
        )
    return body


def write_update(incident: Incident, said: Said, *, by: By, is_opening: bool = False) -> IncidentUpdate:
    """Write what was said and what it does to components and to the incident. The caller has locked and asked."""
    at = moment(said.at)
    body = checked_body(said.body)
    named = {"public_id": said.public_id} if said.public_id else {}
    update = IncidentUpdate.objects.create(
        incident=incident,
        status=said.status,
        body=body,
        body_html=markdown.render(body),
        markdown_version=markdown.RENDERER_VERSION,
        deliver_notifications=said.deliver,
        author=by.actor,
        origin_key=said.origin_key,
        display_at=at,
        is_opening=is_opening,
        **named,
    )
    write_effects(incident, update, said.components)
    _advance(incident, said.status, at)
    return update


def write_effects(incident: Incident, update: IncidentUpdate, statuses: Mapping[int, str]) -> None:
    """Write what ``update`` does to components, and what the incident gives each from then on."""
    if update.status == Stage.SCHEDULED:
        return
    held = {row.component_id: row for row in IncidentComponent.objects.filter(incident=incident)}
    was_up = incident.resolved_at is not None or update.is_opening or incident.status == Stage.SCHEDULED
    given = {pk: (_UP if was_up else row.status) for pk, row in held.items()}
    if update.status in ENDED:
        wanted = dict.fromkeys(given, _UP)
    else:
        # What an ended incident gave its components holds again when it is reopened.
        wanted = {pk: row.status for pk, row in held.items()} | dict(statuses)
    effects = [
        UpdateEffect(update=update, component_id=pk, old_status=given.get(pk, _UP), new_status=status)
        for pk, status in sorted(wanted.items())
        if given.get(pk, _UP) != status
    ]
    UpdateEffect.objects.bulk_create(effects)
    if update.status not in ENDED:
        IncidentComponent.objects.bulk_create(
            [IncidentComponent(incident=incident, component_id=pk, status=status) for pk, status in wanted.items()],
            update_conflicts=True,
            unique_fields=["incident", "component"],
            update_fields=["status"],
        )


def _advance(incident: Incident, status: str, at: datetime) -> None:
    incident.status = status
    if status == Stage.MONITORING and incident.monitoring_at is None:
        incident.monitoring_at = at
    if status not in ENDED:
        incident.resolved_at = None
    elif incident.resolved_at is None:
        incident.started_at = min(incident.started_at, at)
        incident.resolved_at = at


def finish(incident: Incident, *, since: datetime, components: Collection[int] = ()) -> dict[int, tuple[str, str]]:
    """Save an incident that was changed, derive its components' history from ``since`` on, and publish.

    ``components`` are those to derive besides the ones it affects now. Returns the components whose status changed.
    """
    incident.version += 1
    incident.updated_at = timezone.now()
    incident.save()
    if incident.is_draft:
        return {}
    ids = {*components, *IncidentComponent.objects.filter(incident=incident).values_list("component", flat=True)}
    changed = history.rebuild(ids, since=since)
    publishing.changed()
    return changed


def record(
    act: Act,
    *,
    by: By,
    incident: Incident | None = None,
    component: Component | None = None,
    update: IncidentUpdate | None = None,
    **data: Any,
) -> StatusEvent:
    """Write the event of an act. ``data`` holds codes, ids and times."""
    return StatusEvent.objects.create(
        act=act, incident=incident, component=component, update=update, actor=by.actor, origin=by.origin, data=data
    )


def impact_of(statuses: Mapping[int, str]) -> Impact:
    """Return the impact that the worst of these statuses stands for."""
    return worse_impact(Impact.NONE, statuses)


def worse_impact(impact: str, statuses: Mapping[int, str] | Mapping[str, str]) -> Impact:
    """Return this impact, or that of the worst of these statuses where that is worse."""
    return greatest(impact, *(IMPACT_OF[status] for status in statuses.values()))


def greatest(*impacts: str) -> Impact:
    """Return the greatest of some impacts; of none, that there is none."""
    return max(map(Impact, impacts), key=list(Impact).index, default=Impact.NONE)


def check_components(statuses: Mapping[int, str], *, affected: Collection[int] = ()) -> None:
    """Raise ``StatusError`` for a component that is not in service, or a status that is none.

    What is ``affected`` already may have gone out of service meanwhile.
    """
    if not set(statuses.values()) <= set(ComponentStatus.values):
        raise StatusError(_("A component cannot have this status."))
    added = set(statuses).difference(affected)
    if Component.objects.present().filter(pk__in=added).count() != len(added):
        raise StatusError(_("One of these components is not in service any more."))
