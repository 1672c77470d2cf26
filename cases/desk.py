"""What engineers do to a case beside answering it: own, rank, escalate, edit, lower."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Product, User
from cases import changes, emails, oncall, policies, production_down, workflow
from cases.constants import Environment, EventKind, Priority, Severity
from cases.models import Case
from lib import markdown


def _lock_for_work(case_id: int, actor: User) -> Case:
    case = changes.lock(case_id=case_id, user=actor)
    policies.work_desk(actor).require()
    return case


@transaction.atomic
def assign(*, case_id: int, owner: User | None, actor: User, version: int | None = None) -> Case:
    """Give the case to ``owner``, or to nobody. Raises ``PermissionDenied`` when the owner does not work the desk."""
    case = _lock_for_work(case_id, actor)
    if case.owner_id == (owner.pk if owner else None):
        return case
    changes.require_version(case, version)
    policies.own(owner).require()
    before = case.owner_id
    case.owner = owner
    event = changes.record(
        case, EventKind.ASSIGNED, actor=actor, data={"from": before, "to": owner.pk if owner else None}
    )
    changes.save(case, "owner")
    if owner is not None:
        emails.assigned(case, event=event, owner=owner)
    return case


@transaction.atomic
def take(*, case_id: int, actor: User) -> Case:
    """Become the owner of a case that nobody owns. Raises ``changes.StaleCaseError`` when a colleague was quicker."""
    case = _lock_for_work(case_id, actor)
    if case.owner_id not in (None, actor.pk):
        raise changes.StaleCaseError(case, _("%(name)s took this case first.") % {"name": case.owner})
    return assign(case_id=case_id, owner=actor, actor=actor)


@transaction.atomic
def set_priority(*, case_id: int, priority: Priority, reason: str, actor: User, version: int | None = None) -> Case:
    """Change the place in the queue. Below Urgent a Production Down is lowered; later edits do not raise it again."""
    case = _lock_for_work(case_id, actor)
    if case.priority == priority:
        return case
    changes.require_version(case, version)
    before, case.priority = case.priority, priority
    fields = ["priority"]
    comment = changes.add_comment(case, author=actor, body=reason, internal=True) if reason else None
    # The reason is for colleagues; the customer sees the change.
    changes.record(case, EventKind.PRIORITY_CHANGED, actor=actor, data={"from": before, "to": priority})
    if comment:
        changes.record(case, EventKind.NOTED, actor=actor, comment=comment, internal=True)
    if case.is_production_down and priority != Priority.URGENT:
        case.production_down_lowered_at = timezone.now()
        fields.append("production_down_lowered_at")
        changes.record(case, EventKind.PRODUCTION_DOWN_LOWERED, actor=actor)
        oncall.stand_down(case, actor=actor)
    changes.save(case, *fields)
    return case


@transaction.atomic
def set_severity(*, case_id: int, severity: Severity, reason: str, actor: User, version: int | None = None) -> Case:
    """Change the impact as agreed with the customer; the first-response target follows while it is still open."""
    case = _lock_for_work(case_id, actor)
    if case.severity == severity:
        return case
    changes.require_version(case, version)
    before, case.severity = case.severity, severity
    if case.first_responded_at is None:
        case.first_response_due_at = workflow.first_response_due(case.account, severity, case.opened_at)
    changes.record(case, EventKind.SEVERITY_CHANGED, actor=actor, data={"from": before, "to": severity})
    if reason:
        comment = changes.add_comment(case, author=actor, body=reason, internal=True)
        changes.record(case, EventKind.NOTED, actor=actor, comment=comment, internal=True)
    changes.save(case, "severity", "first_response_due_at")
    return case


@transaction.atomic
def set_escalated(*, case_id: int, escalated: bool, actor: User, version: int | None = None) -> Case:
    """Set or clear the escalation flag."""
    case = _lock_for_work(case_id, actor)
    if (case.escalated_at is not None) == escalated:
        return case
    changes.require_version(case, version)
    case.escalated_at = timezone.now() if escalated else None
    changes.record(case, EventKind.ESCALATED if escalated else EventKind.DEESCALATED, actor=actor)
    changes.save(case, "escalated_at")
    return case


@transaction.atomic
def edit(
    *,
    case_id: int,
    actor: User,
    subject: str,
    description: str,
    product: Product,
    environment: Environment,
    endpoints: str,
    version: int | None = None,
) -> Case:
    """Change what the case says. A subject that now holds the Production Down phrase raises and alerts, once ever."""
    case = changes.lock(case_id=case_id, user=actor)
    policies.edit(actor, case).require()
    new = {
        "subject": subject,
        "description": description,
        "product": product,
        "environment": environment,
        "endpoints": endpoints,
    }
    changed = [name for name, value in new.items() if getattr(case, name) != value]
    if not changed:
        return case
    changes.require_version(case, version)
    for name in changed:
        setattr(case, name, new[name])
    fields = list(changed)
    changes.record(case, EventKind.EDITED, actor=actor, data={"fields": sorted(changed)})
    if "description" in changed:
        case.description_html = markdown.render(description)
        case.markdown_version = markdown.RENDERER_VERSION
        fields += ["description_html", "markdown_version"]
    raised = "subject" in changed and case.production_down_at is None and production_down.matches(subject)
    if raised:
        case.production_down_at = timezone.now()
        fields.append("production_down_at")
        if case.priority != Priority.URGENT:
            changes.record(
                case, EventKind.PRIORITY_CHANGED, actor=actor, data={"from": case.priority, "to": Priority.URGENT}
            )
            case.priority = Priority.URGENT
            fields.append("priority")
        changes.record(case, EventKind.PRODUCTION_DOWN_RAISED, actor=actor)
    changes.save(case, *fields)
    if {"subject", "description"} & set(changed):
        changes.rebuild_index(case)
    if raised:
        oncall.raise_alert(case)
    return case
