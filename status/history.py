"""What each component has been through, derived from its causes: marks, and the effects of published updates.

Nothing else writes ``StatusPeriod`` or ``Component.status``. So whatever an operator corrects (a time, an incident that
is entered afterwards), history is what it would be had it been right from the start.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from status import uptime
from status.constants import BADNESS, ComponentStatus
from status.models import Component, ComponentMark, StatusPeriod, UpdateEffect

_UP = ComponentStatus.OPERATIONAL.value


@dataclass(frozen=True, slots=True)
class Cause:
    """Something gave a component a status from ``start`` until ``end`` (null: it still does)."""

    status: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Period:
    """A component's status over time; operational periods are left out."""

    status: str
    start: datetime
    end: datetime | None


def derive(causes: Iterable[Cause], *, since: datetime) -> list[Period]:
    """Return the periods from ``since`` on: at each moment the worst cause that holds. Pure."""
    clipped = [
        Cause(cause.status, max(cause.start, since), cause.end)
        for cause in causes
        if cause.status != _UP and (cause.end is None or cause.end > max(cause.start, since))
    ]
    moments = sorted({cause.start for cause in clipped} | {cause.end for cause in clipped if cause.end})
    periods: list[Period] = []
    for position, start in enumerate(moments):
        end = moments[position + 1] if position + 1 < len(moments) else None
        holding = [
            cause.status for cause in clipped if cause.start <= start and (cause.end is None or cause.end > start)
        ]
        if not holding:
            continue
        status = max(holding, key=BADNESS.__getitem__)
        if periods and periods[-1].status == status and periods[-1].end == start:
            periods[-1] = Period(status, periods[-1].start, end)
        else:
            periods.append(Period(status, start, end))
    return periods


def rebuild(component_ids: Collection[int], *, since: datetime) -> dict[int, tuple[str, str]]:
    """Derive the periods of these components anew from ``since`` on, and their status now.

    Runs in the caller's transaction, which holds the publication's lock. Returns, by component, the status before and
    after of those whose status changed. Statements do not grow with the number of components.
    """
    ids = sorted(set(component_ids))
    if not ids:
        return {}
    causes = _causes(ids, since)
    before = _cut(ids, since)
    rows: list[StatusPeriod] = []
    for pk in ids:
        periods = derive(causes[pk], since=since)
        kept = before.get(pk)
        if kept is not None:
            kept.ended_at = since
            if periods and periods[0].start == since and periods[0].status == kept.status:
                # One period goes on over the moment at which it was cut.
                kept.ended_at = periods.pop(0).end
        rows += [
            StatusPeriod(component_id=pk, status=period.status, started_at=period.start, ended_at=period.end)
            for period in periods
        ]
    StatusPeriod.objects.bulk_update(before.values(), ["ended_at"])
    StatusPeriod.objects.bulk_create(rows)
    uptime.recompute(ids, since=since)
    return _settle(ids)


def _causes(ids: Sequence[int], since: datetime) -> Mapping[int, list[Cause]]:
    causes: dict[int, list[Cause]] = defaultdict(list)
    for pk, cause in _mark_causes(ids):
        causes[pk].append(cause)
    for pk, cause in _effect_causes(ids, since):
        causes[pk].append(cause)
    return causes


def _mark_causes(ids: Sequence[int]) -> Iterator[tuple[int, Cause]]:
    # Marks are few: somebody set them by hand.
    marks: dict[int, list[ComponentMark]] = defaultdict(list)
    for mark in ComponentMark.objects.filter(component__in=ids).order_by("at", "id"):
        marks[mark.component_id].append(mark)
    for pk, of_component in marks.items():
        for position, mark in enumerate(of_component):
            end = of_component[position + 1].at if position + 1 < len(of_component) else None
            yield pk, Cause(mark.status, mark.at, end)


def _effect_causes(ids: Sequence[int], since: datetime) -> Iterator[tuple[int, Cause]]:
    effects = (
        UpdateEffect.objects.filter(component__in=ids, update__incident__published_at__isnull=False)
        .filter(Q(update__incident__resolved_at=None) | Q(update__incident__resolved_at__gt=since))
        .select_related("update__incident")
        .order_by("component", "update__incident", "update__display_at", "update_id")
    )
    grouped: dict[tuple[int, int], list[UpdateEffect]] = defaultdict(list)
    for effect in effects:
        grouped[effect.component_id, effect.update.incident_id].append(effect)
    for (pk, _incident), of_incident in grouped.items():
        incident = of_incident[0].update.incident
        for position, effect in enumerate(of_incident):
            following = of_incident[position + 1].update.display_at if position + 1 < len(of_incident) else None
            ends = [moment for moment in (following, incident.resolved_at) if moment is not None]
            yield pk, Cause(effect.new_status, _start(effect), min(ends) if ends else None)


def _start(effect: UpdateEffect) -> datetime:
    # What an incident's first words say of a component held from its start, whenever they were written.
    incident = effect.update.incident
    if effect.update.is_opening:
        return incident.started_at
    return max(incident.started_at, effect.update.display_at)


def _cut(ids: Sequence[int], since: datetime) -> dict[int, StatusPeriod]:
    """Forget the periods from ``since`` on. Returns those that span it, by component."""
    of_them = StatusPeriod.objects.filter(component__in=ids)
    of_them.filter(started_at__gte=since).delete()
    spanning = of_them.filter(started_at__lt=since).filter(Q(ended_at=None) | Q(ended_at__gte=since))
    return {period.component_id: period for period in spanning}


def _settle(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    now = timezone.now()
    held = dict(
        StatusPeriod.objects.filter(component__in=ids, started_at__lte=now)
        .filter(Q(ended_at=None) | Q(ended_at__gt=now))
        .values_list("component", "status")
    )
    changed: dict[int, tuple[str, str]] = {}
    components = list(Component.objects.filter(pk__in=ids))
    for component in components:
        status = held.get(component.pk, _UP)
        if status != component.status:
            changed[component.pk] = (component.status, status)
            component.status, component.updated_at = status, now
    Component.objects.bulk_update([one for one in components if one.pk in changed], ["status", "updated_at"])
    return changed
