"""What Celery runs for probes and alerts. A lost task loses nothing: beat calls these again."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from status import probing
from status.models import AlertGroup, IdempotentRequest, ReceivedAlert

# Longer than anybody looks back; the newest are kept however old.
RECEIVED_KEPT = timedelta(days=30)
RECEIVED_LIMIT = 5_000
GROUPS_KEPT = timedelta(days=30)
REQUESTS_KEPT = timedelta(days=1)


@shared_task(name="status.probe_tasks.run_due_probes", expires=60)
def run_due_probes() -> int:
    """Ask what is due. Returns how many results were recorded."""
    return probing.run_due()


@shared_task(name="status.probe_tasks.sweep_automation")
def sweep_automation() -> None:
    """Forget old webhooks, groups that have long been over, and answers that nobody asks for again. Idempotent."""
    now = timezone.now()
    IdempotentRequest.objects.filter(created_at__lt=now - REQUESTS_KEPT).delete()
    AlertGroup.objects.filter(is_firing=False, updated_at__lt=now - GROUPS_KEPT).delete()
    ReceivedAlert.objects.filter(received_at__lt=now - RECEIVED_KEPT).delete()
    oldest_kept = ReceivedAlert.objects.order_by("-id").values_list("id", flat=True)[
        RECEIVED_LIMIT : RECEIVED_LIMIT + 1
    ]
    for pk in oldest_kept:
        ReceivedAlert.objects.filter(pk__lte=pk).delete()
