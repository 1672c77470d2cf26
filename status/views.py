"""What answers a public address when the snapshot does not: it is published first, then served like any other time."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from status import publishing
from status.middleware import SnapshotMiddleware
from status.snapshot.reading import DIRECTORY, DamagedError, Reader
from status.snapshot.store import StoreError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
_repairing = threading.Lock()
_failed_at: dict[str, float] = {}  # by directory, on the monotonic clock


def published(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Answer from the snapshot, which is written anew when it is missing or damaged.

    The middleware has answered all that is published: who comes here asks for what is not, or nothing can be read.
    """
    if not _is_whole(request.path_info) and not _made_whole(request.path_info):
        text = _("The status of our systems is unknown just now. Please try again in a moment.")
        return HttpResponse(f"{text}\n", status=503, content_type="text/plain; charset=utf-8")
    return SnapshotMiddleware(_missing)(request)


def _made_whole(path: str) -> bool:
    """Publish anew, unless somebody has done so meanwhile. Returns whether the snapshot can be read now.

    Any visitor brings it about, and it costs as much as a whole publication: so there is one attempt at a time in a
    process, and none for a while after one that failed.
    """
    directory = str(settings.STATUS_SNAPSHOT_DIR)
    with _repairing:
        if _is_whole(path):
            return True
        if time.monotonic() < _failed_at.get(directory, -PAUSE_SECONDS) + PAUSE_SECONDS:
            return False
        try:
            publishing.repair()
            if _is_whole(path):
                return True
            # Somebody else is publishing and takes long.
        except (DatabaseError, StoreError, OSError):
            logger.exception("There is no status snapshot, and none could be written.")
        _failed_at[directory] = time.monotonic()
        return False


def _is_whole(path: str) -> bool:
    """Say whether something is published, and what it has at this path can be read."""
    reader = Reader(Path(settings.STATUS_SNAPSHOT_DIR))
    try:
        view = reader.view()
        if view is None:
            return False
        name = reader.find(view, f"{path[1:]}index.html" if path.endswith("/") else path[1:])
        if name not in {None, DIRECTORY}:
            reader.content(str(name))
    except (DamagedError, OSError):
        return False
    return True


def _missing(_request: HttpRequest) -> HttpResponse:
    raise Http404
