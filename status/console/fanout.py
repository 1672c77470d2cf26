"""How far the messages about the last acts have come, read from the delivery ledger without counting all of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

from notifications.models import Delivery, Message
from status.constants import Act, Way
from status.constants import Delivery as Rhythm
from status.models import StatusEvent

ACTS = 5
# Of the newest events; between two acts that tell somebody lie few that do not.
_LOOKED_AT = 40
# Deliveries of one message that are counted.
LIMIT = 2_000
_TOLD = frozenset(
    {Act.OPENED, Act.UPDATED, Act.SCHEDULED, Act.RESCHEDULED, Act.REMINDED, Act.CANCELLED, Act.COMPONENT_SET}
)
_WAITING = (Delivery.State.PENDING, Delivery.State.SENDING)

_COUNT = f"""
SELECT message.id, counted.state, count(*)
FROM unnest(%s::bigint[]) AS message (id)
CROSS JOIN LATERAL (
    SELECT state FROM {Delivery._meta.db_table} WHERE message_id = message.id LIMIT {LIMIT + 1}
) AS counted
GROUP BY 1, 2
"""  # noqa: S608, SLF001 - names of our own table


@dataclass(slots=True)
class Fanout:
    """An act and its messages: ``counts`` by state of up to ``LIMIT`` deliveries of each."""

    event: StatusEvent
    is_being_written: bool = False
    is_more: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Return how many have left."""
        return self.counts.get(Delivery.State.SENT, 0)

    @property
    def waiting(self) -> int:
        """Return how many are to leave."""
        return sum(self.counts.get(state, 0) for state in _WAITING)

    @property
    def failed(self) -> int:
        """Return how many were given up."""
        return self.counts.get(Delivery.State.FAILED, 0)


def recent() -> list[Fanout]:
    """Return the last acts that tell subscribers, newest first: three queries, whatever the audience."""
    newest = StatusEvent.objects.select_related("incident", "component", "actor").order_by("-id")[:_LOOKED_AT]
    found = [Fanout(event) for event in newest if event.act in _TOLD][:ACTS]
    keys = {key: one for one in found for key in _keys(one.event)}
    by_id: dict[int, Fanout] = {}
    for message in Message.objects.filter(event__in=keys).only("event", "audience", "expanded_at"):
        by_id[message.pk] = one = keys[message.event]
        one.is_being_written |= message.audience is not None and message.expanded_at is None
    totals: dict[int, int] = defaultdict(int)
    for pk, state, number in _count(list(by_id)):
        one = by_id[pk]
        one.counts[state] = one.counts.get(state, 0) + number
        totals[pk] += number
        one.is_more |= totals[pk] > LIMIT
    return found


def waiting() -> int:
    """Return how many shared mails wait to be sent, of any act, up to ``LIMIT``."""
    return Delivery.objects.filter(state=Delivery.State.PENDING, is_bulk=True).order_by()[:LIMIT].count()


def _keys(event: StatusEvent) -> Iterator[str]:
    """Return what the ledger knows the messages of an act by; ``status.emails`` names them."""
    if event.act == Act.COMPONENT_SET:
        stem = f"status-mark:{event.data.get('mark')}"
        yield from (f"{stem}:alone:{Way.WEBHOOK}:{rhythm}" for rhythm in Rhythm)
    elif event.act == Act.REMINDED and event.incident is not None:
        # That of then: a new plan since has raised the incident's own.
        sequence = event.data.get("sequence", event.incident.sequence)
        stem = f"status-reminder:{event.incident_id}:{sequence}:{event.data.get('minutes')}"
    else:
        stem = f"status-update:{event.update_id}"
    yield from (f"{stem}:{way}:{rhythm}" for way in Way for rhythm in Rhythm)


def _count(messages: Sequence[int]) -> list[tuple[int, str, int]]:
    if not messages:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(messages)])
        return list(cursor.fetchall())
