"""Maintenance of the portal itself: a file switches it on, so that no database is asked.

Each server of the portal has a file of its own under PORTAL_HOME. ``manage.py maintenance`` writes it.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

logger = logging.getLogger(__name__)

MESSAGE_MAX_LENGTH = 300
# Seconds: what a client is told when nobody has said until when, and the least and the most that it is told.
RETRY_AFTER, SOONEST, LATEST = 300, 30, 3600
COMPLAIN_SECONDS = 60
_complained_at = -float(COMPLAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What whoever runs the portal says of it."""

    until: datetime | None = None
    message: str = ""

    @property
    def ends_at(self) -> datetime | None:
        """Return until when, as long as that is to come: a promise that has passed helps nobody."""
        return self.until if self.until is not None and self.until > timezone.now() else None

    @property
    def retry_after(self) -> int:
        """Return after how many seconds it is worth trying again."""
        # Asked once: it may pass between two looks.
        ends_at = self.ends_at
        if ends_at is None:
            return RETRY_AFTER
        return min(max(int((ends_at - timezone.now()).total_seconds()), SOONEST), LATEST)


def path() -> Path:
    """Return the file that switches it on."""
    return Path(settings.PORTAL_HOME) / "maintenance.json"


def switch_on(*, until: datetime | None = None, message: str = "") -> Maintenance:
    """Write the file; a second time says something else. Raises ``OSError``, ``ValueError`` for a message too long."""
    if len(message) > MESSAGE_MAX_LENGTH:
        raise ValueError(f"The message is longer than {MESSAGE_MAX_LENGTH} characters.")
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(".writing")
    half.write_text(json.dumps({"until": until.isoformat() if until else None, "message": message}), encoding="utf-8")
    half.replace(target)
    return Maintenance(until, message)


def switch_off() -> bool:
    """Take the file away. Says whether there was one. Raises ``OSError``."""
    try:
        path().unlink()
    except FileNotFoundError:
        return False
    return True


def read() -> Maintenance | None:
    """Return what is said, or nothing while the portal serves.

    A file that makes no sense still switches it on. One that cannot be read does not: a full disk or lost rights are no
    maintenance.
    """
    try:
        text = path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        _complain(error)
        return None
    except UnicodeDecodeError:
        return Maintenance()
    try:
        said: Any = json.loads(text)
    except ValueError:
        return Maintenance()
    return _understood(said) if isinstance(said, Mapping) else Maintenance()


def _complain(error: OSError) -> None:
    """Log why the file cannot be read, once in a while: it is asked for each second."""
    global _complained_at
    now = time.monotonic()
    if now >= _complained_at + COMPLAIN_SECONDS:
        _complained_at = now
        logger.error("Whether the portal is in maintenance cannot be read; it serves: %s", error)


def _understood(said: Mapping[str, Any]) -> Maintenance:
    try:
        until = datetime.fromisoformat(str(said.get("until") or ""))
    except ValueError:
        until = None
    if until is not None and timezone.is_naive(until):
        until = timezone.make_aware(until)
    return Maintenance(until, str(said.get("message") or "")[:MESSAGE_MAX_LENGTH])
