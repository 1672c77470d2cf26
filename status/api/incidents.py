"""Incidents over the write API."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from accounts.api import ApiRequest, by_method, invalid, read_json
from status import incidents
from status.api import showing
from status.api.access import INCIDENTS, by, endpoint
from status.api.fields import Fields
from status.api.idempotency import once
from status.api.listing import listed
from status.changes import Said, lock_incident
from status.constants import BODY_MAX_LENGTH, FIRST_STAGES, INCIDENT_IMPACTS, NAME_MAX_LENGTH, Kind, Stage
from status.errors import StatusError
from status.incidents import NewIncident
from status.models import Incident

IMPACTS = [impact.value for impact in INCIDENT_IMPACTS]
FIRST = [stage.value for stage in Stage if stage in FIRST_STAGES[Kind.INCIDENT]]
STAGES = [*FIRST, Stage.RESOLVED.value, Stage.POSTMORTEM.value]


@endpoint(INCIDENTS)
def list_incidents(request: ApiRequest) -> HttpResponse:
    """List incidents, newest first; ``?open=true`` those that have not ended."""
    return listed(request, "incidents", Incident.objects.incidents().visible_to(request.user))


@endpoint(INCIDENTS)
def show_incident(request: ApiRequest, incident: str) -> HttpResponse:
    """Show one incident, a draft too."""
    rows = Incident.objects.incidents().visible_to(request.user).filter(public_id=incident)
    return JsonResponse(showing.incident(showing.joined(rows).get()))


@endpoint(INCIDENTS)
@once
def create_incident(request: ApiRequest) -> tuple[int, dict[str, Any]]:
    """Open an incident, or write a draft."""
    fields = Fields(read_json(request))
    new = NewIncident(
        name=fields.text("name", limit=NAME_MAX_LENGTH),
        body=fields.text("body", limit=BODY_MAX_LENGTH),
        status=fields.choice("status", FIRST, default=Stage.INVESTIGATING.value),
        impact=fields.choice("impact", IMPACTS, default=""),
        components=fields.statuses(),
        started_at=fields.moment("started_at"),
        publish=not fields.flag("draft", default=False),
        deliver=fields.flag("deliver_notifications", default=True),
    )
    fields.check()
    incident = incidents.open_incident(by=by(request), new=new)
    return 201, showing.fresh(incident.public_id)


@endpoint(INCIDENTS)
@once
def change_incident(request: ApiRequest, incident: str) -> tuple[int, dict[str, Any]]:
    """Correct an incident without telling anybody; of a draft everything can be changed."""
    # Locked before it is read: what is not sent stays as somebody else may be writing it just now.
    lock_incident(incident, by=by(request))
    row = Incident.objects.incidents().get(public_id=incident)
    fields = Fields(read_json(request))
    if row.is_draft:
        _change_draft(request, row, fields)
    else:
        _correct(request, row, fields)
    return 200, showing.fresh(incident)


@endpoint(INCIDENTS)
@once
def post_update(request: ApiRequest, incident: str) -> tuple[int, dict[str, Any]]:
    """Say what is new, and tell subscribers."""
    row = Incident.objects.incidents().get(public_id=incident)
    fields = Fields(read_json(request))
    said = Said(
        status=fields.choice("status", STAGES, default=row.status),
        body=fields.text("body", limit=BODY_MAX_LENGTH),
        components=fields.statuses(),
        deliver=fields.flag("deliver_notifications", default=True),
        at=fields.moment("display_at"),
    )
    impact = fields.choice("impact", IMPACTS, default="")
    version = fields.version()
    fields.check()
    incidents.post_update(by=by(request), public_id=incident, said=said, impact=impact, version=version)
    return 201, showing.fresh(incident)


@endpoint(INCIDENTS)
@once
def publish(request: ApiRequest, incident: str) -> tuple[int, dict[str, Any]]:
    """Make a draft public, and tell subscribers. Publishing twice is publishing once."""
    Incident.objects.incidents().get(public_id=incident)
    fields = Fields(read_json(request))
    deliver, version = fields.flag("deliver_notifications", default=True), fields.version()
    fields.check()
    incidents.publish_draft(by=by(request), public_id=incident, deliver=deliver, version=version)
    return 200, showing.fresh(incident)


def _correct(request: ApiRequest, row: Incident, fields: Fields) -> None:
    name = fields.text("name", limit=NAME_MAX_LENGTH, default=row.name)
    impact = fields.choice("impact", IMPACTS, default=row.impact)
    started_at, resolved_at = fields.moment("started_at"), fields.moment("resolved_at")
    version = fields.version()
    fields.check()
    if resolved_at and not row.has_ended:
        raise invalid({"resolved_at": [_("It has not ended: post an update with the status resolved.")]})
    incidents.edit_incident(
        by=by(request),
        public_id=row.public_id,
        name=name,
        impact=impact,
        started_at=started_at,
        resolved_at=resolved_at,
        version=version,
    )


def _change_draft(request: ApiRequest, row: Incident, fields: Fields) -> None:
    opening = row.updates.filter(is_opening=True).first()
    if opening is None:
        raise StatusError(_("This is not a draft any more."))
    held = dict(row.affected.values_list("component__public_id", "status"))
    new = NewIncident(
        name=fields.text("name", limit=NAME_MAX_LENGTH, default=row.name),
        body=fields.text("body", limit=BODY_MAX_LENGTH, default=opening.body),
        status=fields.choice("status", FIRST, default=row.status),
        impact=fields.choice("impact", IMPACTS, default=row.impact),
        components=fields.statuses(default=held),
        started_at=fields.moment("started_at"),
    )
    version = fields.version()
    fields.check()
    incidents.edit_draft(by=by(request), public_id=row.public_id, new=new, version=version)


collection = by_method(GET=list_incidents, POST=create_incident)
one = by_method(GET=show_incident, PATCH=change_incident)
updates = by_method(POST=post_update)
publishing = by_method(POST=publish)
