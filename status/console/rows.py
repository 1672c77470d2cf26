"""What the console's pages show, read in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from status import publishing
from status.console import prepared
from status.console.forms import MoveForm
from status.constants import ComponentStatus, Stage
from status.models import Component, Incident, IncidentComponent, IncidentUpdate, Publication, StatusEvent

# Of what goes on, what is planned and what is a draft; the list behind the overview has the rest.
SHOWN = 30
EVENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Pick:
    """A component to choose. ``held`` is the status that the incident gives it already."""

    component: Component
    chosen: bool = False
    status: str = ""
    held: str = ""

    @property
    def shown(self) -> str:
        """Return the status to show as chosen."""
        return self.status or self.held


@dataclass(frozen=True, slots=True)
class PickGroup:
    """The components of a group, in the page's order."""

    name: str
    picks: list[Pick] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picker:
    """All that may be chosen, and apart from it what is affected already."""

    groups: Sequence[PickGroup]
    affected: Sequence[Pick]
    count: int

    @property
    def statuses(self) -> Sequence[tuple[str, Any]]:
        """Return what an affected component can be set to."""
        return ComponentStatus.choices

    @property
    def has_chosen(self) -> bool:
        """Say whether something was chosen besides what is affected already."""
        return any(pick.chosen for group in self.groups for pick in group.picks)


def present_components() -> list[Component]:
    """Return the components in service as the page orders them."""
    return list(Component.objects.present().select_related("group", "region").in_order())


def picker(
    components: Sequence[Component], chosen: Mapping[str, str] | None, held: Mapping[int, str] | None = None
) -> Picker:
    """Arrange components for ``_picker.html``. ``chosen`` maps ids, as they were sent, to statuses."""
    chosen, held = chosen or {}, held or {}
    groups: list[PickGroup] = []
    affected: list[Pick] = []
    last: object = object()
    for component in components:
        key = str(component.pk)
        pick = Pick(component, key in chosen, chosen.get(key, ""), held.get(component.pk, ""))
        if pick.held:
            affected.append(pick)
            continue
        if component.group_id != last:
            last = component.group_id
            groups.append(PickGroup(component.group.name if component.group else ""))
        groups[-1].picks.append(pick)
    return Picker(groups, affected, sum(len(group.picks) for group in groups))


def held_by(incident: Incident) -> dict[int, str]:
    """Return the statuses that an incident gives its components."""
    return dict(IncidentComponent.objects.filter(incident=incident).values_list("component", "status"))


@dataclass(frozen=True, slots=True)
class Card:
    """An incident or a maintenance on the overview."""

    incident: Incident
    newest: IncidentUpdate | None
    components: Sequence[IncidentComponent]
    move: MoveForm | None = None
    move_to: Stage | None = None
    move_text: str = ""


def cards(incidents: Sequence[Incident]) -> list[Card]:
    """Return these with their newest update and their components: two queries for all of them."""
    updates = IncidentUpdate.objects.filter(incident__in=incidents).order_by("incident_id", "-display_at", "-id")
    newest = {update.incident_id: update for update in updates.distinct("incident_id").defer("body_html")}
    affected: dict[int, list[IncidentComponent]] = {incident.pk: [] for incident in incidents}
    for row in _in_order(IncidentComponent.objects.filter(incident__in=incidents)):
        affected[row.incident_id].append(row)
    return [card(one, newest.get(one.pk), affected[one.pk]) for one in incidents]


def affected_by(incident: Incident) -> list[IncidentComponent]:
    """Return an incident's components as the page orders them, with the status that it gives each."""
    return list(_in_order(IncidentComponent.objects.filter(incident=incident)))


def _in_order(rows: QuerySet[IncidentComponent]) -> QuerySet[IncidentComponent]:
    return rows.select_related("component__region").order_by(
        F("component__group__position").asc(nulls_last=True),
        "component__group_id",
        "component__position",
        "component_id",
    )


def card(incident: Incident, newest: IncidentUpdate | None, components: Sequence[IncidentComponent]) -> Card:
    """Return one of them with the act that takes one tap."""
    stage = prepared.one_tap(incident)
    if stage is None:
        return Card(incident, newest, components)
    form = MoveForm(initial={"version": incident.version, "status": stage.value}, auto_id=f"id_{incident.pk}_%s")
    return Card(incident, newest, components, form, stage, prepared.text(stage))


def last_event(incident: Incident) -> int:
    """Return the newest of the incident's events; 0 for none."""
    return incident.events.order_by("-id").values_list("pk", flat=True).first() or 0


def trail(incident: Incident, *, after: int = 0) -> list[StatusEvent]:
    """Return who did what, newest first, of late."""
    events = StatusEvent.objects.filter(incident=incident, pk__gt=after).select_related("actor", "update")
    return list(events.order_by("-id")[:EVENTS_SHOWN])


def updates_of(incident: Incident) -> list[IncidentUpdate]:
    """Return an incident's updates with what they did to components, newest first."""
    updates = incident.updates.select_related("author").prefetch_related("effects__component__region")
    return list(updates.order_by("-display_at", "-id"))


@dataclass(frozen=True, slots=True)
class PublicationState:
    """How the snapshot that the public reads stands to the database."""

    as_of: datetime | None
    version: int
    published: int
    waiting: int
    refused: bool

    @property
    def is_behind(self) -> bool:
        """Say whether something that was changed is not public yet."""
        return self.published < self.version

    @property
    def is_stale(self) -> bool:
        """Say whether the public is told that the state is unknown."""
        limit = timedelta(seconds=settings.STATUS_STALE_SECONDS)
        return self.as_of is None or timezone.now() - self.as_of > limit


def publication() -> PublicationState:
    """Return it: one query, and a few small files."""
    # It writes by the verbs, which publish.
    from status import journal

    store = publishing.store()
    snapshot = store.current()
    version = Publication.objects.filter(pk=Publication.ONLY).values_list("version", flat=True).first() or 0
    return PublicationState(
        as_of=snapshot.as_of if snapshot else None,
        version=version,
        published=snapshot.version[0] if snapshot else 0,
        waiting=len(journal.pending(store)),
        refused=(store.private / journal.REFUSED).exists(),
    )


def going_on(user: User) -> list[Incident]:
    """Return open incidents and maintenance under way, newest first."""
    return list(Incident.objects.visible_to(user).going_on().order_by("-started_at", "-id")[:SHOWN])


def drafts(user: User) -> list[Incident]:
    """Return what was written and not published, newest first."""
    unpublished = Incident.objects.visible_to(user).unresolved().filter(published_at=None)
    return list(unpublished.order_by("-started_at", "-id")[:SHOWN])


def planned(user: User) -> list[Incident]:
    """Return maintenance to come, the next first."""
    return list(Incident.objects.visible_to(user).planned().order_by("scheduled_for", "id")[:SHOWN])
