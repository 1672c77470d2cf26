"""A part of "What needs you now" on the home page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Section:
    """One thing to look after.

    ``template`` draws a row of it (``row``); ``clear`` is said when there is none; ``url`` leads to the whole.
    """

    key: str
    title: str | Promise
    icon: str
    rows: Sequence[Any]
    template: str
    url: str
    clear: str | Promise
    is_urgent: bool = False


def section_row(name: str) -> str:
    """Return the template that draws a row of this name."""
    return f"portal/attention/_{name}.html"
