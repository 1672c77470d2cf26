"""The on-call list: alerted step by step until an engineer acknowledges.

The alert's row is written with the case; each step is taken afterwards, in a transaction of its own, so that an
alert that fails never loses the case. A beat sweep takes the steps that a lost nudge left behind.

Whoever needs both rows locks the case first and its alert second.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.constants import Role
from accounts.models import User
from cases import changes, emails, policies
from cases.constants import EventKind
from cases.models import Alert, Case, CaseEvent, OnCallStep
from cases.querysets import desk_workers
from notifications import nudge
from notifications.ledger import To
from notifications.models import Channel

logger = logging.getLogger(__name__)

# With nobody on the list the managers are told, again and again: silence would be worse.
FALLBACK_WAIT = timedelta(minutes=10)
# After a step that could not even be written, the next one follows at the next sweep.
FAILED_WAIT = timedelta(0)
ALERTS_SHOWN = 20

_SOMEBODY_IS_ON_CALL = "cases:somebody-is-on-call"
REMEMBERED_SECONDS = 30

ALERT_EVENTS = frozenset({
    EventKind.PRODUCTION_DOWN_RAISED,
    EventKind.PRODUCTION_DOWN_LOWERED,
    EventKind.ALERTED,
    EventKind.ACKNOWLEDGED,
})  # fmt: skip


def raise_alert(case: Case) -> Alert:
    """Write the alert of a case that has just become Production Down, and start it after commit.

    Once per case at a time: an alert that is still unacknowledged is returned as it is.
    """
    alert, created = Alert.objects.get_or_create(case=case, acknowledged_at=None)
    if created:
        # A function and no partial: when it fails, Django's log asks for its name.
        transaction.on_commit(lambda: nudge.send("cases.tasks.advance_alert", alert.pk), robust=True)
    return alert


@transaction.atomic
def advance(*, alert_id: int) -> bool:
    """Alert the next step of the list if its time has come. Safe to call twice. Says whether it took a step.

    A step that cannot be written is left out with an error in the log, and the one after it follows.
    """
    alert = _lock(alert_id=alert_id)
    if alert is None or alert.acknowledged_at is not None or alert.next_at > timezone.now():
        return False
    step = _next_step(alert)
    taken = alert.steps_taken
    wait = step.wait
    data = {"alert": alert.pk, "step": taken, **step.data}
    try:
        with transaction.atomic():
            emails.production_down(alert, step=taken, recipients=step.recipients)
    except Exception:  # whatever is wrong with this step, the next person must be woken
        logger.exception("Step %s of the alert for %s could not be written.", taken + 1, alert.case.number)
        data["failed"] = True
        wait = FAILED_WAIT
    changes.record(alert.case, EventKind.ALERTED, actor=None, data=data, internal=True)
    alert.steps_taken = taken + 1
    alert.next_at = timezone.now() + wait
    alert.save(update_fields=["steps_taken", "next_at"])
    return True


@transaction.atomic
def acknowledge(*, token: str, actor: User) -> Alert:
    """Stop the alert: this engineer is on it. The same again changes nothing. Raises ``Alert.DoesNotExist``."""
    policies.work_desk(actor).require()
    case = changes.lock(case_id=Alert.objects.get(token=token).case_id, user=actor)
    alert = Alert.objects.select_for_update(of=("self",)).select_related("acknowledged_by").get(token=token)
    if alert.acknowledged_at is None:
        _acknowledge(alert, actor=actor)
        changes.record(case, EventKind.ACKNOWLEDGED, actor=actor, data={"alert": alert.pk})
        changes.save(case)
    return alert


def stand_down(case: Case, *, actor: User) -> None:
    """End the open alert of a case that an engineer has lowered; the caller has locked the case."""
    for alert in Alert.objects.select_for_update(of=("self",)).filter(case=case, acknowledged_at=None):
        _acknowledge(alert, actor=actor)


def due_alert_ids(limit: int = 200) -> list[int]:
    """Return the ids of alerts whose next step is due."""
    return list(Alert.objects.due().values_list("pk", flat=True)[:limit])


def open_alerts() -> models.QuerySet[Alert]:
    """Return the alerts that nobody has acknowledged, oldest first, each with the ``round`` that the list is in."""
    last = CaseEvent.objects.filter(case=OuterRef("case"), kind=EventKind.ALERTED).order_by("-id")
    return (
        Alert.objects.unacknowledged()
        .select_related("case__account")
        .only("token", "raised_at", "steps_taken", "next_at", "acknowledged_at", "case__subject", "case__account__name")
        .annotate(round=Subquery(last.values("data__round")[:1]))
        .order_by("raised_at")[:ALERTS_SHOWN]
    )


def seems_list_empty() -> bool:
    """Say the same as ``is_list_empty`` for a page that is asked often: a yes to somebody is kept for half a minute."""
    if cache.get(_SOMEBODY_IS_ON_CALL):
        return False
    is_empty = is_list_empty()
    if not is_empty:
        cache.set(_SOMEBODY_IS_ON_CALL, "yes", REMEMBERED_SECONDS)
    return is_empty


def is_list_empty() -> bool:
    """Say whether nobody on the on-call list could be woken now."""
    workers = desk_workers().order_by().values("pk")
    return not OnCallStep.objects.filter(~models.Q(webhook_url="") | models.Q(user__in=workers)).exists()


def first_to_be_alerted() -> OnCallStep | None:
    """Return the step that the next alert begins with; nothing when the list wakes nobody."""
    return next((step for step in _steps() if _reaches_somebody(step)), None)


def _lock(*, alert_id: int) -> Alert | None:
    case_id = Alert.objects.filter(pk=alert_id).values_list("case", flat=True).first()
    if case_id is None:
        return None
    case = Case.objects.select_related("account").select_for_update(of=("self",)).get(pk=case_id)
    alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)
    alert.case = case
    return alert


def _acknowledge(alert: Alert, *, actor: User) -> None:
    alert.acknowledged_at = timezone.now()
    alert.acknowledged_by = actor
    alert.save(update_fields=["acknowledged_at", "acknowledged_by"])


@dataclass(frozen=True, slots=True)
class _Step:
    recipients: list[To]
    wait: timedelta
    data: dict[str, int | bool]


def _next_step(alert: Alert) -> _Step:
    """Return the step after the one last taken, by its place in the list as the list is now.

    So a list that is edited while an alert runs wakes nobody twice in a round, and leaves out nobody who is still due.
    """
    position, lap = _where(alert)
    steps = [step for step in _steps() if _reaches_somebody(step)]
    if not steps:
        return _fallback(lap + 1)
    following = [step for step in steps if step.position > position]
    if not following or lap == 0:
        lap += 1
    step = following[0] if following else steps[0]
    recipients = []
    data: dict[str, int | bool] = {"position": step.position, "round": lap}
    if step.user is not None and _may_be_woken(step):
        recipients += [To(user=step.user), To(user=step.user, channel=Channel.SITE)]
        data["user"] = step.user.pk
    if step.webhook_url:
        recipients.append(To(address=step.webhook_url, channel=Channel.WEBHOOK))
        data["webhook"] = True
    return _Step(recipients, timedelta(minutes=step.minutes), data)


def _where(alert: Alert) -> tuple[int, int]:
    """Return the position last alerted and the round it belonged to; -1 and 0 before the first step."""
    last = (
        CaseEvent.objects.filter(case=alert.case_id, kind=EventKind.ALERTED, data__alert=alert.pk)
        .order_by("-id")
        .values_list("data", flat=True)
        .first()
    )
    if last is None:
        return -1, 0
    # A round of the managers has no position: the list, once there is one, begins at its beginning.
    return last.get("position", -1), last.get("round", 1)


def _fallback(lap: int) -> _Step:
    people = list(User.objects.filter(groups__name=Role.MANAGER, is_active=True))
    people = people or list(User.objects.filter(is_superuser=True, is_active=True))
    recipients = [to for person in people for to in (To(user=person), To(user=person, channel=Channel.SITE))]
    return _Step(recipients, FALLBACK_WAIT, {"fallback": len(people), "round": lap})


def _steps() -> models.QuerySet[OnCallStep]:
    on_duty = models.Exists(desk_workers().order_by().filter(pk=OuterRef("user")))
    return OnCallStep.objects.select_related("user").annotate(is_user_on_duty=on_duty).order_by("position")


def _may_be_woken(step: OnCallStep) -> bool:
    # Somebody who has left, or no longer works the desk, could not answer.
    return bool(getattr(step, "is_user_on_duty", False))


def _reaches_somebody(step: OnCallStep) -> bool:
    return bool(step.webhook_url) or _may_be_woken(step)
