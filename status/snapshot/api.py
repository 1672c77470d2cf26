"""The read API: Statuspage's public contract (v2), file by file and field by field, so that its clients work unchanged.

Source of the shapes: https://metastatuspage.com/api and the files that pages of Statuspage serve. Where ours has more
than theirs (a maintenance that is cancelled), it says the nearest of their words.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import translation

from status import links
from status.constants import BADNESS, UNDER_WAY, Stage
from status.identifiers import id_from
from status.overall import overall
from status.snapshot.work import Document, Work
from status.state import ComponentState, GroupState, IncidentState, State, UpdateState

NEWEST = 50  # how many incidents, and how many maintenances, their lists of all hold
DIRECTORIES = ("status/api/v2", "api/v2")

Json = dict[str, Any]


def documents(work: Work) -> Iterator[Document]:
    """Yield the eight files, at the two addresses that clients look for them."""
    for name, content in files(work.state).items():
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        source = hashlib.sha256(body).hexdigest()
        for directory in DIRECTORIES:
            yield work.document(f"{directory}/{name}.json", source, partial(bytes, body))


def files(state: State) -> dict[str, Json]:
    """Return the contents by name, as in ``incidents/unresolved``."""
    listing = Listing(state)
    incidents = [incident for incident in state.incidents if not incident.is_maintenance]
    maintenances = [incident for incident in state.incidents if incident.is_maintenance]
    unresolved = listing.incidents([incident for incident in incidents if incident.resolved_at is None])
    upcoming = listing.soonest([one for one in maintenances if one.status == Stage.SCHEDULED])
    active = listing.soonest([one for one in maintenances if one.status in UNDER_WAY])
    page = {"page": listing.page()}
    return {
        "status": page | {"status": status(state)},
        "summary": page
        | {"components": listing.components(), "incidents": unresolved, "scheduled_maintenances": active + upcoming}
        | {"status": status(state)},
        "components": page | {"components": listing.components()},
        "incidents": page | {"incidents": listing.incidents(incidents[:NEWEST])},
        "incidents/unresolved": page | {"incidents": unresolved},
        "scheduled-maintenances": page | {"scheduled_maintenances": listing.incidents(maintenances[:NEWEST])},
        "scheduled-maintenances/upcoming": page | {"scheduled_maintenances": upcoming},
        "scheduled-maintenances/active": page | {"scheduled_maintenances": active},
    }


def page_id() -> str:
    """Return what the page goes by: the setting, or what its address makes."""
    return settings.STATUS_PAGE_ID or id_from(settings.STATUS_URL)


def status(state: State) -> Json:
    """Return how everything is; in English, as these words are part of the contract."""
    said = overall(state)
    with translation.override("en"):
        return {"indicator": str(said.indicator), "description": str(said.description)}


class Listing:
    """Turns a state's parts into the contract's objects."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.page_id = page_id()
        self._components = {component.id: self.component(component) for component in state.components}

    def page(self) -> Json:
        """Return the page itself. Its ``updated_at`` is when anything public last changed."""
        return {
            "id": self.page_id,
            "name": settings.PORTAL_VENDOR,
            "url": settings.STATUS_URL,
            "time_zone": settings.STATUS_TIME_ZONE,
            "updated_at": moment(self.state.changed_at),
        }

    def components(self) -> list[Json]:
        """Return each group that has components, followed by them; those without a group come last."""
        listed: list[Json] = []
        of_group = {group.id: self._members(group.id) for group in self.state.groups}
        for group in self.state.groups:
            members = of_group[group.id]
            if members:
                listed += [self.group(group, members), *(self._components[member.id] for member in members)]
        listed += [self._components[one.id] for one in self.state.components if one.group not in of_group]
        return listed

    def component(self, component: ComponentState) -> Json:
        """Return one component."""
        return {
            "id": component.id,
            "name": component.name,
            "status": component.status,
            "created_at": moment(component.created_at),
            "updated_at": moment(component.updated_at),
            "position": component.position,
            "description": component.description or None,
            "showcase": component.showcase,
            "start_date": component.start_date.isoformat(),
            "group_id": component.group,
            "page_id": self.page_id,
            "group": False,
            "only_show_if_degraded": component.only_show_if_degraded,
        }

    def group(self, group: GroupState, members: Sequence[ComponentState]) -> Json:
        """Return a group as the component that it is to clients. Its status is its worst member's."""
        return {
            "id": group.id,
            "name": group.name,
            "status": max((member.status for member in members), key=BADNESS.__getitem__),
            "created_at": moment(group.created_at),
            "updated_at": moment(group.updated_at),
            "position": group.position,
            "description": group.description or None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self.page_id,
            "group": True,
            "only_show_if_degraded": False,
            "components": [member.id for member in members],
        }

    def incidents(self, incidents: Sequence[IncidentState]) -> list[Json]:
        """Return incidents or maintenances, in this order."""
        return [self.incident(incident) for incident in incidents]

    def soonest(self, maintenances: Sequence[IncidentState]) -> list[Json]:
        """Return maintenances in the order in which they begin."""
        return self.incidents(sorted(maintenances, key=lambda one: (one.scheduled_for or one.started_at, one.id)))

    def incident(self, incident: IncidentState) -> Json:
        """Return an incident; a maintenance with its plan. Components that are out of service are not listed."""
        listed: Json = {
            "id": incident.id,
            "name": incident.name,
            "status": their_word(incident.status),
            "created_at": moment(incident.created_at),
            "updated_at": moment(incident.updated_at),
            "monitoring_at": moment_or_none(incident.monitoring_at),
            "resolved_at": moment_or_none(incident.resolved_at),
            "impact": incident.impact,
            "shortlink": links.absolute(f"incidents/{incident.id}/"),
            "started_at": moment(incident.started_at),
            "page_id": self.page_id,
            "incident_updates": [self.update(incident, update) for update in incident.updates],
            "components": [
                self._components[affected.component]
                for affected in incident.affected
                if affected.component in self._components
            ],
        }
        if incident.is_maintenance:
            listed["scheduled_for"] = moment_or_none(incident.scheduled_for)
            listed["scheduled_until"] = moment_or_none(incident.scheduled_until)
        return listed

    def update(self, incident: IncidentState, update: UpdateState) -> Json:
        """Return one update, its text as it was written (Markdown)."""
        affected = [
            {"code": one.component, "name": one.name, "old_status": one.old_status, "new_status": one.new_status}
            for one in update.effects
        ]
        return {
            "id": update.id,
            "status": their_word(update.status),
            "body": update.body,
            "incident_id": incident.id,
            "created_at": moment(update.created_at),
            "updated_at": moment(update.updated_at),
            "display_at": moment(update.display_at),
            "affected_components": affected or None,
            "deliver_notifications": update.deliver_notifications,
            "custom_tweet": None,
            "tweet_id": None,
        }

    def _members(self, group: str) -> list[ComponentState]:
        return [component for component in self.state.components if component.group == group]


def their_word(stage: str) -> str:
    """Return a stage in Statuspage's vocabulary, where what was cancelled is over like what was done."""
    return Stage.COMPLETED.value if stage == Stage.CANCELLED else stage


def moment(at: datetime) -> str:
    """Return a time as ISO 8601 with milliseconds, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_or_none(at: datetime | None) -> str | None:
    """Return the time, or JSON's null."""
    return None if at is None else moment(at)
