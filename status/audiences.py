"""Who is told of an act: one query, which the ledger compiles into the rows it writes.

An act reaches a subscriber when its kind and its components are among what they want. Any change of a component is a
kind of its own: who wants that hears of an incident that changes one of their components' statuses as well, by the same
one message.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.models import User
from lib import zones
from lib.addresses import normalise_email
from status.constants import Delivery, Kind, Way
from status.models import Component, Subscriber

SUBSCRIBERS = "status.subscribers"
YIELDS = ("user_id", "address", "not_before", "language", "time_zone", "reference")
# An act that is about a component alone, besides incidents and maintenance.
COMPONENT = "component"
# When a day's news arrives, in its reader's time zone.
DAILY_HOUR = 7

Row = tuple[int | None, str, datetime | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Audience:
    """How many an act reaches in one way, at one rhythm."""

    way: Way
    delivery: Delivery
    count: int


def criteria(*, kind: str, component_ids: Collection[int], changed_ids: Collection[int] = ()) -> dict[str, Any]:
    """Return what is frozen of an act: its kind, its components, those whose status it changed, and their regions.

    ``kind`` is that of an incident, or ``COMPONENT``. An act without components concerns everybody.
    """
    ids = sorted({*component_ids, *changed_ids})
    regions = dict(Component.objects.filter(pk__in=ids, region__isnull=False).values_list("pk", "region_id"))
    return {
        "kind": str(kind),
        "components": sorted(set(component_ids)),
        "regions": sorted({regions[pk] for pk in component_ids if pk in regions}),
        "changed": sorted(set(changed_ids)),
        "changed_regions": sorted({regions[pk] for pk in changed_ids if pk in regions}),
    }


def matching(frozen: Mapping[str, Any]) -> "QuerySet[Subscriber]":
    """Return the active subscribers whom an act reaches."""
    fits = Q(pk__in=[])
    if frozen["kind"] != COMPONENT:
        wanted = Q(wants_maintenance=True) if frozen["kind"] == Kind.MAINTENANCE else Q(wants_incidents=True)
        fits |= wanted & _in_scope(frozen["components"], frozen["regions"])
    if frozen["changed"]:
        fits |= Q(wants_components=True) & _in_scope(frozen["changed"], frozen["changed_regions"])
    return Subscriber.objects.active().filter(fits)


def _in_scope(components: Sequence[int], regions: Sequence[int]) -> Q:
    if not components:
        return Q()
    chosen = Subscriber.components.through.objects.filter(component__in=components)
    scope = Q(wants_everything=True) | Q(pk__in=chosen.values("subscriber"))
    if regions:
        scope |= Q(pk__in=Subscriber.regions.through.objects.filter(region__in=regions).values("subscriber"))
    return scope


def subscribers(frozen: Mapping[str, Any]) -> "QuerySet[Subscriber, Row]":
    """Return the rows of the ledger's audience for one way and one rhythm; compiled, never loaded.

    ``at`` is when it happened: batches are those that follow it, whenever a worker comes to write the rows.
    """
    found = matching(frozen).filter(way=frozen["way"], delivery=frozen["delivery"])
    at = datetime.fromisoformat(frozen["at"])
    return found.annotate(not_before=_not_before(frozen["delivery"], at)).values_list(
        "user_id", "address", "not_before", "language", "time_zone", "token"
    )


def count(frozen: Mapping[str, Any], *, actor: User | None = None) -> list[Audience]:
    """Return how many an act reaches, by way and rhythm; ways that reach nobody are left out."""
    found = matching(frozen)
    if actor is not None:
        found = found.exclude(way=Way.MAIL, user=actor).exclude(address=normalise_email(actor.email))
    groups = found.order_by().values_list("way", "delivery").annotate(number=Count("pk"))
    return [Audience(Way(way), Delivery(delivery), number) for way, delivery, number in sorted(groups)]


def recipients_of(
    *,
    component_ids: Collection[int],
    kind: str,
    changed_ids: Collection[int] | None = None,
    actor: User | None = None,
) -> dict[Way, int]:
    """Return how many would be told of an act, by way, nobody of it yet. Writes nothing.

    ``changed_ids`` are the components whose status it would change: all of them unless given. ``actor`` is never told.
    """
    changed = component_ids if changed_ids is None else changed_ids
    numbers = dict.fromkeys(Way, 0)
    for group in count(criteria(kind=kind, component_ids=component_ids, changed_ids=changed), actor=actor):
        numbers[group.way] += group.count
    return numbers


def may_receive(reference: str, frozen: Mapping[str, Any]) -> bool:
    """Say whether the subscriber is still active, and still wants this."""
    return matching(frozen).filter(token=reference).exists()


def those_who_may(references: Collection[str], frozen: Mapping[str, Any]) -> set[str]:
    """Return those of the subscribers who are still active and still want this: one query for all."""
    return set(matching(frozen).filter(token__in=references).values_list("token", flat=True))


def next_hour(now: datetime) -> datetime:
    """Return the next full hour after ``now``."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _not_before(delivery: str, at: datetime) -> Any:
    if delivery == Delivery.HOURLY:
        return Cast(Value(next_hour(at)), DateTimeField())
    if delivery == Delivery.DAILY:
        zone = Coalesce(NullIf("time_zone", Value("")), "user__time_zone", Value(settings.STATUS_TIME_ZONE))
        return zones.by_zone(zone, lambda zone: zones.next_at_hour(DAILY_HOUR, zone, at))
    return Cast(Value(None), DateTimeField())
