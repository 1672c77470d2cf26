"""Publishing: each change raises the version in its own transaction, and is rendered into the snapshot after commit.

A process that dies between the two is made up for by the sweep (``status.tasks``), which compares versions.
"""

import logging
import threading
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from status import collecting, uptime
from status.models import Publication
from status.snapshot import rendering
from status.snapshot.store import Store, StoreError

logger = logging.getLogger(__name__)

LOCK_WAIT = 10.0  # seconds; a publication takes a fraction of one
_publishing = threading.local()

_RAISE = """
INSERT INTO status_publication (id, version, changed_at) VALUES (1, %(least)s, clock_timestamp())
ON CONFLICT (id) DO UPDATE
SET version = greatest(status_publication.version + 1, %(least)s), changed_at = EXCLUDED.changed_at
RETURNING version
"""


def store() -> Store:
    """Return the snapshot's store."""
    return Store(Path(settings.STATUS_SNAPSHOT_DIR))


def lock() -> None:
    """Let no other write of the status site run before the caller's transaction ends."""
    Publication.lock()


def changed(*, least: int = 1) -> int:
    """Raise the version in the caller's transaction, to ``least`` at least, and publish after commit. Returns it."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, {"least": least})
        version: int = cursor.fetchone()[0]
    transaction.on_commit(publish_after_commit, robust=True)
    return version


def publish_after_commit() -> None:
    """Publish what was committed. A failure is logged and mended by the sweep: the change itself has happened."""
    if getattr(_publishing, "now", False):
        # Taking in the journal: what its acts change is published when all of them are in.
        return
    try:
        publish()
    except (StoreError, OSError):
        logger.exception("The status snapshot could not be published; the next sweep tries again.")


def publish(*, renew: bool = False) -> bool:
    """Bring the snapshot up to the database. Returns whether it was written.

    What the break-glass command wrote without the database is taken in first. ``renew`` writes also when nothing has
    changed: the as-of time says that somebody looked. Raises ``StoreError``, ``OSError``, database errors.
    """
    # It writes by the verbs, and they publish.
    from status import journal

    directory = store()
    # A database that hangs is met here, before the lock: the break-glass command must not wait for it.
    _version()
    with directory.locked(wait=LOCK_WAIT) as got:
        if not got:
            return False
        _publishing.now = True
        try:
            journal.import_pending(directory)
        finally:
            _publishing.now = False
        return (renew or not _is_current(directory)) and rendering.write(
            directory, collecting.collect(), load=collecting.load
        )


def repair() -> bool:
    """Write anew what is missing or damaged of the snapshot. Raises as ``publish`` does, and then nothing is lost."""
    # Without the database nothing can be made anew: then every file is read, and taken away, for nothing.
    _version()
    store().mend()
    return publish(renew=True)


def catch_up() -> int:
    """Raise the version above the snapshot's, for a database that was restored from an older copy, and publish."""
    current = store().current()
    with transaction.atomic():
        lock()
        version = changed(least=current.version[0] + 1 if current else 1)
    publish(renew=True)
    return version


def _is_current(directory: Store) -> bool:
    current = directory.current()
    version = _version()
    if current is None or current.version[0] < version:
        return False
    if current.version[0] > version:
        logger.error(
            "The status snapshot is of version %s and the database of %s: was it restored? manage.py publish_status"
            " --catch-up goes on from there.",
            current.version[0],
            version,
        )
    return current.change == rendering.change_of(version, 0, uptime.day_of(timezone.now()))


def _version() -> int:
    return Publication.objects.filter(pk=Publication.ONLY).values_list("version", flat=True).first() or 0
