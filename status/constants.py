"""Codes that tables, policies and templates of the status site share; their values are Statuspage's own."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _l


class ComponentStatus(models.TextChoices):
    """What a component is able to do just now."""

    OPERATIONAL = "operational", _l("Operational")
    MAINTENANCE = "under_maintenance", _l("Under maintenance")
    DEGRADED = "degraded_performance", _l("Degraded performance")
    PARTIAL = "partial_outage", _l("Partial outage")
    MAJOR = "major_outage", _l("Major outage")


# Of several things that hold at once the worst shows.
BADNESS: Mapping[str, int] = {status.value: rank for rank, status in enumerate(ComponentStatus)}


class Kind(models.TextChoices):
    """Something that happened, or something that is planned: both are told by updates."""

    INCIDENT = "incident", _l("Incident")
    MAINTENANCE = "maintenance", _l("Maintenance")


class Stage(models.TextChoices):
    """How far an incident or a maintenance has come."""

    INVESTIGATING = "investigating", _l("Investigating")
    IDENTIFIED = "identified", _l("Identified")
    MONITORING = "monitoring", _l("Monitoring")
    RESOLVED = "resolved", _l("Resolved")
    POSTMORTEM = "postmortem", _l("Postmortem")
    SCHEDULED = "scheduled", _l("Scheduled")
    IN_PROGRESS = "in_progress", _l("In progress")
    VERIFYING = "verifying", _l("Verifying")
    COMPLETED = "completed", _l("Completed")
    CANCELLED = "cancelled", _l("Cancelled")


_OPEN = frozenset({Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING})

# The allowed moves. An update may also stay where it is; a resolved incident that returns is open again.
MOVES: Mapping[str, frozenset[Stage]] = {
    Stage.INVESTIGATING: _OPEN | {Stage.RESOLVED},
    Stage.IDENTIFIED: _OPEN | {Stage.RESOLVED},
    Stage.MONITORING: _OPEN | {Stage.RESOLVED},
    Stage.RESOLVED: _OPEN | {Stage.RESOLVED, Stage.POSTMORTEM},
    Stage.POSTMORTEM: frozenset({Stage.POSTMORTEM}),
    Stage.SCHEDULED: frozenset({Stage.SCHEDULED, Stage.IN_PROGRESS, Stage.CANCELLED}),
    Stage.IN_PROGRESS: frozenset({Stage.IN_PROGRESS, Stage.VERIFYING, Stage.COMPLETED}),
    Stage.VERIFYING: frozenset({Stage.IN_PROGRESS, Stage.VERIFYING, Stage.COMPLETED}),
    Stage.COMPLETED: frozenset({Stage.COMPLETED}),
    Stage.CANCELLED: frozenset({Stage.CANCELLED}),
}
FIRST_STAGES: Mapping[str, frozenset[Stage]] = {
    Kind.INCIDENT: _OPEN,
    Kind.MAINTENANCE: frozenset({Stage.SCHEDULED}),
}
# Nothing holds any more: components are what the rest makes of them.
ENDED = frozenset({Stage.RESOLVED, Stage.POSTMORTEM, Stage.COMPLETED, Stage.CANCELLED})
# A maintenance that is under way.
UNDER_WAY = frozenset({Stage.IN_PROGRESS, Stage.VERIFYING})


class Impact(models.TextChoices):
    """How bad it is, as its readers feel it."""

    NONE = "none", _l("None")
    MINOR = "minor", _l("Minor")
    MAJOR = "major", _l("Major")
    CRITICAL = "critical", _l("Critical")
    MAINTENANCE = "maintenance", _l("Maintenance")


# From best to worst: what an incident may have.
INCIDENT_IMPACTS = tuple(impact for impact in Impact if impact != Impact.MAINTENANCE)
# The impact of what a component suffers, where nobody has said otherwise.
IMPACT_OF: Mapping[str, Impact] = {
    ComponentStatus.OPERATIONAL: Impact.NONE,
    ComponentStatus.MAINTENANCE: Impact.NONE,
    ComponentStatus.DEGRADED: Impact.MINOR,
    ComponentStatus.PARTIAL: Impact.MAJOR,
    ComponentStatus.MAJOR: Impact.CRITICAL,
}


class Origin(models.TextChoices):
    """Who or what began it."""

    OPERATOR = "operator", _l("Console")
    API = "api", _l("API")
    ALERTS = "alertmanager", _l("Alertmanager")
    PROBE = "probe", _l("Probe")
    BREAK_GLASS = "break-glass", _l("Command line")


class Act(models.TextChoices):
    """What an event records, and what its subscribers are told of."""

    DRAFTED = "drafted", _l("drafted")
    DISCARDED = "discarded", _l("discarded the draft of")
    BROUGHT_BACK = "brought_back", _l("brought back the draft of")
    OPENED = "opened", _l("opened")
    UPDATED = "updated", _l("updated")
    EDITED = "edited", _l("edited")
    UPDATE_EDITED = "update_edited", _l("edited an update of")
    BACKFILLED = "backfilled", _l("entered afterwards")
    SCHEDULED = "scheduled", _l("scheduled")
    RESCHEDULED = "rescheduled", _l("rescheduled")
    REMINDED = "reminded", _l("reminded of")
    CANCELLED = "cancelled", _l("cancelled")
    COMPONENT_SET = "component_set", _l("set")
    ARCHIVED = "archived", _l("took out of service")


class Delivery(models.TextChoices):
    """When a subscriber wants their mail."""

    AT_ONCE = "at_once", _l("At once")
    HOURLY = "hourly", _l("Together, every hour")
    DAILY = "daily", _l("Together, every morning")


class Way(models.TextChoices):
    """How a subscriber is told."""

    MAIL = "mail", _l("Email")
    WEBHOOK = "webhook", _l("Webhook")
    CHAT = "chat", _l("Slack")


PUBLIC_ID_LENGTH = 12
NAME_MAX_LENGTH = 200
BODY_MAX_LENGTH = 20_000
