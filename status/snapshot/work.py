"""What every renderer of a part of the snapshot is given: the state, and a way to leave alone what has not changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from status.snapshot.store import Fresh, Kept
from status.state import IncidentState, State


class NotAtHandError(Exception):
    """What a file is made from cannot be read now: the database is away."""


Document = tuple[str, Fresh | Kept]
# A part of the snapshot: yields (path, document) for each of its files, every time, changed or not.
Part = Callable[["Work"], Iterator[Document]]


@dataclass(frozen=True, slots=True)
class Work:
    """One rendering. ``as_of`` is its moment, aware, to the second; ``code`` changes when templates or settings do."""

    state: State
    as_of: datetime
    languages: Sequence[str]
    code: str
    sources: Mapping[str, str]
    load: Callable[[Sequence[str]], Sequence[IncidentState]]  # incidents by id, for those that the state leaves out
    # Fingerprint of everything but the as-of time, as in as-of.json: worked out from state, code and day beforehand.
    change: str = ""

    def document(self, path: str, source: str, render: Callable[[], bytes]) -> Document:
        """Return the file at ``path``; rendered only when ``source``, what it is made from, is not what it was.

        One whose incidents cannot be read now stays as it is. Raises ``NotAtHandError`` where there is none yet.
        """
        source = f"{self.code}:{source}"
        known = self.sources.get(path)
        if known == source:
            return path, Kept(source=source)
        try:
            return path, Fresh(content=render(), source=source)
        except NotAtHandError:
            if known is None:
                raise
            return path, Kept(source=known)

    def incidents(self, ids: Sequence[str]) -> list[IncidentState]:
        """Return incidents in the order asked for; those that have vanished meanwhile are left out."""
        known: dict[str, Any] = {incident.id: incident for incident in self.state.incidents}
        missing = [name for name in ids if name not in known]
        if missing:
            known.update((incident.id, incident) for incident in self.load(missing))
        return [known[name] for name in ids if name in known]
