"""How everything is, in one word: what the top of the page, the read API and the badge say.

The rules and the words are Statuspage's (help page "Top-level status and incident impact calculations"), so that its
clients understand them: a component counts by how many share its status, an open incident by its impact.
"""

import enum
from collections.abc import Sequence
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from status.constants import UNDER_WAY, ComponentStatus, Impact
from status.state import State


class Going(Protocol):
    """An incident or maintenance, published and not ended."""

    @property
    def is_maintenance(self) -> bool:
        """Say whether it was planned."""

    @property
    def status(self) -> str:
        """Return how far it has come."""

    @property
    def impact(self) -> str:
        """Return how bad it is."""


class Indicator(enum.StrEnum):
    """How bad it is, from best to worst."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Overall(enum.Enum):
    """The whole site's state. Later members are worse."""

    OPERATIONAL = (Indicator.NONE, _l("All Systems Operational"))
    MAINTENANCE = (Indicator.MAINTENANCE, _l("Service Under Maintenance"))
    PARTLY_DEGRADED = (Indicator.MINOR, _l("Partially Degraded Service"))
    DEGRADED = (Indicator.MINOR, _l("Degraded System Service"))
    MINOR_OUTAGE = (Indicator.MINOR, _l("Minor Service Outage"))
    PARTIAL_OUTAGE = (Indicator.MAJOR, _l("Partial System Outage"))
    MAJOR_OUTAGE = (Indicator.CRITICAL, _l("Major System Outage"))

    def __init__(self, indicator: Indicator, description: Promise) -> None:
        self.indicator = indicator
        self.description = description  # in the language that is active when it is shown


_BY_IMPACT = {
    Impact.NONE: Overall.OPERATIONAL,
    Impact.MINOR: Overall.MINOR_OUTAGE,
    Impact.MAJOR: Overall.PARTIAL_OUTAGE,
    Impact.CRITICAL: Overall.MAJOR_OUTAGE,
}
_RANKS = {overall: rank for rank, overall in enumerate(Overall)}


def overall(state: State) -> Overall:
    """Return the worst of what components and unfinished incidents say."""
    unresolved = [incident for incident in state.incidents if incident.resolved_at is None]
    return worst([component.status for component in state.components], unresolved)


def worst(statuses: Sequence[str], unresolved: Sequence[Going]) -> Overall:
    """Return the same of components' statuses and what goes on: for whoever has not read the whole state."""
    return max([_of_components(statuses), *map(_of_incident, unresolved)], key=_RANKS.__getitem__)


def _of_components(statuses: Sequence[str]) -> Overall:
    def every(status: ComponentStatus) -> bool:
        return statuses.count(status) == len(statuses)

    if ComponentStatus.MAJOR in statuses:
        return Overall.MAJOR_OUTAGE if every(ComponentStatus.MAJOR) else Overall.PARTIAL_OUTAGE
    if ComponentStatus.PARTIAL in statuses:
        return Overall.PARTIAL_OUTAGE if every(ComponentStatus.PARTIAL) else Overall.MINOR_OUTAGE
    if ComponentStatus.DEGRADED in statuses:
        return Overall.DEGRADED if every(ComponentStatus.DEGRADED) else Overall.PARTLY_DEGRADED
    return Overall.MAINTENANCE if ComponentStatus.MAINTENANCE in statuses else Overall.OPERATIONAL


def _of_incident(incident: Going) -> Overall:
    if incident.is_maintenance:
        return Overall.MAINTENANCE if incident.status in UNDER_WAY else Overall.OPERATIONAL
    return _BY_IMPACT.get(Impact(incident.impact), Overall.OPERATIONAL)
