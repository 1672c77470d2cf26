"""What the status pages show, worked out from the state: rows, groups, incidents. Templates only lay it out."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from status import uptime
from status.constants import BADNESS, UNDER_WAY, ComponentStatus, Stage
from status.overall import Overall, overall
from status.snapshot import bars
from status.snapshot.fingerprints import fingerprint
from status.state import ComponentState, EffectState, IncidentState, RegionState, State, UpdateState

PAST_DAYS = 14
# More components than this are folded into their groups, and only those that are unwell show their bars.
MANY = 60
# The stylesheet has a rule for each region that the page can be narrowed down to.
MAX_REGIONS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A component on a page. ``region_number`` counts from 1; 0 is none."""

    component: ComponentState
    region: RegionState | None
    region_number: int
    bars: SafeString | str
    uptime: str

    @property
    def is_well(self) -> bool:
        """Say whether it is operational."""
        return self.component.status == ComponentStatus.OPERATIONAL


@dataclass(frozen=True, slots=True)
class Group:
    """Components under one heading; ``id`` and ``name`` are empty for those that have no group."""

    id: str
    name: str
    description: str
    rows: Sequence[Row]
    is_open: bool

    @property
    def status(self) -> str:
        """Return the worst of its components'."""
        return max((row.component.status for row in self.rows), key=lambda status: BADNESS[status])

    @property
    def well(self) -> int:
        """Return how many are operational."""
        return sum(row.is_well for row in self.rows)


@dataclass(frozen=True, slots=True)
class Affected:
    """A component that an incident affects; ``has_page`` unless it has been taken out of service."""

    id: str
    name: str
    status: str
    region: str
    has_page: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident with the names of what it affects."""

    incident: IncidentState
    affected: Sequence[Affected]

    @property
    def newest(self) -> UpdateState | None:
        """Return what was said last, or None."""
        return self.incident.updates[0] if self.incident.updates else None

    @property
    def updates(self) -> list[tuple[UpdateState, list[EffectState]]]:
        """Return what was said, newest first, each with the components whose status it changed."""
        return [
            (update, [effect for effect in update.effects if effect.old_status != effect.new_status])
            for update in self.incident.updates
        ]

    @property
    def is_cancelled(self) -> bool:
        """Say whether a maintenance never took place."""
        return self.incident.status == Stage.CANCELLED

    @property
    def lasted(self) -> str:
        """Return how long it went on, in hours and minutes; empty while it does, and when it never began."""
        end = self.incident.resolved_at
        if end is None or self.is_cancelled:
            return ""
        return bars.duration(round((end - self.incident.started_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day on which something began that is over."""

    day: date
    incidents: Sequence[Shown]


class Names:
    """The components, groups and regions of a state, by what others call them."""

    def __init__(self, state: State) -> None:
        self.state = state

    @cached_property
    def components(self) -> Mapping[str, ComponentState]:
        """By public id."""
        return {component.id: component for component in self.state.components}

    @cached_property
    def regions(self) -> Mapping[str, tuple[int, RegionState]]:
        """By slug, numbered from 1: those that components are in."""
        used = {component.region for component in self.state.components}
        found = [region for region in self.state.regions if region.slug in used]
        return {region.slug: (number, region) for number, region in enumerate(found, 1)}

    def region_of(self, component: ComponentState) -> tuple[int, RegionState | None]:
        """Return a component's region and its number; 0 and None when it has none."""
        return self.regions.get(component.region or "", (0, None))

    def source(self, pk: str, version: int, components: Iterable[str]) -> str:
        """Return what a page depends on that shows an incident: its version, and what its components are called."""
        return fingerprint(pk, version, [self._called.get(component) for component in components])

    @cached_property
    def _called(self) -> Mapping[str, tuple[str, str]]:
        called = {}
        for component in self.state.components:
            _number, region = self.region_of(component)
            called[component.id] = (component.name, region.name if region else "")
        return called

    def show(self, incident: IncidentState) -> Shown:
        """Name what an incident affects, the worst first."""
        said = {effect.component: effect.name for update in incident.updates for effect in update.effects}
        affected = [self._affected(one.component, one.status, said) for one in incident.affected]
        return Shown(incident, sorted(affected, key=lambda one: -BADNESS[one.status]))

    def _affected(self, pk: str, status: str, said: Mapping[str, str]) -> Affected:
        component = self.components.get(pk)
        if component is None:
            return Affected(pk, said.get(pk, _("A former component")), status, "", has_page=False)
        _number, region = self.region_of(component)
        return Affected(pk, component.name, status, region.name if region else "", has_page=True)


@dataclass(frozen=True, slots=True)
class Home:
    """The status page."""

    overall: Overall
    groups: Sequence[Group]
    regions: Sequence[tuple[int, RegionState]]
    going_on: Sequence[Shown]
    under_way: Sequence[Shown]
    planned: Sequence[Shown]
    past: Sequence[PastDay]

    @property
    def has_bars(self) -> bool:
        """Say whether any component shows its last 90 days."""
        return any(row.bars for group in self.groups for row in group.rows)


def home(state: State, as_of: datetime) -> Home:
    """Return the status page of ``state``."""
    names = Names(state)
    shown = [names.show(incident) for incident in state.incidents]
    plans = [one for one in shown if one.incident.is_maintenance and one.incident.resolved_at is None]
    numbered = list(names.regions.values())
    return Home(
        overall=overall(state),
        groups=_groups(names, as_of),
        regions=numbered if 1 < len(numbered) <= MAX_REGIONS else [],
        going_on=[one for one in shown if not one.incident.is_maintenance and one.incident.resolved_at is None],
        under_way=[one for one in plans if one.incident.status in UNDER_WAY],
        planned=sorted((one for one in plans if one.incident.status not in UNDER_WAY), key=_planned_start),
        past=_past(shown, as_of),
    )


def _planned_start(shown: Shown) -> datetime:
    return shown.incident.scheduled_for or shown.incident.started_at


def _groups(names: Names, as_of: datetime) -> list[Group]:
    state = names.state
    shown = [
        component
        for component in state.components
        if not component.only_show_if_degraded or component.status != ComponentStatus.OPERATIONAL
    ]
    few = len(shown) <= MANY
    rows: dict[str | None, list[Row]] = defaultdict(list)
    for component in shown:
        well = component.status == ComponentStatus.OPERATIONAL
        rows[component.group].append(row(component, names, as_of, with_bars=few or not well))
    known = [(group.id, group.name, group.description) for group in state.groups]
    return [
        Group(pk, name, text, rows[pk or None], is_open=few or not all(one.is_well for one in rows[pk or None]))
        for pk, name, text in [*known, ("", "", "")]
        if rows[pk or None]
    ]


def row(component: ComponentState, names: Names, as_of: datetime, *, with_bars: bool = True) -> Row:
    """Return a component as lists show it."""
    number, region = names.region_of(component)
    drawn = bars.draw(component, uptime.day_of(as_of)) if component.showcase and with_bars else ""
    return Row(component, region, number, drawn, percent(component, as_of) if component.showcase else "")


def percent(component: ComponentState, as_of: datetime) -> str:
    """Return the uptime of the last 90 days with two decimals, never rounded up to what it was not; may be empty."""
    share = uptime.uptime(component, until=as_of)
    if share is None:
        return ""
    if share == 1:
        return _("%(number)s%%") % {"number": "100"}
    # Guard against 99.98 % that is stored as 99.97999…
    floor = math.floor(round(share * 10_000, 6)) / 100
    return _("%(number)s%%") % {"number": number_format(floor, 2)}


def _past(shown: Sequence[Shown], as_of: datetime) -> list[PastDay]:
    first = uptime.day_of(as_of) - timedelta(days=PAST_DAYS - 1)
    days: dict[date, list[Shown]] = defaultdict(list)
    for one in shown:
        day = uptime.day_of(one.incident.started_at)
        if one.incident.resolved_at is not None and not one.is_cancelled and day >= first:
            days[day].append(one)
    return [PastDay(day, days[day]) for day in sorted(days, reverse=True)]
