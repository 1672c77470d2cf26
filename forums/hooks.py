"""What apps above the forums may add: linked words, an index of their own, panels of a topic, readings of a query."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.querysets import Someone
from forums.models import Community, Post, Topic


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: a template and what it needs."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query turned out to be: ``query`` is searched for in its place, ``panel`` stands above the results."""

    query: str
    panel: Panel | None = None


# Given a community and a text: words in it, each with the address it leads to.
TermFinder = Callable[[Community, str], Mapping[str, str]]
# Told of posts whose text or visibility changed, in the transaction of the change.
Listener = Callable[[Sequence[Post]], None]
PanelMaker = Callable[[Someone, Topic], Panel | None]
QueryReader = Callable[[Community | None, str], Reading | None]

_finders: list[TermFinder] = []
_listeners: list[Listener] = []
_panel_makers: list[PanelMaker] = []
_readers: list[QueryReader] = []


def _add(registry: list[Any], hook: Any) -> None:
    if hook not in registry:
        registry.append(hook)


def register_terms(finder: TermFinder) -> None:
    """Let an app link words of posts. Call the four of these from ``AppConfig.ready``."""
    _add(_finders, finder)


def register_listener(listener: Listener) -> None:
    """Let an app keep an index of its own in step."""
    _add(_listeners, listener)


def register_panel(maker: PanelMaker) -> None:
    """Let an app show something beside a topic."""
    _add(_panel_makers, maker)


def register_reader(reader: QueryReader) -> None:
    """Let an app understand queries that are more than words."""
    _add(_readers, reader)


def terms(community: Community, text: str) -> Mapping[str, str]:
    """Return every linked word of ``text``."""
    found: dict[str, str] = {}
    for finder in _finders:
        found.update(finder(community, text))
    return found


def tell(posts: Iterable[Post]) -> None:
    """Tell the listeners."""
    changed = list(posts)
    for listener in _listeners:
        listener(changed)


def panels(user: Someone, topic: Topic) -> list[Panel]:
    """Return what stands beside ``topic`` for ``user``."""
    return [panel for maker in _panel_makers if (panel := maker(user, topic)) is not None]


def read_query(community: Community | None, query: str) -> Reading:
    """Return the first reading of ``query``; without one it is its words."""
    for reader in _readers:
        reading = reader(community, query)
        if reading is not None:
            return reading
    return Reading(query)
