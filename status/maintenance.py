"""The verbs of scheduled maintenance, and what beat does about it: start, end, remind."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from status import emails, incidents, publishing
from status.changes import By, Said, check_components, finish, lock_incident, record, write_update
from status.constants import UNDER_WAY, Act, ComponentStatus, Impact, Kind, Stage
from status.errors import StatusError
from status.models import Incident, IncidentComponent, IncidentUpdate, StatusEvent

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=30)
FARTHEST = timedelta(days=2 * 365)
# A reminder that the portal could not send in time is of no use any more.
REMINDER_GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """When: aware times. ``reminders`` are minutes before the start."""

    start: datetime
    end: datetime
    starts_by_itself: bool = True
    ends_by_itself: bool = True
    reminders: Sequence[int] = (24 * 60, 60)

    def check(self) -> None:
        """Raise ``StatusError`` unless the plan can be kept."""
        if self.end <= self.start:
            raise StatusError(_("The end lies before the start."))
        if self.end - self.start > LONGEST:
            raise StatusError(_("Maintenance takes at most 30 days."))
        if self.start > timezone.now() + FARTHEST:
            raise StatusError(_("Plan at most two years ahead."))
        if len(self.reminders) > 4 or any(not 0 < minutes <= 30 * 24 * 60 for minutes in self.reminders):
            raise StatusError(_("Up to four reminders, each at most 30 days before the start."))


@dataclass(frozen=True, slots=True)
class NewMaintenance:
    """A maintenance to be scheduled."""

    name: str
    body: str
    plan: Plan
    components: Collection[int]
    deliver: bool = True
    origin_key: str | None = None


@transaction.atomic
def schedule(*, by: By, new: NewMaintenance) -> Incident:
    """Announce a maintenance and tell subscribers. Raises ``StatusError``, ``PermissionDenied``."""
    by.require()
    publishing.lock()
    if new.origin_key and (known := Incident.objects.filter(origin_key=new.origin_key).first()):
        return known
    new.plan.check()
    if new.plan.end <= timezone.now():
        raise StatusError(_("This maintenance would be over already."))
    # Until it begins it does nothing to its components; what it will do is kept all the same.
    check_components(dict.fromkeys(new.components, ComponentStatus.MAINTENANCE.value))
    incident = Incident(
        kind=Kind.MAINTENANCE,
        name=incidents.checked_name(new.name),
        status=Stage.SCHEDULED,
        impact=Impact.MAINTENANCE,
        origin=by.origin,
        origin_key=new.origin_key,
        published_at=timezone.now(),
        created_by=by.actor,
        version=0,
    )
    _take_plan(incident, new.plan)
    incident.save()
    update = write_update(incident, Said(Stage.SCHEDULED, new.body, {}, deliver=new.deliver), by=by)
    _affect(incident, new.components)
    finish(incident, since=timezone.now())
    record(Act.SCHEDULED, by=by, incident=incident, update=update)
    incidents.tell(update, act=Act.SCHEDULED, by=by)
    return incident


@transaction.atomic
def reschedule(
    *,
    by: By,
    public_id: str,
    plan: Plan,
    body: str = "",
    components: Collection[int] | None = None,
    deliver: bool = True,
    version: int | None = None,
) -> Incident:
    """Change the plan of a maintenance that has not begun, and tell subscribers old and new time.

    The same plan again changes nothing and tells nobody. Raises ``StatusError`` for a text without a new time.
    """
    incident = lock_incident(public_id, by=by, version=version)
    if incident.status != Stage.SCHEDULED:
        raise StatusError(_("Only maintenance that has not begun can be rescheduled."))
    plan.check()
    if plan.end <= timezone.now():
        raise StatusError(_("This maintenance would be over already."))
    old = [_iso(incident.scheduled_for), _iso(incident.scheduled_until)]
    moved = (plan.start, plan.end) != (incident.scheduled_for, incident.scheduled_until)
    text = body.replace("\0", "").strip()
    if text and not moved and not incident.updates.filter(body=text).exists():
        raise StatusError(_("The time is as it was, so nobody would read this text. Post it as an update instead."))
    if not moved and _is_as_it_was(incident, plan, components):
        return incident
    if components is not None:
        check_components(dict.fromkeys(components, ComponentStatus.MAINTENANCE.value))
        IncidentComponent.objects.filter(incident=incident).exclude(component__in=components).delete()
        _affect(incident, components)
    _take_plan(incident, plan)
    update = None
    if moved:
        incident.sequence += 1
        said = Said(Stage.SCHEDULED, text or _("The time of this maintenance has changed."), {}, deliver=deliver)
        update = write_update(incident, said, by=by)
    finish(incident, since=timezone.now())
    record(Act.RESCHEDULED, by=by, incident=incident, update=update, before=old)
    if update is not None:
        incidents.tell(update, act=Act.RESCHEDULED, by=by)
    return incident


def cancel(
    *, by: By, public_id: str, body: str = "", deliver: bool = True, version: int | None = None
) -> IncidentUpdate:
    """Call a maintenance off before it begins, and tell subscribers."""
    said = Said(Stage.CANCELLED, body.strip() or _("This maintenance was cancelled."), {}, deliver=deliver)
    return incidents.post_update(by=by, public_id=public_id, said=said, version=version)


def start_due() -> int:
    """Start what is due and starts by itself. Returns how many. Safe to run twice at once."""
    due = Incident.objects.planned().filter(starts_by_itself=True, scheduled_for__lte=timezone.now())
    return sum(_move_by_itself(incident, Stage.IN_PROGRESS, _("The maintenance has begun.")) for incident in due)


def end_due() -> int:
    """Complete what is due and ends by itself. Returns how many. Safe to run twice at once."""
    due = Incident.objects.going_on().maintenance().filter(ends_by_itself=True, scheduled_until__lte=timezone.now())
    return sum(_move_by_itself(incident, Stage.COMPLETED, _("The maintenance is completed.")) for incident in due)


def remind_due() -> int:
    """Remind subscribers of what begins soon. Returns how many reminders were written, each once for a plan."""
    return sum(
        _remind(incident.public_id, minutes)
        for incident in Incident.objects.planned().exclude(reminders=[])
        for minutes in incident.reminders
        if _is_due(incident, minutes)
    )


def _is_due(incident: Incident, minutes: int) -> bool:
    assert incident.scheduled_for is not None  # noqa: S101 - a constraint of the table
    at = incident.scheduled_for - timedelta(minutes=minutes)
    # Whoever was told of the plan after this moment needs no reminder of it.
    told = max(incident.created_at, incident.updates.first().display_at)  # type: ignore[union-attr]
    return at <= timezone.now() < min(at + REMINDER_GRACE, incident.scheduled_for) and told < at


@transaction.atomic
def _remind(public_id: str, minutes: int) -> bool:
    by = By()
    incident = lock_incident(public_id, by=by)
    if incident.status != Stage.SCHEDULED or not _is_due(incident, minutes):
        return False
    start = _iso(incident.scheduled_for)
    key = {"minutes": minutes, "start": start}
    if StatusEvent.objects.filter(incident=incident, act=Act.REMINDED, data__contains=key).exists():
        return False
    record(Act.REMINDED, by=by, incident=incident, minutes=minutes, start=start, sequence=incident.sequence)
    emails.tell_reminder(incident, minutes=minutes)
    return True


def _move_by_itself(incident: Incident, stage: str, text: str) -> bool:
    said = Said(stage, text, {}, origin_key=f"beat:{incident.public_id}:{stage}:{incident.sequence}")
    try:
        with transaction.atomic():
            found = lock_incident(incident.public_id, by=By())
            if not _still_due(found, stage):
                return False
            incidents.post_update(by=By(), public_id=incident.public_id, said=said)
    except Exception:  # a broken one must not hold up the others
        logger.exception("Maintenance %s could not be moved to %s.", incident.public_id, stage)
        return False
    return True


def _still_due(incident: Incident, stage: str) -> bool:
    now = timezone.now()
    if stage == Stage.IN_PROGRESS:
        planned = incident.status == Stage.SCHEDULED and incident.starts_by_itself
        return planned and incident.scheduled_for is not None and incident.scheduled_for <= now
    under_way = incident.status in UNDER_WAY and incident.ends_by_itself
    return under_way and incident.scheduled_until is not None and incident.scheduled_until <= now


def _take_plan(incident: Incident, plan: Plan) -> None:
    incident.scheduled_for = incident.started_at = plan.start
    incident.scheduled_until = plan.end
    incident.starts_by_itself, incident.ends_by_itself = plan.starts_by_itself, plan.ends_by_itself
    incident.reminders = sorted(set(plan.reminders), reverse=True)


def _is_as_it_was(incident: Incident, plan: Plan, components: Collection[int] | None) -> bool:
    now = (incident.starts_by_itself, incident.ends_by_itself, set(incident.reminders))
    if now != (plan.starts_by_itself, plan.ends_by_itself, set(plan.reminders)):
        return False
    return components is None or set(components) == set(incident.affected.values_list("component", flat=True))


def _affect(incident: Incident, components: Collection[int]) -> None:
    IncidentComponent.objects.bulk_create(
        [
            IncidentComponent(incident=incident, component_id=pk, status=ComponentStatus.MAINTENANCE)
            for pk in sorted(set(components))
        ],
        ignore_conflicts=True,
    )


def _iso(value: datetime | None) -> str:
    return value.isoformat() if value else ""
