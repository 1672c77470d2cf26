"""What every page of the portal says while something is wrong, read from the published snapshot without a query."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.utils import timezone

from status.constants import INCIDENT_IMPACTS, Impact
from status.overall import Indicator, overall
from status.snapshot.reading import DIRECTORY, DamagedError, Reader, View
from status.state import IncidentState, State

PATH = "status/banner.json"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Banner:
    """How everything is (a word of ``Indicator``, or ``unknown``), the worst open incident, and how many there are.

    ``incident`` is a public id; it and ``name`` and ``impact`` are empty while nothing goes on.
    """

    indicator: str
    incident: str = ""
    name: str = ""
    impact: str = ""
    count: int = 0

    @property
    def others(self) -> int:
        """Return how many incidents go on beside the one that is named."""
        return self.count - 1

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read what ``banner`` returned. Raises ``TypeError`` on anything else."""
        return cls(**value)


def banner(state: State) -> dict[str, Any]:
    """Return what pages outside of the status site say of ``state``, as plain JSON values."""
    going_on = [one for one in state.incidents if not one.is_maintenance and one.resolved_at is None]
    indicator = overall(state).indicator.value
    if not going_on:
        return asdict(Banner(indicator))
    # Of equals the newest, which the state names first.
    worst = max(going_on, key=_severity)
    return asdict(Banner(indicator, worst.id, worst.name, worst.impact, len(going_on)))


def _severity(incident: IncidentState) -> int:
    return INCIDENT_IMPACTS.index(Impact(incident.impact)) if incident.impact in INCIDENT_IMPACTS else 0


class _Current:
    """The banner of the published snapshot, read anew when another one is published."""

    def __init__(self, directory: Path) -> None:
        self.reader = Reader(directory)
        self._known: tuple[str, Banner | None] = ("", None)

    def get(self) -> Banner | None:
        """Return it, or None when nothing readable is published."""
        try:
            view = self.reader.view()
            if view is None:
                return None
            link, known = self._known
            if link != view.link:
                known = self._read(view)
                self._known = (view.link, known)
        except (DamagedError, OSError, ValueError, TypeError):
            return None
        return known if known is None else _timely(known, view)

    def _read(self, view: View) -> Banner | None:
        name = self.reader.find(view, PATH)
        if name is None or name == DIRECTORY:
            return None
        return Banner.from_json(json.loads(self.reader.content(name).body))


def _timely(known: Banner, view: View) -> Banner:
    """Show no green that nobody has confirmed for long; that something is wrong is said until the opposite is."""
    age = timezone.now() - view.as_of
    if age > timedelta(seconds=settings.STATUS_STALE_SECONDS) and known.indicator == Indicator.NONE:
        return Banner(UNKNOWN)
    return known


_current: _Current | None = None


def current() -> Banner | None:
    """Return what is published now, or None when nothing is: one ``readlink``, the rest from memory."""
    global _current
    directory = Path(settings.STATUS_SNAPSHOT_DIR)
    if _current is None or _current.reader.directory != directory:
        _current = _Current(directory)
    return _current.get()
