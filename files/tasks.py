"""Sweeping what no form ever took."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from files import staging
from files.models import Upload, upload_storage

logger = logging.getLogger(__name__)

_BATCH = 200
_HOURS_A_DAY = 24


@shared_task(name="files.tasks.sweep_staged")
def sweep_staged() -> int:
    """Delete staged uploads after ``UPLOAD_STAGED_HOURS``, and stored bytes without a row. Returns how many."""
    now = timezone.now()
    oldest = now - timedelta(hours=settings.UPLOAD_STAGED_HOURS)
    swept = 0
    while count := _sweep_batch(oldest):
        swept += count
    return swept + sweep_orphans(oldest, part=now.hour)


def _sweep_batch(oldest: datetime) -> int:
    with transaction.atomic():
        uploads = list(Upload.objects.staged_before(oldest).select_for_update(skip_locked=True)[:_BATCH])
        for upload in uploads:
            staging.delete(upload)
    return len(uploads)


def sweep_orphans(oldest: datetime, *, part: int) -> int:
    """Delete bytes older than ``oldest`` whose row never committed, best effort. Returns how many.

    Looks through one in twenty-four of the storage's 256 folders, ``part`` saying which: all of them in a day.
    """
    storage = upload_storage()
    swept = 0
    try:
        folders = sorted(storage.listdir("")[0])
        for folder in folders:
            if len(folder) == 2 and sum(folder.encode()) % _HOURS_A_DAY == part:
                swept += _sweep_folder(storage, folder, oldest)
    except Exception as error:  # noqa: BLE001 - best effort, and each storage fails in its own way
        logger.info("The upload storage cannot be listed (%s).", error)
    return swept


def _sweep_folder(storage: Storage, folder: str, oldest: datetime) -> int:
    swept = 0
    tokens = storage.listdir(folder)[1]
    for start in range(0, len(tokens), _BATCH):
        batch = tokens[start : start + _BATCH]
        kept = set(Upload.objects.filter(token__in=batch).values_list("token", flat=True))
        for token in batch:
            if token not in kept and storage.get_modified_time(f"{folder}/{token}") < oldest:
                storage.delete(f"{folder}/{token}")
                swept += 1
    return swept
