"""The whole public state as plain values: what pages, read API, feeds and calendar are rendered from.

It is read from the database by ``status.collecting``, and kept beside the snapshot as JSON, so that the break-glass
command can go on from it without a database. Times are aware and in UTC; ids are public ids.
"""

import dataclasses
import html
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Self

from django.utils.html import strip_tags


@dataclass(frozen=True, slots=True)
class RegionState:
    """A region."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupState:
    """A component group."""

    id: str
    name: str
    description: str
    position: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DayState:
    """Seconds of one day, in the page's time zone, by what was wrong. Days that are not listed were clean."""

    day: date
    major: int
    partial: int
    degraded: int
    maintenance: int


@dataclass(frozen=True, slots=True)
class ComponentState:
    """A component in service. ``days`` are those of the last 90, today included, on which something was wrong."""

    id: str
    name: str
    description: str
    status: str
    mark: str  # its own status, apart from any incident
    group: str | None  # a group's id
    region: str | None  # a region's slug
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date
    created_at: datetime
    updated_at: datetime
    days: tuple[DayState, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectState:
    """What an update said of a component."""

    component: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True)
class UpdateState:
    """One thing that was said of an incident."""

    id: str
    status: str
    body: str  # Markdown
    body_html: str  # rendered and sanitised
    display_at: datetime
    created_at: datetime
    updated_at: datetime
    deliver_notifications: bool
    effects: tuple[EffectState, ...] = ()

    @property
    def words(self) -> str:
        """Return what it says without its markup, as plain text: a page escapes it once."""
        return html.unescape(strip_tags(self.body_html))


@dataclass(frozen=True, slots=True)
class AffectedState:
    """A component that an incident affects, and the status it gives it (its last, once it has ended)."""

    component: str
    status: str


@dataclass(frozen=True, slots=True)
class IncidentState:
    """A published incident or maintenance; ``updates`` are newest first."""

    id: str
    kind: str
    name: str
    status: str
    impact: str
    version: int
    sequence: int
    is_backfilled: bool
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    affected: tuple[AffectedState, ...] = ()
    updates: tuple[UpdateState, ...] = ()

    @property
    def is_maintenance(self) -> bool:
        """Say whether it was planned."""
        return self.kind == "maintenance"


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of every incident without reading it: whether its page is still right, and on which it is listed.

    ``month`` is that of its start in the page's time zone, as 2026-11; ``components`` are those that it affects, whose
    names may change while nothing else of it does.
    """

    id: str
    version: int
    month: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Everything. ``incidents`` holds, newest start first, whatever goes on or is planned, the newest 50 of each kind,
    and all of this month and the last; ``headers`` names every incident there is, newest start first.
    """

    version: int
    journal: int  # how many break-glass entries have been applied on top of it
    changed_at: datetime
    groups: tuple[GroupState, ...] = ()
    regions: tuple[RegionState, ...] = ()
    components: tuple[ComponentState, ...] = ()  # as the page orders them: by group, those without one last
    incidents: tuple[IncidentState, ...] = ()
    headers: tuple[Header, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return typing.cast("dict[str, Any]", _plain(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote. Raises ``ValueError``, ``KeyError`` or ``TypeError`` on anything else."""
        return typing.cast("Self", _read(cls, value))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def _read(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is tuple:
        item = typing.get_args(kind)[0]
        return tuple(_read(item, each) for each in value)
    if origin is types.UnionType:
        return None if value is None else _read(typing.get_args(kind)[0], value)
    if dataclasses.is_dataclass(kind):
        return kind(**{name: _read(hint, value[name]) for name, hint in _fields(kind).items()})  # type: ignore[operator,arg-type]
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not {kind.__name__}.")
    return value


@lru_cache(maxsize=32)
def _fields(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
