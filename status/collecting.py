"""From the database to ``State``: about a dozen statements, whatever there is of components and incidents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from status import uptime
from status.constants import ComponentStatus, Kind
from status.models import (
    Component,
    ComponentGroup,
    ComponentMark,
    Incident,
    IncidentComponent,
    IncidentUpdate,
    Publication,
    Region,
    UpdateEffect,
)
from status.state import (
    AffectedState,
    ComponentState,
    DayState,
    EffectState,
    GroupState,
    Header,
    IncidentState,
    RegionState,
    State,
    UpdateState,
)

NEWEST = 50  # of each kind: what the read API and the feeds show
ATTEMPTS = 5
# Where nothing was ever changed, that stays so at each reading.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_UP = ComponentStatus.OPERATIONAL.value


def collect() -> State:
    """Read the whole public state. Each write's commit raises the version: an unchanged one proves a whole read."""
    for _attempt in range(ATTEMPTS):
        before = _version()
        state = _collect(before)
        if _version().version == before.version:
            return state
    # Somebody writes without pause: what was read is published as the version before, and the next reading mends it.
    return state


def load(ids: Sequence[str]) -> list[IncidentState]:
    """Return published incidents by public id."""
    return _incidents(Incident.objects.published().filter(public_id__in=ids))


def month_of(moment: datetime) -> str:
    """Return the month, in the page's time zone, that an incident of this start is listed under: 2026-11."""
    return f"{uptime.day_of(moment):%Y-%m}"


def _version() -> Publication:
    known = Publication.objects.filter(pk=Publication.ONLY).first()
    return known or Publication(pk=Publication.ONLY, version=0, changed_at=NEVER)


def _collect(publication: Publication) -> State:
    affected = _components_by_incident()
    headers = (
        Incident.objects.published()
        .order_by("-started_at", "-id")
        .values_list("pk", "public_id", "version", "started_at")
    )
    return State(
        version=publication.version,
        journal=0,
        changed_at=publication.changed_at,
        groups=tuple(
            GroupState(
                id=group.public_id,
                name=group.name,
                description=group.description,
                position=group.position,
                created_at=group.created_at,
                updated_at=group.updated_at,
            )
            for group in ComponentGroup.objects.all()
        ),
        regions=tuple(RegionState(slug=region.slug, name=region.name) for region in Region.objects.all()),
        components=_components(),
        incidents=tuple(_incidents(_recent())),
        headers=tuple(
            Header(name, version, month_of(started), tuple(affected[pk])) for pk, name, version, started in headers
        ),
    )


def _components_by_incident() -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = IncidentComponent.objects.order_by("incident", "component")
    for pk, component in rows.values_list("incident", "component__public_id"):
        found[pk].append(component)
    return found


def _components() -> tuple[ComponentState, ...]:
    components = list(Component.objects.present().in_order().select_related("group", "region"))
    days = uptime.days_of(components)
    newest = ComponentMark.objects.order_by("component", "-at", "-id").distinct("component")
    marks = dict(newest.values_list("component", "status"))
    return tuple(
        component_state(component, days.get(component.pk, ()), mark=marks.get(component.pk, _UP))
        for component in components
    )


def component_state(component: Component, days: Iterable[DayState] = (), *, mark: str = _UP) -> ComponentState:
    """Return a component that was read with its group and region, with the days on which something was wrong."""
    return ComponentState(
        id=component.public_id,
        name=component.name,
        description=component.description,
        status=component.status,
        mark=mark,
        group=component.group.public_id if component.group else None,
        region=component.region.slug if component.region else None,
        position=component.position,
        showcase=component.showcase,
        only_show_if_degraded=component.only_show_if_degraded,
        start_date=component.start_date,
        created_at=component.created_at,
        updated_at=component.updated_at,
        days=tuple(days),
    )


def _recent() -> QuerySet[Incident]:
    published = Incident.objects.published()
    newest: list[int] = []
    for kind in Kind.values:
        newest += published.filter(kind=kind).order_by("-started_at", "-id").values_list("pk", flat=True)[:NEWEST]
    return published.filter(Q(pk__in=newest) | Q(resolved_at=None) | Q(started_at__gte=_last_month()))


def _last_month() -> datetime:
    """Return the moment at which the month before this one began in the page's time zone."""
    first = uptime.day_of(timezone.now()).replace(day=1)
    return uptime.starts((first - timedelta(days=1)).replace(day=1))


def _incidents(found: QuerySet[Incident]) -> list[IncidentState]:
    incidents = list(found.order_by("-started_at", "-id"))
    ids = [incident.pk for incident in incidents]
    affected: dict[int, list[AffectedState]] = defaultdict(list)
    rows = IncidentComponent.objects.filter(incident__in=ids).order_by("component__position", "component_id")
    for pk, component, status in rows.values_list("incident", "component__public_id", "status"):
        affected[pk].append(AffectedState(component=component, status=status))
    effects: dict[int, list[EffectState]] = defaultdict(list)
    for effect in UpdateEffect.objects.filter(update__incident__in=ids).select_related("component").order_by("id"):
        effects[effect.update_id].append(
            EffectState(effect.component.public_id, effect.component.name, effect.old_status, effect.new_status)
        )
    updates: dict[int, list[UpdateState]] = defaultdict(list)
    for update in IncidentUpdate.objects.filter(incident__in=ids).order_by("-display_at", "-id"):
        updates[update.incident_id].append(_update(update, effects[update.pk]))
    return [_incident(incident, affected[incident.pk], updates[incident.pk]) for incident in incidents]


def _update(update: IncidentUpdate, effects: Iterable[EffectState]) -> UpdateState:
    return UpdateState(
        id=update.public_id,
        status=update.status,
        body=update.body,
        body_html=update.body_html,
        display_at=update.display_at,
        created_at=update.created_at,
        updated_at=update.updated_at,
        deliver_notifications=update.deliver_notifications,
        effects=tuple(effects),
    )


def _incident(incident: Incident, affected: Iterable[AffectedState], updates: Iterable[UpdateState]) -> IncidentState:
    return IncidentState(
        id=incident.public_id,
        kind=incident.kind,
        name=incident.name,
        status=incident.status,
        impact=incident.impact,
        version=incident.version,
        sequence=incident.sequence,
        is_backfilled=incident.is_backfilled,
        started_at=incident.started_at,
        created_at=incident.created_at,
        updated_at=incident.updated_at,
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        scheduled_for=incident.scheduled_for,
        scheduled_until=incident.scheduled_until,
        affected=tuple(affected),
        updates=tuple(updates),
    )
