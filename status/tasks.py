"""What beat runs for the status site. Each may run twice at once, and finds what an earlier one left undone."""

from celery import shared_task

from status import maintenance, publishing, subscribing, uptime


@shared_task(name="status.tasks.publish_due")
def publish_due() -> bool:
    """Publish what a process that died after its commit did not."""
    return publishing.publish()


@shared_task(name="status.tasks.renew")
def renew() -> bool:
    """Say again, with a new as-of time, how everything is."""
    return publishing.publish(renew=True)


@shared_task(name="status.tasks.keep_plans")
def keep_plans() -> int:
    """Start and end maintenance that does so by itself, and remind subscribers. Returns how many acts that were."""
    return maintenance.start_due() + maintenance.end_due() + maintenance.remind_due()


@shared_task(name="status.tasks.roll_up")
def roll_up() -> None:
    """Write the days that are over into the uptime roll-up."""
    uptime.roll_up()


@shared_task(name="status.tasks.sweep_snapshot")
def sweep_snapshot() -> int:
    """Remove files of the snapshot that nothing refers to any more. Returns how many."""
    return publishing.store().sweep()


@shared_task(name="status.tasks.sweep_subscribers")
def sweep_subscribers() -> int:
    """Forget sign-ups that nobody confirmed, and subscriptions that ended long ago. Returns how many."""
    return subscribing.sweep()
