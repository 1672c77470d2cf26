"""From what happened on the status site to rows in the delivery ledger.

One message for each way and rhythm that an act reaches, and one delivery for each subscriber, however many components
it is about. What is frozen are ids, codes and times; ``status.presenting`` makes words of them just before sending.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import get_template
from django.utils import timezone

from accounts.models import User
from notifications import ledger, rendering
from notifications.models import Channel
from status import audiences, presenting
from status.constants import ENDED, Act, Delivery, Kind, Way
from status.models import Component, ComponentMark, Incident, IncidentUpdate, StatusEvent

CHANNELS: Mapping[str, Channel] = {Way.MAIL: Channel.MAIL, Way.WEBHOOK: Channel.WEBHOOK, Way.CHAT: Channel.CHAT}


@dataclass(frozen=True, slots=True)
class Change:
    """A component that was set from one status to another, and the mark that says so."""

    component: Component
    old: str
    new: str
    mark: ComponentMark


@dataclass(frozen=True, slots=True)
class Preview:
    """What subscribers by mail would get."""

    subject: str
    text: str
    html: str


def tell_update(update: IncidentUpdate, *, act: Act, actor: User | None = None) -> None:
    """Tell of an update, in its transaction. The actor is not told: they know. Telling twice is telling once."""
    changed = list(update.effects.values_list("component_id", flat=True))
    context = _of_update(update, act=act)
    if act == Act.RESCHEDULED:
        event = StatusEvent.objects.filter(update=update, act=act).order_by("-id").first()
        context["was"] = event.data.get("before") if event else None
    _tell(
        _kind(update.incident),
        event=f"status-update:{update.pk}",
        context=context,
        changed=changed,
        incident=update.incident,
        actor=actor,
    )


def tell_reminder(incident: Incident, *, minutes: int) -> None:
    """Remind of a maintenance that begins in ``minutes``, once for each plan of it."""
    update = incident.updates.first()
    if update is None:
        return
    _tell(
        _kind(incident),
        event=f"status-reminder:{incident.pk}:{incident.sequence}:{minutes}",
        context=_of_update(update, act=Act.REMINDED) | {"minutes": minutes},
        changed=(),
        incident=incident,
        actor=None,
    )


def tell_component(component: Component, *, old: str, new: str, mark: ComponentMark, actor: User | None = None) -> None:
    """Tell who follows components that one was set from ``old`` to ``new``."""
    tell_components([Change(component, old, new, mark)], actor=actor)


def tell_components(changes: Sequence[Change], *, actor: User | None = None) -> None:
    """Tell who follows components of all that one act set: one message a person."""
    real = [change for change in changes if change.old != change.new]
    if not real:
        return
    ids = [change.component.pk for change in real]
    thread = f"status-component:{real[0].component.public_id}" if len(real) == 1 else ""
    _post(
        "status.component",
        # A program is told of each component by itself: that is the shape it expects.
        parts=[(f"status-mark:{change.mark.pk}:alone", _of_changes([change])) for change in real],
        whole=(f"status-mark:{real[0].mark.pk}", _of_changes(real)),
        criteria=audiences.criteria(kind=audiences.COMPONENT, component_ids=ids, changed_ids=ids),
        thread=thread,
        actor=actor,
    )


def _of_changes(changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "changes": [[change.component.pk, change.old, change.new, change.mark.pk] for change in changes],
        "at": changes[0].mark.at.isoformat(),
    }


def preview(
    *,
    act: Act,
    kind: str,
    name: str,
    status: str,
    body: str,
    components: Mapping[int, str] | None = None,
    plan: presenting.Plan | None = None,
    was: presenting.Plan | None = None,
) -> Preview:
    """Return what subscribers by mail would get, in the active language and zone. Writes nothing.

    ``components`` gives statuses by component id, ``plan`` start and end of a maintenance, ``was`` those before it was
    rescheduled.
    """
    shown = presenting.of_draft(
        act=act, kind=kind, name=name, status=status, body=body, components=components or {}, plan=plan, was=was
    )
    template = "emails/status/maintenance" if kind == Kind.MAINTENANCE else "emails/status/incident"
    return Preview(
        subject=rendering.one_line(rendering.plain(f"{template}.subject.txt", shown)),
        text=rendering.paragraphs(rendering.plain(f"{template}.txt", shown)),
        html=get_template(f"{template}.html").render(shown),
    )


def _kind(incident: Incident) -> str:
    return "status.maintenance" if incident.is_maintenance else "status.incident"


def _of_update(update: IncidentUpdate, *, act: Act) -> dict[str, Any]:
    """Return what is frozen of an update: what it says of components as well, for they go on."""
    incident = update.incident
    # Once it is over a component is as it is: another incident may hold it still.
    shown = "component__status" if update.status in ENDED else "status"
    affected = list(incident.affected.order_by("component_id").values_list("component_id", shown))
    return {
        "update": update.pk,
        "act": str(act),
        "components": [list(row) for row in affected],
        "plan": [moment.isoformat() for moment in (incident.scheduled_for, incident.scheduled_until) if moment],
    }


def _tell(
    kind: str,
    *,
    event: str,
    context: dict[str, Any],
    changed: Collection[int],
    incident: Incident,
    actor: User | None,
) -> None:
    ids = {pk for pk, _status in context["components"]} | set(changed)
    _post(
        kind,
        whole=(event, context),
        criteria=audiences.criteria(kind=incident.kind, component_ids=ids, changed_ids=changed),
        thread=f"status:{incident.public_id}",
        actor=actor,
    )


def _post(
    kind: str,
    *,
    whole: tuple[str, Mapping[str, Any]],
    criteria: Mapping[str, Any],
    thread: str,
    actor: User | None,
    parts: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> None:
    """Write a message for each way and rhythm that anybody has: as many statements for ten as for a thousand.

    ``whole`` is event and context of the act; ``parts`` are the same of its parts, where webhooks get it in parts.
    """
    moment = timezone.now().isoformat()
    for group in audiences.count(criteria):
        is_batched = group.way == Way.MAIL and group.delivery != Delivery.AT_ONCE
        for event, context in parts if parts and group.way == Way.WEBHOOK else [whole]:
            ledger.post_to_audience(
                kind=kind,
                event=f"{event}:{group.way}:{group.delivery}",
                audience=audiences.SUBSCRIBERS,
                criteria={**criteria, "way": str(group.way), "delivery": str(group.delivery), "at": moment},
                context={**context, "criteria": dict(criteria)},
                channel=CHANNELS[group.way],
                actor=actor,
                thread=thread,
                digest_key=f"status:{group.delivery}" if is_batched else "",
                later=group.count > ledger.AUDIENCE_LIMIT,
            )
