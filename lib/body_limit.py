"""Marks the views that take files: only to them may a large body be sent."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])

MARK = "accepts_files"


def accepts_files(view: View) -> View:
    """Let a form with files reach this view; to every other one a large body is refused before it is read."""
    setattr(view, MARK, True)
    return view
