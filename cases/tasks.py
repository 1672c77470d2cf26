"""Background work of cases: ids in, safe to run twice, no rules of its own."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cases import drafts, oncall, workflow
from cases.constants import Status
from cases.models import Case

logger = logging.getLogger(__name__)

CLOSE_BATCH = 500


@shared_task(name="cases.tasks.advance_alert")
def advance_alert(alert_id: int) -> None:
    """Take an alert's next step if it is due."""
    oncall.advance(alert_id=alert_id)


@shared_task(name="cases.tasks.advance_due_alerts")
def advance_due_alerts() -> None:
    """Take every due step: what a lost nudge left behind, and onward escalation."""
    for alert_id in oncall.due_alert_ids():
        try:
            oncall.advance(alert_id=alert_id)
        except Exception:  # one alert's trouble must not keep the others waiting
            logger.exception("Alert %s could not go on; the next sweep tries again.", alert_id)


@shared_task(name="cases.tasks.close_solved_cases")
def close_solved_cases() -> None:
    """Close what was solved ``CASE_AUTO_CLOSE_DAYS`` ago and not answered since."""
    before = timezone.now() - timedelta(days=settings.CASE_AUTO_CLOSE_DAYS)
    solved = Case.objects.filter(status=Status.SOLVED, solved_at__lt=before).order_by("solved_at")
    for case_id in solved.values_list("pk", flat=True)[:CLOSE_BATCH]:
        try:
            workflow.close_solved(case_id=case_id, solved_before=before)
        except Exception:  # one case's trouble must not keep the others open
            logger.exception("Case %s could not be closed; the next sweep tries again.", case_id)


@shared_task(name="cases.tasks.sweep_drafts")
def sweep_drafts() -> int:
    """Drop drafts that nobody has touched for long, or that were discarded."""
    return drafts.sweep()
