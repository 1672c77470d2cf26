"""What apps above the cases may add to the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from cases.models import Case


@dataclass(frozen=True, slots=True)
class DeskPanel:
    """A part of the desk's page of a case, beside the timeline: a template and what it needs."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


DeskPanelMaker = Callable[[User, Case], DeskPanel | None]

_makers: list[DeskPanelMaker] = []


def register_desk_panel(maker: DeskPanelMaker) -> None:
    """Let an app show something beside a case at the desk. Call it from ``AppConfig.ready``."""
    if maker not in _makers:
        _makers.append(maker)


def desk_panels(user: User, case: Case) -> list[DeskPanel]:
    """Return what stands beside ``case`` for ``user``."""
    return [panel for maker in _makers if (panel := maker(user, case)) is not None]
