"""The verbs of incidents: open, update, publish a draft, correct, enter afterwards."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from lib import markdown
from status import emails, hooks, policies, publishing
from status.changes import (
    By,
    Said,
    check_components,
    checked_body,
    finish,
    impact_of,
    lock_incident,
    moment,
    record,
    worse_impact,
    write_effects,
    write_update,
)
from status.constants import ENDED, NAME_MAX_LENGTH, Act, ComponentStatus, Kind, Stage
from status.errors import StatusError
from status.models import Incident, IncidentComponent, IncidentUpdate, UpdateEffect

# Control characters, and those that make a text run the other way and seem to say something else.
_NOT_IN_TITLES = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class NewIncident:
    """An incident to be opened. Without an ``impact`` that is made of its components' statuses.

    ``origin_key`` names what began it: a second opening of the same finds the first. ``public_id`` is given by what
    was published before the database knew of it.
    """

    name: str
    body: str
    status: str = Stage.INVESTIGATING
    impact: str = ""
    components: Mapping[int, str] = field(default_factory=dict)
    started_at: datetime | None = None
    at: datetime | None = None  # when it was first told of; now, unless it was published before the database knew
    publish: bool = True
    deliver: bool = True
    origin_key: str | None = None
    public_id: str = ""
    update_public_id: str = ""


@transaction.atomic
def open_incident(*, by: By, new: NewIncident) -> Incident:
    """Open an incident, or keep it as a draft, and tell subscribers. Raises ``StatusError``, ``PermissionDenied``."""
    by.require()
    publishing.lock()
    if new.origin_key and (known := Incident.objects.filter(origin_key=new.origin_key).first()):
        return known
    policies.begin(Kind.INCIDENT, new.status).require()
    check_components(new.components)
    now = timezone.now()
    incident = Incident.objects.create(
        **({"public_id": new.public_id} if new.public_id else {}),
        kind=Kind.INCIDENT,
        name=checked_name(new.name),
        status=new.status,
        impact=new.impact or impact_of(new.components),
        origin=by.origin,
        origin_key=new.origin_key,
        started_at=moment(new.started_at or new.at or now),
        published_at=now if new.publish else None,
        created_by=by.actor,
        version=0,
    )
    # One instant, so that a corrected time of the first update moves a start that is known by it alone.
    told = new.at or now
    said = Said(new.status, new.body, new.components, deliver=new.deliver, at=told, public_id=new.update_public_id)
    update = write_update(incident, said, by=by, is_opening=True)
    finish(incident, since=incident.started_at)
    record(Act.OPENED if new.publish else Act.DRAFTED, by=by, incident=incident, update=update)
    tell(update, act=Act.OPENED, by=by)
    return incident


@transaction.atomic
def publish_draft(*, by: By, public_id: str, version: int | None = None, deliver: bool = True) -> Incident:
    """Make a draft public and tell subscribers. Publishing twice is publishing once."""
    incident = lock_incident(public_id, by=by)
    if not incident.is_draft:
        return incident
    incident = lock_incident(public_id, by=by, version=version)
    if incident.has_ended:
        raise StatusError(_("This draft was discarded."))
    incident.published_at = timezone.now()
    update = incident.updates.get(is_opening=True)
    update.display_at = update.updated_at = incident.published_at
    update.deliver_notifications = deliver
    update.save(update_fields=["display_at", "updated_at", "deliver_notifications"])
    finish(incident, since=incident.started_at)
    record(Act.OPENED, by=by, incident=incident, update=update)
    tell(update, act=Act.OPENED, by=by)
    return incident


@transaction.atomic
def discard_draft(*, by: By, public_id: str) -> Incident:
    """Put a draft away; nobody was told of it."""
    incident = lock_incident(public_id, by=by)
    if not incident.is_draft:
        raise StatusError(_("This is published: resolve it instead."))
    if not incident.has_ended:
        incident.status, incident.resolved_at = Stage.CANCELLED, max(timezone.now(), incident.started_at)
        finish(incident, since=incident.started_at)
        record(Act.DISCARDED, by=by, incident=incident)
    return incident


@transaction.atomic
def bring_back_draft(*, by: By, public_id: str) -> Incident:
    """Take back that a draft was put away. Doing it twice is doing it once."""
    incident = lock_incident(public_id, by=by)
    if not incident.is_draft:
        raise StatusError(_("This is published: resolve it instead."))
    if incident.has_ended:
        incident.status, incident.resolved_at = incident.updates.get(is_opening=True).status, None
        finish(incident, since=incident.started_at)
        record(Act.BROUGHT_BACK, by=by, incident=incident)
    return incident


@transaction.atomic
def edit_draft(*, by: By, public_id: str, new: NewIncident, version: int | None = None) -> Incident:
    """Write a draft anew: title, text, status, impact and components."""
    incident = lock_incident(public_id, by=by, version=version)
    if not incident.is_draft or incident.has_ended:
        raise StatusError(_("This is not a draft any more."))
    policies.begin(incident.kind, new.status).require()
    check_components(new.components)
    incident.name, incident.status = checked_name(new.name), new.status
    incident.impact = new.impact or impact_of(new.components)
    incident.started_at = moment(new.started_at or incident.started_at)
    update = incident.updates.get(is_opening=True)
    incident.monitoring_at = update.display_at if new.status == Stage.MONITORING else None
    UpdateEffect.objects.filter(update=update).delete()
    IncidentComponent.objects.filter(incident=incident).delete()
    _rewrite(update, body=new.body, status=new.status)
    write_effects(incident, update, new.components)
    finish(incident, since=incident.started_at)
    record(Act.EDITED, by=by, incident=incident, update=update)
    return incident


@transaction.atomic
def post_update(*, by: By, public_id: str, said: Said, impact: str = "", version: int | None = None) -> IncidentUpdate:
    """Say what is new of an incident or a maintenance, and tell subscribers.

    A repeated ``said.origin_key`` finds the first's update. Without an ``impact`` that of the incident stays, or rises
    with its components. Raises ``StatusError``, ``Changed``, ``PermissionDenied``, ``Incident.DoesNotExist``.
    """
    incident = lock_incident(public_id, by=by)
    if said.origin_key and (known := IncidentUpdate.objects.filter(origin_key=said.origin_key).first()):
        return known
    incident = lock_incident(public_id, by=by, version=version)
    if incident.is_draft:
        raise StatusError(_("This is a draft: publish it first."))
    _check_move(incident, said)
    before = incident.resolved_at
    begins = said.status == Stage.IN_PROGRESS and incident.status == Stage.SCHEDULED
    if begins:
        incident.started_at = moment(said.at)
        statuses = _under_maintenance(incident) | dict(said.components)
        said = replace(said, components=statuses, at=incident.started_at)
    update = write_update(incident, said, by=by, is_opening=begins)
    if impact:
        incident.impact = impact
    elif not incident.is_maintenance:
        incident.impact = worse_impact(incident.impact, said.components)
    if incident.is_maintenance and said.status == Stage.CANCELLED:
        incident.sequence += 1
    finish(incident, since=min(update.display_at, before or update.display_at))
    act = Act.CANCELLED if said.status == Stage.CANCELLED else Act.UPDATED
    record(act, by=by, incident=incident, update=update, status=said.status)
    tell(update, act=act, by=by)
    return update


def _check_move(incident: Incident, said: Said) -> None:
    decision = policies.move(incident, said.status)
    if not decision:
        raise StatusError(str(decision.reason))
    check_components(said.components, affected=incident.affected.values_list("component", flat=True))
    newest = incident.updates.first()
    if newest and said.at and said.at < newest.display_at:
        raise StatusError(_("The newest update is later than this. Correct its time first."))


def _under_maintenance(incident: Incident) -> dict[int, str]:
    return dict.fromkeys(
        IncidentComponent.objects.filter(incident=incident).values_list("component", flat=True),
        ComponentStatus.MAINTENANCE.value,
    )


@transaction.atomic
def edit_incident(
    *,
    by: By,
    public_id: str,
    name: str,
    impact: str,
    started_at: datetime | None = None,
    resolved_at: datetime | None = None,
    version: int | None = None,
) -> Incident:
    """Correct title, impact, start and end; nobody is told. History becomes what it would have been."""
    incident = lock_incident(public_id, by=by, version=version)
    since = incident.started_at
    incident.name = checked_name(name)
    if impact and not incident.is_maintenance:
        incident.impact = impact
    if started_at and incident.status != Stage.SCHEDULED:
        incident.started_at = moment(started_at)
    if resolved_at and incident.resolved_at:
        before, incident.resolved_at = incident.resolved_at, moment(resolved_at)
        # The update that ended it said so of that moment, and stays behind what was said before it.
        said = incident.updates.exclude(status__in=ENDED).aggregate(last=Max("display_at"))["last"]
        told = max(incident.resolved_at, said or incident.resolved_at)
        incident.updates.filter(status__in=ENDED, display_at=before).update(display_at=told)
        since = min(since, before)
    if incident.resolved_at and incident.resolved_at < incident.started_at:
        raise StatusError(_("The end lies before the start."))
    finish(incident, since=min(since, incident.started_at))
    record(Act.EDITED, by=by, incident=incident, started_at=incident.started_at.isoformat())
    return incident


@transaction.atomic
def edit_update(
    *, by: By, update_id: str, body: str, display_at: datetime | None = None, version: int | None = None
) -> IncidentUpdate:
    """Correct the text or the time of an update; nobody is told again.

    The end of an ended incident moves with the update that ended it. Raises ``IncidentUpdate.DoesNotExist``.
    """
    found = IncidentUpdate.objects.select_related("incident").get(public_id=update_id)
    incident = lock_incident(found.incident.public_id, by=by, version=version)
    update = IncidentUpdate.objects.get(pk=found.pk)
    before = update.display_at
    if display_at:
        update.display_at = moment(display_at)
        _check_order(update, before)
        if update.is_opening:
            # A start that is known by this update alone moves with it; another one lies before it.
            known_by_it = incident.started_at == before
            incident.started_at = update.display_at if known_by_it else min(incident.started_at, update.display_at)
        if incident.resolved_at == before and update.status in ENDED:
            incident.resolved_at = max(update.display_at, incident.started_at)
        if incident.monitoring_at == before:
            incident.monitoring_at = update.display_at
    _rewrite(update, body=body, status=update.status)
    finish(incident, since=min(before, update.display_at, incident.started_at))
    record(Act.UPDATE_EDITED, by=by, incident=incident, update=update, before=before.isoformat())
    return update


def _check_order(update: IncidentUpdate, before: datetime) -> None:
    others = IncidentUpdate.objects.filter(incident=update.incident_id).exclude(pk=update.pk)
    earlier = others.filter(display_at__lte=before, pk__lt=update.pk).order_by("-display_at").first()
    later = others.filter(display_at__gte=before, pk__gt=update.pk).order_by("display_at").first()
    if (earlier and update.display_at < earlier.display_at) or (later and update.display_at > later.display_at):
        raise StatusError(_("Updates keep their order: this time lies beyond the one before or after it."))


@transaction.atomic
def backfill(
    *, by: By, name: str, impact: str = "", updates: Sequence[Said], origin_key: str | None = None
) -> Incident:
    """Enter an incident that is over: its updates oldest first, each with its time. Nobody is told.

    A repeated ``origin_key`` finds the first.
    """
    by.require()
    publishing.lock()
    if origin_key and (known := Incident.objects.filter(origin_key=origin_key).first()):
        return known
    if not updates or updates[-1].status not in ENDED or any(said.at is None for said in updates):
        raise StatusError(_("An incident that is entered afterwards has updates with times, and the last ends it."))
    if [said.at for said in updates] != sorted(said.at for said in updates if said.at):
        raise StatusError(_("Give the updates in the order of their times."))
    everything = {pk: status for said in updates for pk, status in said.components.items()}
    check_components(everything)
    policies.begin(Kind.INCIDENT, updates[0].status).require()
    incident = Incident.objects.create(
        kind=Kind.INCIDENT,
        name=checked_name(name),
        status=updates[0].status,
        impact=impact or impact_of(everything),
        origin=by.origin,
        origin_key=origin_key,
        started_at=moment(updates[0].at),
        published_at=timezone.now(),
        is_backfilled=True,
        created_by=by.actor,
        version=0,
    )
    for number, said in enumerate(updates):
        if number:
            _check_move(incident, said)
        write_update(incident, replace(said, deliver=False), by=by, is_opening=number == 0)
    finish(incident, since=incident.started_at)
    record(Act.BACKFILLED, by=by, incident=incident)
    return incident


def checked_name(name: str) -> str:
    """Return a title as one line. Raises ``StatusError`` for none, or one too long."""
    line = " ".join(_NOT_IN_TITLES.sub("", " ".join(name.split())).split())
    if not line or len(line) > NAME_MAX_LENGTH:
        raise StatusError(_("Give it a title of up to %(limit)d characters.") % {"limit": NAME_MAX_LENGTH})
    return line


def _rewrite(update: IncidentUpdate, *, body: str, status: str) -> None:
    text = checked_body(body)
    update.body, update.body_html, update.status = text, markdown.render(text), status
    update.markdown_version, update.updated_at = markdown.RENDERER_VERSION, timezone.now()
    update.save()


def tell(update: IncidentUpdate, *, act: Act, by: By) -> None:
    """Tell other apps of an update and, unless its author keeps it from them, subscribers. Nobody hears of a draft."""
    if update.incident.is_draft:
        return
    hooks.tell(update, act=act, actor=by.actor)
    if update.deliver_notifications:
        emails.tell_update(update, act=act, actor=by.actor)
