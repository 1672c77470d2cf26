"""The on-call list: alerted step by step until an engineer acknowledges.

The alert's row is written with the case; each step is taken afterwards, in a transaction of its own, so that an
alert that fails never loses the case. A beat sweep takes the steps that a lost nudge left behind.
"""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.constants import Role
from accounts.models import User
from cases import changes, emails, policies
from cases.constants import EventKind
from cases.models import Alert, Case, OnCallStep
from notifications import nudge
from notifications.ledger import To
from notifications.models import Channel

# With nobody on the list the managers are told, again and again: silence would be worse.
FALLBACK_WAIT = timedelta(minutes=10)


def raise_alert(case: Case) -> Alert:
    """Write the alert of a case that has just become Production Down, and start it after commit.

    Once per case at a time: an alert that is still unacknowledged is returned as it is.
    """
    alert, created = Alert.objects.get_or_create(case=case, acknowledged_at=None)
    if created:
        transaction.on_commit(partial(nudge.send, "cases.tasks.advance_alert", alert.pk), robust=True)
    return alert


@transaction.atomic
def advance(*, alert_id: int) -> bool:
    """Alert the next step of the list if its time has come. Safe to call twice. Says whether it alerted."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("case__account").filter(pk=alert_id).first()
    if alert is None or alert.acknowledged_at is not None or alert.next_at > timezone.now():
        return False
    recipients, wait, step_data = _next_step(alert)
    taken = alert.steps_taken
    alert.steps_taken = taken + 1
    alert.next_at = timezone.now() + wait
    alert.save(update_fields=["steps_taken", "next_at"])
    changes.record(
        alert.case, EventKind.ALERTED, actor=None, data={"alert": alert.pk, "step": taken, **step_data}, internal=True
    )
    emails.production_down(alert, step=taken, recipients=recipients)
    return True


@transaction.atomic
def acknowledge(*, token: str, actor: User) -> Alert:
    """Stop the alert: this engineer is on it. The same again changes nothing. Raises ``Alert.DoesNotExist``."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("case").get(token=token)
    policies.work_desk(actor).require()
    if alert.acknowledged_at is None:
        case = changes.lock(case_id=alert.case_id, user=actor)
        _acknowledge(alert, actor=actor)
        changes.record(case, EventKind.ACKNOWLEDGED, actor=actor)
        changes.save(case)
    return alert


def stand_down(case: Case, *, actor: User) -> None:
    """End the open alert of a case that an engineer has lowered; the caller has locked the case."""
    for alert in Alert.objects.select_for_update(of=("self",)).filter(case=case, acknowledged_at=None):
        _acknowledge(alert, actor=actor)


def due_alert_ids(limit: int = 200) -> list[int]:
    """Return the ids of alerts whose next step is due."""
    return list(Alert.objects.due().values_list("pk", flat=True)[:limit])


def _acknowledge(alert: Alert, *, actor: User) -> None:
    alert.acknowledged_at = timezone.now()
    alert.acknowledged_by = actor
    alert.save(update_fields=["acknowledged_at", "acknowledged_by"])


def _next_step(alert: Alert) -> tuple[list[To], timedelta, dict[str, int]]:
    steps = [step for step in OnCallStep.objects.select_related("user") if _reaches_somebody(step)]
    if not steps:
        managers = User.objects.filter(groups__name=Role.MANAGER, is_active=True)
        return [To(user=manager) for manager in managers], FALLBACK_WAIT, {"fallback": len(managers)}
    step = steps[alert.steps_taken % len(steps)]
    recipients = []
    if step.user is not None and step.user.is_active:
        recipients += [To(user=step.user), To(user=step.user, channel=Channel.SITE)]
    if step.webhook_url:
        recipients.append(To(address=step.webhook_url, channel=Channel.WEBHOOK))
    return recipients, timedelta(minutes=step.minutes), {"position": step.position}


def _reaches_somebody(step: OnCallStep) -> bool:
    return bool(step.webhook_url) or (step.user is not None and step.user.is_active)
