"""What subscribers would get and how many they are, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import User
from status import audiences, emails
from status.console import rows
from status.console.forms import IncidentForm, UpdateForm
from status.console.plan_forms import PlanForm, RescheduleForm
from status.constants import ENDED, Act, ComponentStatus, Kind, Stage, Way
from status.models import Incident
from status.presenting import Plan

_UP = ComponentStatus.OPERATIONAL.value


@dataclass(frozen=True, slots=True)
class Notice:
    """A message and its readers by way. ``is_told`` is false where the operator tells nobody."""

    message: emails.Preview
    recipients: Sequence[tuple[Way, int]]
    is_told: bool = True

    @property
    def total(self) -> int:
        """Return how many subscribers that are."""
        return sum(number for _way, number in self.recipients)


def of_opening(form: IncidentForm, *, actor: User) -> Notice:
    """Return what opening this incident would send."""
    data, statuses = form.cleaned_data, form.statuses
    message = emails.preview(
        act=Act.OPENED,
        kind=Kind.INCIDENT,
        name=data["name"],
        status=data["status"],
        body=data["body"],
        components=statuses,
    )
    changed = [pk for pk, status in statuses.items() if status != _UP]
    return _notice(message, Kind.INCIDENT, statuses, changed, actor=actor, is_told=data.get("deliver", True))


def of_update(form: UpdateForm, incident: Incident, *, actor: User) -> Notice:
    """Return what this update would send."""
    data = form.cleaned_data
    before = rows.held_by(incident)
    after = {**before, **form.changes}
    if data["status"] == Stage.IN_PROGRESS and incident.status == Stage.SCHEDULED:
        before, after = {}, dict.fromkeys(before, ComponentStatus.MAINTENANCE.value) | form.changes
    elif incident.has_ended:
        before = {}
    if data["status"] in ENDED:
        after = dict.fromkeys(after, _UP)
    message = emails.preview(
        act=Act.UPDATED,
        kind=incident.kind,
        name=incident.name,
        status=data["status"],
        body=data["body"],
        components=after,
        plan=_plan_of(incident),
    )
    changed = [] if data["status"] == Stage.SCHEDULED else [pk for pk in after if after[pk] != before.get(pk, _UP)]
    return _notice(message, incident.kind, after, changed, actor=actor, is_told=data["deliver"])


def of_plan(form: PlanForm, incident: Incident | None, *, actor: User) -> Notice:
    """Return what scheduling, or rescheduling ``incident``, would send."""
    data = form.cleaned_data
    components = dict.fromkeys(data["components"], ComponentStatus.MAINTENANCE.value)
    wanted = form.exact(incident) if isinstance(form, RescheduleForm) and incident else form.plan
    plan, was = Plan(wanted.start, wanted.end), _plan_of(incident) if incident else None
    message = emails.preview(
        act=Act.SCHEDULED if incident is None else Act.RESCHEDULED,
        kind=Kind.MAINTENANCE,
        name=data["name"] if incident is None else incident.name,
        status=Stage.SCHEDULED,
        body=data["body"],
        components=components,
        plan=plan,
        was=was,
    )
    # The same plan again tells nobody.
    is_told = data["deliver"] and plan != was
    return _notice(message, Kind.MAINTENANCE, components, (), actor=actor, is_told=is_told)


def of_cancelling(body: str, incident: Incident, *, actor: User, is_told: bool) -> Notice:
    """Return what calling a maintenance off would send."""
    components = rows.held_by(incident)
    message = emails.preview(
        act=Act.CANCELLED,
        kind=Kind.MAINTENANCE,
        name=incident.name,
        status=Stage.CANCELLED,
        body=body,
        components=components,
        plan=_plan_of(incident),
    )
    return _notice(message, Kind.MAINTENANCE, components, (), actor=actor, is_told=is_told)


def _notice(
    message: emails.Preview,
    kind: str,
    components: Mapping[int, str],
    changed: Sequence[int],
    *,
    actor: User,
    is_told: bool,
) -> Notice:
    numbers = audiences.recipients_of(component_ids=list(components), kind=kind, changed_ids=changed, actor=actor)
    return Notice(message, [(way, number) for way, number in numbers.items() if number], is_told)


def _plan_of(incident: Incident) -> Plan | None:
    if incident.scheduled_for is None or incident.scheduled_until is None:
        return None
    return Plan(incident.scheduled_for, incident.scheduled_until)
