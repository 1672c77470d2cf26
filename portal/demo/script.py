"""The conversations as data: what ``conversations/*.toml`` says, checked and typed.

A line of a conversation is ``[when, who, act, text, files]``: ``when`` is the time since the line before (``+40m``,
``+3h``, ``+2d``), ``who`` a key of ``people.toml`` or ``clock``, ``act`` a verb of ``portal.demo.acting`` with its
argument.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from portal.demo import FOLDER

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"\A\+?(\d+)([mhd])\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """One act of one person, ``after`` the line before it."""

    after: timedelta
    who: str
    act: str
    argument: str = ""
    text: str = ""
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case from its filing on."""

    by: str
    opened: str
    product: str
    subject: str
    description: str
    severity: str = "s3"
    environment: str = "production"
    endpoints: str = ""
    phone: str = ""
    origin: str = "web"
    files: Sequence[str] = ()
    lines: Sequence[Line] = ()

    def opened_at(self, now: datetime) -> datetime:
        """Return when it was filed: ``62d 14:05`` is that hour UTC, 62 days ago; ``5h`` is five hours ago."""
        return moment_before(now, self.opened)

    def moments(self, now: datetime) -> list[datetime]:
        """Return when the case was filed and when each line happened. Raises ``ValueError`` on one in the future."""
        found = [self.opened_at(now)]
        for line in self.lines:
            found.append(found[-1] + line.after)
        if found[-1] > now:
            raise ValueError(f"“{self.subject}” reaches into the future: {found[-1]:%Y-%m-%d %H:%M}.")
        return found


def moment_before(now: datetime, text: str) -> datetime:
    """Return the moment ``text`` before ``now``: ``62d 14:05`` is that hour 62 days ago. Raises ``ValueError``."""
    distance, _space, hour = text.partition(" ")
    then = now - span(distance)
    return datetime.combine(then.date(), time.fromisoformat(hour), tzinfo=now.tzinfo) if hour else then


def span(text: str) -> timedelta:
    """Return ``+40m``, ``3h`` or ``2d`` as a length of time. Raises ``ValueError``."""
    found = _SPAN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time such as +40m, 3h or 2d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def stories() -> list[Story]:
    """Return every conversation, file by file."""
    return [
        _story(case)
        for path in sorted((FOLDER / "conversations").glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def _story(case: dict[str, Any]) -> Story:
    lines = [_line(*entry) for entry in case.pop("talk", ())]
    return Story(**{**case, "description": case["description"].strip()}, lines=lines)


def _line(after: str, who: str, act: str, text: str = "", files: Sequence[str] = ()) -> Line:
    verb, _space, argument = act.partition(" ")
    return Line(span(after), who, verb, argument, text.strip(), files)
