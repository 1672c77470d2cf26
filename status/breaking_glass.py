"""Publishing with the database down: the last state, what the journal adds to it, and the snapshot made of both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from lib import markdown
from status import collecting, journal
from status.changes import worse_impact
from status.constants import BADNESS, ENDED, MOVES, ComponentStatus, Impact, Stage
from status.errors import StatusError
from status.journal import Entry
from status.snapshot import rendering
from status.snapshot.store import Store
from status.snapshot.work import NotAtHandError
from status.state import AffectedState, ComponentState, EffectState, Header, IncidentState, State, UpdateState

LOCK_WAIT = 30.0  # seconds
_UP = ComponentStatus.OPERATIONAL.value


def publish(store: Store, entry: Entry) -> State:
    """Journal the entry and publish the state that follows from it.

    Raises ``StatusError``, ``StoreError``, ``OSError``.
    A kill after the journal was written loses nothing: the next run, or the database's return, goes on from it.
    """
    with store.locked(wait=LOCK_WAIT) as got:
        if not got:
            raise StatusError(_("Another process is publishing and does not end. Try again."))
        state = state_with(store, [*journal.pending(store), entry])
        journal.append(store, entry)
        if not rendering.write(store, state, load=_not_at_hand):
            raise StatusError(
                _("Newer than the last known state is published already. The entry waits in the journal.")
            )
        return state


def _not_at_hand(_ids: Sequence[str]) -> Sequence[IncidentState]:
    """Stand in for the database: pages about older incidents stay as they were published."""
    raise NotAtHandError


def state_with(store: Store, entries: Sequence[Entry]) -> State:
    """Return the last published state with all of ``entries`` applied. Raises ``StatusError``."""
    state = rendering.kept_state(store)
    if state is None:
        raise StatusError(_("Nothing was ever published here, so there is nothing to go on from."))
    # The kept state may hold some of them already: each counts once.
    known = {update.id for incident in state.incidents for update in incident.updates}
    for entry in entries:
        if entry.update not in known:
            state = apply(state, entry)
    return state


def apply(state: State, entry: Entry) -> State:
    """Return the state after ``entry``. Raises ``StatusError`` for one that cannot be. Pure."""
    unknown = set(entry.components) - {component.id for component in state.components}
    if unknown:
        raise StatusError(_("There is no component %(ids)s.") % {"ids": ", ".join(sorted(unknown))})
    incident = _opened(state, entry) if entry.opens else _updated(state, entry)
    others = [one for one in state.incidents if one.id != incident.id]
    headers = [one for one in state.headers if one.id != incident.id]
    affected = tuple(sorted(one.component for one in incident.affected))
    header = Header(incident.id, incident.version, collecting.month_of(incident.started_at), affected)
    moved = replace(
        state,
        journal=state.journal + 1,
        changed_at=entry.at,
        incidents=tuple(sorted([incident, *others], key=lambda one: one.started_at, reverse=True)),
        headers=(header, *headers)
        if entry.opens
        else tuple(header if one.id == header.id else one for one in state.headers),
    )
    touched = {effect.component for effect in incident.updates[0].effects}
    return replace(moved, components=tuple(_settled(moved, one, touched, entry.at) for one in moved.components))


def _opened(state: State, entry: Entry) -> IncidentState:
    if any(one.id == entry.incident for one in state.headers):
        raise StatusError(_("There is an incident of this id already."))
    empty = IncidentState(
        id=entry.incident,
        kind="incident",
        name=entry.name,
        status=entry.status,
        impact=Impact.NONE,
        version=0,
        sequence=0,
        is_backfilled=False,
        started_at=entry.at,
        created_at=entry.at,
        updated_at=entry.at,
        monitoring_at=None,
        resolved_at=None,
        scheduled_for=None,
        scheduled_until=None,
    )
    return _said(state, empty, entry)


def _updated(state: State, entry: Entry) -> IncidentState:
    incident = next((one for one in state.incidents if one.id == entry.incident), None)
    if incident is None:
        raise StatusError(_("There is no incident %(id)s in the last state.") % {"id": entry.incident})
    if entry.status not in MOVES[incident.status]:
        raise StatusError(_("It cannot go to this status from where it is."))
    return _said(state, incident, entry)


def _said(state: State, incident: IncidentState, entry: Entry) -> IncidentState:
    ends = entry.status in ENDED
    held = {one.component: one.status for one in incident.affected}
    given = dict.fromkeys(held, _UP) if incident.resolved_at else held
    wanted: Mapping[str, str] = dict.fromkeys(held, _UP) if ends else {**held, **entry.components}
    names = {component.id: component.name for component in state.components}
    effects = tuple(
        EffectState(pk, names.get(pk, ""), given.get(pk, _UP), status)
        for pk, status in wanted.items()
        if given.get(pk, _UP) != status
    )
    update = UpdateState(
        id=entry.update,
        status=entry.status,
        body=entry.body,
        body_html=markdown.render(entry.body),
        display_at=entry.at,
        created_at=entry.at,
        updated_at=entry.at,
        deliver_notifications=True,
        effects=effects,
    )
    return replace(
        incident,
        status=entry.status,
        impact=entry.impact or worse_impact(incident.impact, entry.components),
        version=incident.version + 1,
        updated_at=entry.at,
        monitoring_at=incident.monitoring_at or (entry.at if entry.status == Stage.MONITORING else None),
        resolved_at=(incident.resolved_at or entry.at) if ends else None,
        affected=incident.affected if ends else tuple(AffectedState(pk, status) for pk, status in wanted.items()),
        updates=(update, *incident.updates),
    )


def _settled(state: State, component: ComponentState, touched: set[str], at: datetime) -> ComponentState:
    """Give a component that an entry touches the worst of what holds, its own mark included."""
    if component.id not in touched:
        return component
    holding = [
        one.status
        for incident in state.incidents
        if incident.resolved_at is None and incident.status != Stage.SCHEDULED
        for one in incident.affected
        if one.component == component.id
    ]
    status = max([component.mark, *holding], key=BADNESS.__getitem__)
    return component if status == component.status else replace(component, status=status, updated_at=at)
