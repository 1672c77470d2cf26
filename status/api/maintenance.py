"""Maintenance over the write API."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from accounts.api import ApiRequest, by_method, read_json
from status import automation, incidents, maintenance
from status.api import showing
from status.api.access import MAINTENANCE, by, endpoint
from status.api.fields import Fields
from status.api.idempotency import once
from status.api.listing import listed
from status.changes import Said, lock_incident
from status.constants import BODY_MAX_LENGTH, NAME_MAX_LENGTH, UNDER_WAY, Stage
from status.maintenance import NewMaintenance, Plan
from status.models import Incident

REMINDERS = (24 * 60, 60)
REMINDERS_LIMIT = 4
STAGES = [stage.value for stage in Stage if stage in UNDER_WAY or stage in (Stage.SCHEDULED, Stage.COMPLETED)]


@endpoint(MAINTENANCE)
def list_maintenance(request: ApiRequest) -> HttpResponse:
    """List maintenance, latest first; ``?open=true`` that which has not ended."""
    return listed(request, "maintenances", Incident.objects.maintenance().visible_to(request.user))


@endpoint(MAINTENANCE)
def show_maintenance(request: ApiRequest, maintenance_id: str) -> HttpResponse:
    """Show one maintenance."""
    rows = Incident.objects.maintenance().visible_to(request.user).filter(public_id=maintenance_id)
    return JsonResponse(showing.incident(showing.joined(rows).get()))


@endpoint(MAINTENANCE)
@once
def schedule(request: ApiRequest) -> tuple[int, dict[str, Any]]:
    """Announce a maintenance, and tell subscribers."""
    fields = Fields(read_json(request))
    name, body = fields.text("name", limit=NAME_MAX_LENGTH), fields.text("body", limit=BODY_MAX_LENGTH)
    start, end = fields.moment("scheduled_for", required=True), fields.moment("scheduled_until", required=True)
    starts, ends = fields.flag("starts_by_itself", default=True), fields.flag("ends_by_itself", default=True)
    reminders = fields.numbers("reminders", limit=REMINDERS_LIMIT, default=REMINDERS)
    components = fields.components()
    deliver = fields.flag("deliver_notifications", default=True)
    fields.check()
    assert start is not None  # noqa: S101 - required
    assert end is not None  # noqa: S101 - required
    plan = Plan(start, end, starts_by_itself=starts, ends_by_itself=ends, reminders=reminders)
    new = NewMaintenance(name=name, body=body, plan=plan, components=components, deliver=deliver)
    return 201, showing.fresh(maintenance.schedule(by=by(request), new=new).public_id)


@endpoint(MAINTENANCE)
@once
def reschedule(request: ApiRequest, maintenance_id: str) -> tuple[int, dict[str, Any]]:
    """Change title, plan or components of what has not begun; subscribers are told of a new time."""
    # Locked before it is read: what is not sent stays as somebody else may be writing it just now.
    lock_incident(maintenance_id, by=by(request))
    row = Incident.objects.maintenance().get(public_id=maintenance_id)
    fields = Fields(read_json(request))
    name = fields.text("name", limit=NAME_MAX_LENGTH, default=row.name)
    start, end = fields.moment("scheduled_for"), fields.moment("scheduled_until")
    starts = fields.flag("starts_by_itself", default=row.starts_by_itself)
    ends = fields.flag("ends_by_itself", default=row.ends_by_itself)
    reminders = fields.numbers("reminders", limit=REMINDERS_LIMIT, default=row.reminders)
    components = fields.components(required=False) if "components" in fields else None
    body = fields.text("body", limit=BODY_MAX_LENGTH, default="")
    deliver, version = fields.flag("deliver_notifications", default=True), fields.version()
    fields.check()
    start, end = start or row.scheduled_for, end or row.scheduled_until
    assert start is not None  # noqa: S101 - a constraint of the table
    assert end is not None  # noqa: S101 - a constraint of the table
    plan = Plan(start, end, starts_by_itself=starts, ends_by_itself=ends, reminders=reminders)
    maintenance.reschedule(
        by=by(request),
        public_id=maintenance_id,
        plan=plan,
        body=body,
        components=components,
        deliver=deliver,
        version=version,
    )
    if name != row.name:
        incidents.edit_incident(by=by(request), public_id=maintenance_id, name=name, impact="")
    return 200, showing.fresh(maintenance_id)


@endpoint(MAINTENANCE)
@once
def post_update(request: ApiRequest, maintenance_id: str) -> tuple[int, dict[str, Any]]:
    """Say what is new, and tell subscribers."""
    row = Incident.objects.maintenance().get(public_id=maintenance_id)
    fields = Fields(read_json(request))
    status = fields.choice("status", STAGES, default=row.status)
    body = fields.text("body", limit=BODY_MAX_LENGTH)
    return 201, _say(request, maintenance_id, fields, status, body)


@endpoint(MAINTENANCE)
@once
def start(request: ApiRequest, maintenance_id: str) -> tuple[int, dict[str, Any]]:
    """Say that it has begun."""
    return 200, _move(request, maintenance_id, Stage.IN_PROGRESS)


@endpoint(MAINTENANCE)
@once
def complete(request: ApiRequest, maintenance_id: str) -> tuple[int, dict[str, Any]]:
    """Say that it is completed."""
    return 200, _move(request, maintenance_id, Stage.COMPLETED)


@endpoint(MAINTENANCE)
@once
def cancel(request: ApiRequest, maintenance_id: str) -> tuple[int, dict[str, Any]]:
    """Call it off before it begins."""
    return 200, _move(request, maintenance_id, Stage.CANCELLED)


def _move(request: ApiRequest, maintenance_id: str, stage: Stage) -> dict[str, Any]:
    row = Incident.objects.maintenance().get(public_id=maintenance_id)
    fields = Fields(read_json(request))
    body = fields.text("body", limit=BODY_MAX_LENGTH, default="")
    if row.status == stage:
        # It is there: doing it again tells nobody.
        fields.flag("deliver_notifications", default=True)
        fields.version()
        fields.check()
        return showing.fresh(maintenance_id)
    with automation.public_language():
        sentences = {
            Stage.IN_PROGRESS: _("The maintenance has begun."),
            Stage.COMPLETED: _("The maintenance is completed."),
            Stage.CANCELLED: _("This maintenance was cancelled."),
        }
    return _say(request, maintenance_id, fields, stage, body.strip() or sentences[stage])


def _say(request: ApiRequest, maintenance_id: str, fields: Fields, status: str, body: str) -> dict[str, Any]:
    deliver, version = fields.flag("deliver_notifications", default=True), fields.version()
    fields.check()
    said = Said(status, body, {}, deliver=deliver)
    incidents.post_update(by=by(request), public_id=maintenance_id, said=said, version=version)
    return showing.fresh(maintenance_id)


collection = by_method(GET=list_maintenance, POST=schedule)
one = by_method(GET=show_maintenance, PATCH=reschedule)
updates = by_method(POST=post_update)
starting = by_method(POST=start)
completing = by_method(POST=complete)
cancelling = by_method(POST=cancel)
