"""What the words of mails need besides Django's own tags."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils import timezone

from lib.moments import long_day

register = template.Library()

# Beyond it a column of labels leaves too little room for the values.
LABEL_MAX_WIDTH = 24  # columns


@register.filter
def moment(at: datetime | None) -> str:
    """Return day and time in the reader's language and zone, which is named; empty for no moment."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{long_day(local.date())}, {local:%H:%M} {local.tzname()}"


@register.filter
def day(at: datetime | None) -> str:
    """Return a day in the reader's language and zone; empty for no moment."""
    return long_day(timezone.localtime(at).date()) if at else ""


@register.simple_tag(takes_context=True)
def aligned(context: template.Context, facts: Iterable[tuple[str, object]]) -> str:
    """Return facts for plain text, one a line, values below each other. For templates that escape nothing."""
    if context.autoescape:
        raise ValueError("Facts are aligned in plain text only.")
    shown = [(f"{label}:", str(value)) for label, value in facts if value]
    room = max((width(label) for label, _value in shown if width(label) <= LABEL_MAX_WIDTH), default=0) + 2
    lines: list[str] = []
    for label, value in shown:
        first, *others = value.splitlines() or [""]
        lines.append(f"{label}{' ' * max(room - width(label), 1)}{first}")
        lines += [f"{' ' * room}{line}" for line in others]
    return "\n".join(lines)


def width(text: str) -> int:
    """Return how many columns ``text`` takes where letters are equally wide: two for those of East Asia."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
