"""What apps above the status site give it, and are told by it: it knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from status.constants import Act
from status.models import Incident, IncidentUpdate


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the console's page of an incident: a template, and what it finds there under the name ``panel``."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


# Given a page's path and language, what templates/base.html needs: the site's name, the menus a visitor sees.
Chrome = Callable[[str, str], Mapping[str, Any]]
# Given a published update, what it was and who wrote it (nobody: the portal itself), in the update's transaction.
Listener = Callable[[IncidentUpdate, Act, User | None], None]
# Given an operator and an incident. A constant number of queries.
PanelMaker = Callable[[User, Incident], Panel | None]

_makers: list[Chrome] = []
_listeners: list[Listener] = []
_panel_makers: list[PanelMaker] = []


def register_chrome(maker: Chrome) -> None:
    """Let the site frame the status pages, made without a request. Call these from ``AppConfig.ready``.

    The last to call is asked.
    """
    _makers[:] = [maker]


def register_update_listener(listener: Listener) -> None:
    """Let an app hear of updates. It writes rows and nothing else: whatever it raises undoes the update."""
    if listener not in _listeners:
        _listeners.append(listener)


def register_incident_panel(maker: PanelMaker) -> None:
    """Let an app show something beside an incident at the console."""
    if maker not in _panel_makers:
        _panel_makers.append(maker)


def chrome(path: str, language: str) -> Mapping[str, Any]:
    """Return the frame's context for the page at ``path`` in ``language``: the same for every visitor."""
    return _makers[0](path, language) if _makers else {}


def tell(update: IncidentUpdate, *, act: Act, actor: User | None) -> None:
    """Tell the listeners of an update that everybody can read now."""
    for listener in _listeners:
        listener(update, act, actor)


def incident_panels(user: User, incident: Incident) -> Sequence[Panel]:
    """Return what stands beside ``incident`` for this operator."""
    return [panel for maker in _panel_makers if (panel := maker(user, incident)) is not None]
