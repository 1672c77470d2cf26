"""Background work of the status site: ids in, safe to run twice, no rules of its own."""

from celery import shared_task

from status import uptime


@shared_task(name="status.tasks.roll_up")
def roll_up() -> None:
    """Write the uptime of the last 90 days."""
    uptime.roll_up()
