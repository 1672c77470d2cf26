"""What Celery runs. A lost task loses nothing: beat calls these every few seconds."""

from celery import shared_task

from notifications import audiences, claims, nudge, sending
from notifications.models import ENDPOINTS


@shared_task(name="notifications.tasks.deliver_due")
def deliver_due() -> int:
    """Send what is due by mail and on the site; slow endpoints go by themselves. Returns how many were handled."""
    if claims.endpoints_are_due():
        nudge.deliver_endpoints()
    return sending.run(channels=claims.OWN_CHANNELS)


@shared_task(name="notifications.tasks.deliver_endpoints")
def deliver_endpoints() -> int:
    """Post what is due to endpoints, by one worker at a time. Returns how many deliveries were handled."""
    return sending.run(channels=ENDPOINTS)


@shared_task(name="notifications.tasks.expand_audiences")
def expand_audiences() -> int:
    """Turn frozen audiences into deliveries. Returns how many messages were expanded."""
    return audiences.expand_due()
