"""What Alertmanager posts, read strictly. Pure.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config (version 4)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

VERSION = "4"
ALERTS_LIMIT = 2_000
LABELS_LIMIT = 100
KEY_LIMIT = 10_000  # characters
SOURCE_LIMIT = 80
_STATES = ("firing", "resolved")


class BadPayload(ValueError):  # noqa: N818 - a refusal, told to who sent it
    """It is no webhook of Alertmanager's; ``field`` is where, the message why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. ``started`` is when it began to fire, as it came: with the fingerprint it names one firing."""

    is_firing: bool
    labels: Mapping[str, str]
    started: str
    fingerprint: str

    @property
    def started_at(self) -> datetime | None:
        """Return when it began to fire; none for a time that cannot be."""
        try:
            moment = parse_datetime(self.started)
            return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Webhook:
    """One post: a group of alerts, all that fire now and those that have ended since the last.

    ``source`` tells one installation of Alertmanager from another: their groups may have the same keys.
    """

    group_key: str
    status: str
    alerts: tuple[Alert, ...]
    is_truncated: bool
    source: str = ""

    @property
    def digest(self) -> str:
        """Return what the group is known by."""
        return hashlib.sha256(f"{self.source}\0{self.group_key}".encode()).hexdigest()


def read(data: Mapping[str, Any], *, source: str = "") -> Webhook:
    """Return the webhook that ``data`` is. Unknown fields are left out. Raises ``BadPayload``."""
    if len(source) > SOURCE_LIMIT or not source.isprintable():
        raise BadPayload("source", _("At most %(limit)d characters.") % {"limit": SOURCE_LIMIT})
    if data.get("version") != VERSION:
        raise BadPayload("version", _("Only Alertmanager's webhooks of version 4 are understood."))
    key = data.get("groupKey")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_LIMIT:
        raise BadPayload("groupKey", _("The group's key is missing or too long."))
    if data.get("status") not in _STATES:
        raise BadPayload("status", _("The status is firing or resolved."))
    alerts = data.get("alerts")
    if not isinstance(alerts, list) or len(alerts) > ALERTS_LIMIT:
        raise BadPayload("alerts", _("Send a list of up to %(limit)d alerts.") % {"limit": ALERTS_LIMIT})
    truncated = data.get("truncatedAlerts", 0)
    if not isinstance(truncated, int) or truncated < 0:
        raise BadPayload("truncatedAlerts", _("This is a number."))
    read_alerts = tuple(_alert(alert, f"alerts[{number}]") for number, alert in enumerate(alerts))
    return Webhook(key, data["status"], read_alerts, truncated > 0, source)


def _alert(data: Any, field: str) -> Alert:
    if not isinstance(data, dict) or data.get("status") not in _STATES:
        raise BadPayload(field, _("An alert has the status firing or resolved."))
    labels = data.get("labels")
    if not isinstance(labels, dict) or len(labels) > LABELS_LIMIT:
        raise BadPayload(f"{field}.labels", _("An alert has up to %(limit)d labels.") % {"limit": LABELS_LIMIT})
    if not all(isinstance(value, str) for value in labels.values()):
        raise BadPayload(f"{field}.labels", _("A label's value is text."))
    started, fingerprint = data.get("startsAt", ""), data.get("fingerprint") or _fingerprint(labels)
    if not isinstance(started, str) or not isinstance(fingerprint, str):
        raise BadPayload(field, _("startsAt and fingerprint are text."))
    return Alert(data["status"] == "firing", labels, started[:64], fingerprint[:64])


def _fingerprint(labels: Mapping[str, str]) -> str:
    """Return one made here: Alertmanager before 0.19 sends none."""
    return hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16]
