"""What Celery runs. A lost task loses nothing: beat calls these every few seconds."""

from celery import shared_task

from notifications import audiences, sending


@shared_task(name="notifications.tasks.deliver_due")
def deliver_due() -> int:
    """Send what is due. Returns how many deliveries were handled."""
    return sending.run()


@shared_task(name="notifications.tasks.expand_audiences")
def expand_audiences() -> int:
    """Turn frozen audiences into deliveries. Returns how many messages were expanded."""
    return audiences.expand_due()
