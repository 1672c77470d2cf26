"""Panels of the console's overview that other parts of the status site fill: failing probes, alerts received."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Panel:
    """A template below ``templates/`` and what it needs; it finds that under the name ``panel``."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


# Given the operator, the panel, or None while there is nothing to say. A constant number of queries each.
Maker = Callable[[User], Panel | None]

_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Add a panel to the overview. Call it from ``AppConfig.ready``; registering twice is registering once."""
    if maker not in _makers:
        _makers.append(maker)


def panels(user: User) -> Sequence[Panel]:
    """Return what there is to show this operator."""
    return [panel for maker in _makers if (panel := maker(user)) is not None]
