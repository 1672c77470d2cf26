"""Telling the worker that something is due. Lost nudges only delay: beat sweeps every few seconds."""

import logging
from functools import partial

from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def after_commit() -> None:
    """Nudge once the caller's transaction has committed; a failure to nudge never fails the request."""
    transaction.on_commit(partial(send, "notifications.tasks.deliver_due"), robust=True)


def send(task: str, *args: object) -> None:
    """Put ``task`` on the queue, with half a second's patience and no retry."""
    from celery import current_app as app

    try:
        app.send_task(task, args=args, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("The worker could not be nudged (%s); the next sweep finds the work.", error)
