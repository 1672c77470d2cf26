"""Telling the worker that something is due. Lost nudges only delay: beat sweeps every few seconds."""

import logging
import threading
import time
from typing import Any

from celery import current_app
from django.db import transaction
from kombu import pools
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.5
# After a failure nobody tries for so long: a request that writes ten messages would wait ten times.
SILENCE_SECONDS = 5.0

_silent_until = threading.local()


def after_commit() -> None:
    """Nudge once the caller's transaction has committed; a failure to nudge never fails the request."""
    transaction.on_commit(deliver_due, robust=True)


def expand_after_commit() -> None:
    """The same for a message whose audience is yet to be expanded."""
    transaction.on_commit(expand_audiences, robust=True)


def deliver_due() -> None:
    """Ask for what is due to be sent."""
    send("notifications.tasks.deliver_due")


def deliver_endpoints() -> None:
    """Ask for what is due to be posted to endpoints."""
    send("notifications.tasks.deliver_endpoints")


def expand_audiences() -> None:
    """Ask for frozen audiences to be expanded."""
    send("notifications.tasks.expand_audiences")


def send(task: str, *args: object) -> None:
    """Put ``task`` on the queue, with half a second's patience and no retry."""
    if time.monotonic() < getattr(_silent_until, "moment", 0.0):
        return
    try:
        with pools.producers[_connection()].acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
            current_app.send_task(task, args=args, producer=producer, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        _silent_until.moment = time.monotonic() + SILENCE_SECONDS
        logger.warning("The worker could not be nudged (%s); the next sweep finds the work.", error)


def _connection() -> Any:
    # Celery's own producers would wait and retry for seconds before they say that the broker is away.
    impatient = {"max_retries": 0, "connect_retries_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    connection = current_app.connection_for_write(connect_timeout=PATIENCE_SECONDS)
    return connection.clone(transport_options={**(connection.transport_options or {}), **impatient})
