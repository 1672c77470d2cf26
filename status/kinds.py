"""The kinds of messages that the status site sends: what the ledger asks and renders just before it does."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _l

from notifications.kinds import Kind, Recipient, Sample
from notifications.models import Delivery
from notifications.samples import AT
from status import audiences, endpoints, letters, payloads, presenting, samples
from status.constants import Act, ComponentStatus, Stage

Frozen = Mapping[str, Any]


def _may_receive(recipient: Recipient, frozen: Frozen) -> bool:
    return _is_public(frozen) and audiences.may_receive(recipient.reference, frozen["criteria"])


def _those_who_may(recipients: Sequence[Recipient], frozen: Frozen) -> Collection[Recipient]:
    if not _is_public(frozen):
        return []
    found = audiences.those_who_may([recipient.reference for recipient in recipients], frozen["criteria"])
    return [recipient for recipient in recipients if recipient.reference in found]


def _is_public(frozen: Frozen) -> bool:
    return "update" not in frozen or presenting.incident_exists(frozen)


def _given_up(delivery: Delivery) -> None:
    endpoints.give_up(token=delivery.reference)


def _manage(recipient: Recipient, _frozen: Frozen) -> str:
    return letters.manage_url(recipient.reference)


def _unsubscribe(recipient: Recipient, _frozen: Frozen) -> str:
    return letters.unsubscribe_url(recipient.reference)


_COMMON: dict[str, Any] = {
    "is_shared": True,
    "may_receive": _may_receive,
    "may_receive_many": _those_who_may,
    "manage_url": _manage,
    "unsubscribe_url": _unsubscribe,
    "endpoint_secret": letters.secret_of,
    "on_given_up": _given_up,
}


def _incident(stage: Stage, status: ComponentStatus) -> dict[str, Any]:
    return presenting.shown_update(samples.update(stage), act=Act.UPDATED, told=samples.told(status))


def _maintenance(act: Act) -> dict[str, Any]:
    return presenting.shown_update(
        samples.update(Stage.SCHEDULED),
        act=act,
        told=samples.told(ComponentStatus.MAINTENANCE),
        plan=samples.plan(),
        was=samples.plan(days=2) if act == Act.RESCHEDULED else None,
        minutes=60 if act == Act.REMINDED else 0,
    )


def _components(count: int) -> dict[str, Any]:
    told = samples.told(ComponentStatus.DEGRADED, old=ComponentStatus.OPERATIONAL)[:count]
    return presenting.shown_components(told, mark=1, at=AT.isoformat())


ACTS = (
    Kind(
        name="status.incident",
        label=_l("Incident"),
        present=lambda _nobody, frozen: presenting.of_update(frozen),
        webhook_body=payloads.incident_body,
        chat_body=payloads.chat_message,
        samples=(
            Sample(partial(_incident, Stage.INVESTIGATING, ComponentStatus.PARTIAL)),
            Sample(partial(_incident, Stage.RESOLVED, ComponentStatus.OPERATIONAL), code="resolved"),
        ),
        **_COMMON,
    ),
    Kind(
        name="status.maintenance",
        label=_l("Maintenance"),
        present=lambda _nobody, frozen: presenting.of_update(frozen),
        webhook_body=payloads.incident_body,
        chat_body=payloads.chat_message,
        samples=(
            Sample(partial(_maintenance, Act.SCHEDULED)),
            Sample(partial(_maintenance, Act.RESCHEDULED), code="rescheduled"),
            Sample(partial(_maintenance, Act.REMINDED), code="reminder"),
        ),
        **_COMMON,
    ),
    Kind(
        name="status.component",
        label=_l("Component status"),
        present=lambda _nobody, frozen: presenting.of_components(frozen),
        webhook_body=payloads.component_body,
        chat_body=payloads.chat_components,
        samples=(
            Sample(partial(_components, 1)),
            Sample(partial(_components, 2), code="several"),
        ),
        **_COMMON,
    ),
)

KINDS = (*ACTS, *letters.KINDS)
