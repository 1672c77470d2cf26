"""A made-up incident, maintenance and subscription, for samples of mails: unsaved rows, the same at each call."""

from datetime import timedelta

from lib import markdown
from notifications.samples import AT
from status.constants import ComponentStatus, Kind, Stage, Way
from status.models import Component, Incident, IncidentUpdate, Region, Subscriber
from status.presenting import Plan, Told, full_name

INCIDENT_ID, COMPONENT_ID = "p31zjtct2jer", "v6w2q8s1k0dn"
# What stands in a subscriber's own addresses.
TOKEN = "x" * 22

_WORDS = {
    Stage.INVESTIGATING: "Some requests to the gateway fail with **503**. We are looking into it.",
    Stage.RESOLVED: "The gateway answers all requests again. A node had run out of connections; it is replaced.",
    Stage.SCHEDULED: "We move the database to new servers. Reads go on; *writes* are refused for up to ten minutes.",
}


def update(stage: Stage) -> IncidentUpdate:
    """Return what was said at a stage of an incident, or of a maintenance when it is one of its stages."""
    is_maintenance = stage == Stage.SCHEDULED
    incident = Incident(
        pk=1,
        public_id=INCIDENT_ID,
        kind=Kind.MAINTENANCE if is_maintenance else Kind.INCIDENT,
        name="Move of the database" if is_maintenance else "Errors in the API gateway",
        status=stage,
        started_at=AT,
        published_at=AT,
        scheduled_for=plan().start if is_maintenance else None,
        scheduled_until=plan().end if is_maintenance else None,
    )
    body = _WORDS[stage]
    return IncidentUpdate(
        pk=1, incident=incident, status=stage, body=body, body_html=markdown.render(body), display_at=AT, created_at=AT
    )


def plan(*, days: int = 4) -> Plan:
    """Return when the maintenance is planned, ``days`` after the samples' present."""
    start = AT + timedelta(days=days)
    return Plan(start, start + timedelta(hours=2))


def told(status: ComponentStatus, *, old: str = "") -> list[Told]:
    """Return two components as a message names them."""
    region = Region(pk=1, name="EU West")
    components = [
        Component(pk=1, public_id=COMPONENT_ID, name="API gateway", region=region),
        Component(pk=2, public_id="g5h2p9r4t7wz", name="Web console"),
    ]
    return [Told(component, full_name(component), status, old) for component in components]


def subscriber(way: Way = Way.MAIL) -> Subscriber:
    """Return one who is subscribed by mail, or an endpoint's."""
    return Subscriber(
        pk=1,
        way=way,
        address="dana.reyes@acme.example" if way == Way.MAIL else "https://hooks.acme.example/status",
        owner_email="dana.reyes@acme.example",
        token=TOKEN,
        confirmation=TOKEN,
    )
