"""A public state made by hand: two groups, five components, one incident going on, one resolved, three maintenances."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from status.snapshot.store import Fresh
from status.snapshot.work import Part, Work
from status.state import (
    AffectedState,
    ComponentState,
    EffectState,
    GroupState,
    IncidentState,
    State,
    UpdateState,
)

NOW = datetime(2026, 11, 29, 18, 20, 41, 123456, tzinfo=UTC)
CREATED = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def component(key: str, name: str, **fields: Any) -> ComponentState:
    return ComponentState(
        id=key,
        name=name,
        **{
            "description": "",
            "status": "operational",
            "mark": "operational",
            "group": None,
            "region": None,
            "position": 1,
            "showcase": True,
            "only_show_if_degraded": False,
            "start_date": date(2026, 1, 5),
            "created_at": CREATED,
            "updated_at": NOW - timedelta(hours=1),
            **fields,
        },
    )


def update(key: str, status: str, body: str, at: datetime, *effects: EffectState) -> UpdateState:
    return UpdateState(
        id=key,
        status=status,
        body=body,
        body_html=f"<p>{body}</p>",
        display_at=at,
        created_at=at,
        updated_at=at,
        deliver_notifications=True,
        effects=effects,
    )


def incident(key: str, name: str, **fields: Any) -> IncidentState:
    started = fields.get("started_at", NOW - timedelta(minutes=50))
    return IncidentState(
        id=key,
        name=name,
        **{
            "kind": "incident",
            "status": "investigating",
            "impact": "none",
            "version": 1,
            "sequence": 0,
            "is_backfilled": False,
            "started_at": started,
            "created_at": started,
            "updated_at": started,
            "monitoring_at": None,
            "resolved_at": None,
            "scheduled_for": None,
            "scheduled_until": None,
            **fields,
        },
    )


def maintenance(key: str, name: str, start: datetime, **fields: Any) -> IncidentState:
    plan = {
        "kind": "maintenance",
        "status": "scheduled",
        "impact": "maintenance",
        "started_at": start,
        "created_at": NOW - timedelta(days=10),
        "updated_at": NOW - timedelta(days=10),
        "scheduled_for": start,
        "scheduled_until": start + timedelta(hours=2),
    }
    return incident(key, name, **(plan | fields))


API = component("apiapiapi001", "API", group="groupgroup01", position=1, status="partial_outage", region="eu")
LOADER = component("loaderload02", "Data Loader", group="groupgroup01", position=2, description="Loads & unloads.")
DOCS = component("docsdocsdoc3", "Docs", group="groupgroup02", showcase=False, only_show_if_degraded=True)
MAIL = component("mailmailmai4", "Mail", start_date=date(2026, 11, 1), position=9)

GROUPS = (
    GroupState("groupgroup01", "Platform", "What everything runs on.", 1, CREATED, CREATED),
    GroupState("groupgroup02", "Website", "", 2, CREATED, CREATED),
    GroupState("emptyempty03", "Nothing yet", "", 3, CREATED, CREATED),
)

GOING_ON = incident(
    "outageoutag1",
    "API requests fail",
    status="identified",
    impact="major",
    updated_at=NOW - timedelta(minutes=10),
    affected=(AffectedState(API.id, "partial_outage"),),
    updates=(
        update("updateupdat2", "identified", "It is the cache.", NOW - timedelta(minutes=10)),
        update(
            "updateupdat1",
            "investigating",
            "We are looking.",
            NOW - timedelta(minutes=50),
            EffectState(API.id, "API", "operational", "partial_outage"),
        ),
    ),
)
RESOLVED = incident(
    "oldoldoldol2",
    "Slow pages <again>",
    status="resolved",
    impact="minor",
    started_at=NOW - timedelta(days=3),
    updated_at=NOW - timedelta(days=2),
    monitoring_at=NOW - timedelta(days=2, hours=2),
    resolved_at=NOW - timedelta(days=2),
    updates=(update("updateupdat3", "resolved", "All is well.", NOW - timedelta(days=2)),),
)
PLANNED = maintenance(
    "plannedplan3",
    "Database upgrade; reads go on, writes wait",
    NOW + timedelta(days=2),
    sequence=2,
    affected=(AffectedState(LOADER.id, "under_maintenance"),),
    updates=(update("updateupdat4", "scheduled", "We upgrade.\nTwice.", NOW - timedelta(days=10)),),
)
UNDER_WAY = maintenance("underwayund4", "New certificates", NOW - timedelta(hours=1), status="verifying")
CANCELLED = maintenance(
    "cancelledca5",
    "Moving house",
    NOW + timedelta(days=1),
    status="cancelled",
    sequence=1,
    resolved_at=NOW - timedelta(days=1),
    updated_at=NOW - timedelta(days=1),
    updates=(update("updateupdat5", "cancelled", "Not this week.", NOW - timedelta(days=1)),),
)

STATE = State(
    version=7,
    journal=0,
    changed_at=NOW,
    groups=GROUPS,
    components=(API, LOADER, DOCS, MAIL),
    incidents=(PLANNED, CANCELLED, GOING_ON, UNDER_WAY, RESOLVED),
)
EMPTY = State(version=1, journal=0, changed_at=CREATED)


def with_statuses(*statuses: str) -> State:
    """A quiet state whose components have these statuses."""
    components = [component(f"component{n:03}", f"Component {n}", status=it) for n, it in enumerate(statuses)]
    return replace(EMPTY, components=tuple(components))


def with_incidents(*incidents: IncidentState) -> State:
    """The state with these incidents and no others."""
    return replace(STATE, incidents=incidents)


def rendered(part: Part, state: State, *, languages: Sequence[str] = ("en",)) -> dict[str, bytes]:
    """Render a part of the snapshot, every file of it."""
    work = Work(state=state, as_of=NOW.replace(microsecond=0), languages=languages, code="", sources={}, load=_none)
    return {path: document.content for path, document in part(work) if isinstance(document, Fresh)}


def kept(part: Part, before: State, after: State) -> set[str]:
    """Return the paths that need not be rendered again when one state becomes the other."""
    as_of = NOW.replace(microsecond=0)
    first = Work(state=before, as_of=as_of, languages=("en",), code="", sources={}, load=_none)
    sources = {path: document.source for path, document in part(first)}
    second = Work(state=after, as_of=as_of, languages=("en",), code="", sources=sources, load=_none)
    return {path for path, document in part(second) if not isinstance(document, Fresh)}


def _none(_ids: Sequence[str]) -> Sequence[IncidentState]:
    return ()
