"""What other sites show of us: a badge (SVG), and a widget that is a page of its own in a frame.

The overall state in colour and words. Once nobody has renewed the snapshot for too long, the stale variants say that
the state is unknown.
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from status import links
from status.constants import UNDER_WAY
from status.overall import Indicator, overall
from status.snapshot.work import Document, Work
from status.state import IncidentState, State

UNKNOWN = "unknown"
UNKNOWN_TEXT: Promise = _l("State unknown")
LISTED = 3  # what the widget lists of what goes on

# White on each is at least 4.5:1 (WCAG 2.2, 1.4.3), and each stands out on white and on black.
COLOURS: Mapping[str, str] = {
    Indicator.NONE: "#1a7f37",
    Indicator.MAINTENANCE: "#0969da",
    Indicator.MINOR: "#9a6700",
    Indicator.MAJOR: "#bc4c00",
    Indicator.CRITICAL: "#cf222e",
    UNKNOWN: "#57606a",
}
# Units that a character takes in Verdana at 11 units' size, about; the reader's renderer fits the text to the sum.
THIN, USUAL, BROAD, WIDE = 3.6, 6.9, 10.0, 11.5
_THIN, _BROAD = frozenset(" .,:;'!|()ijlftI"), frozenset("mwMW")
PADDING = 12


def documents(work: Work) -> Iterator[Document]:
    """Yield each language's badge and widget with their stale variants, and the script that embeds the widget."""
    for language in work.languages:
        prefix = "" if language == settings.LANGUAGE_CODE else f"{language}/"
        with translation.override(language):
            rendered = dict(_files(work.state, language))
        for name, text in rendered.items():
            content = text.encode()
            source = hashlib.sha256(content).hexdigest()
            yield work.document(f"status/{prefix}{name}", source, partial(bytes, content))


def _files(state: State, language: str) -> Iterator[tuple[str, str]]:
    said = overall(state)
    description = str(said.description)
    yield "badge.svg", badge(said.indicator, description)
    yield "badge.stale.svg", badge(UNKNOWN, str(UNKNOWN_TEXT))
    going_on = [one for one in state.incidents if goes_on(one)][:LISTED]
    yield "widget/index.html", widget(said.indicator, description, going_on, language)
    yield "widget/index.stale.html", widget(UNKNOWN, str(UNKNOWN_TEXT), [], language)
    yield "widget.js", render_to_string("status/reading/widget.js")


def badge(indicator: str, message: str) -> str:
    """Return the drawing: what it is about on the left, how that is on the right."""
    label = _("status")
    left, right = width(label), width(message)
    return render_to_string(
        "status/reading/badge.svg",
        {
            "label": label,
            "message": message,
            "colour": COLOURS[indicator],
            "left": left,
            "right": right,
            "total": left + right,
            "label_middle": left / 2,
            "message_middle": left + right / 2,
            "label_length": left - PADDING,
            "message_length": right - PADDING,
        },
    )


def widget(indicator: str, message: str, incidents: Sequence[IncidentState], language: str) -> str:
    """Return the page that other sites frame: small, and without a script."""
    context: dict[str, Any] = {
        "indicator": indicator,
        "message": message,
        "vendor": settings.PORTAL_VENDOR,
        "language": language,
        "home": links.absolute("", language),
        "incidents": [(one.name, links.absolute(f"incidents/{one.id}/", language)) for one in incidents],
    }
    return render_to_string("status/reading/widget.html", context)


def goes_on(incident: IncidentState) -> bool:
    """Say whether it is an open incident, or maintenance that is under way."""
    return incident.resolved_at is None and (not incident.is_maintenance or incident.status in UNDER_WAY)


def width(text: str) -> int:
    """Return the width of a box for the text, in units of which a line is 20 high."""
    return round(sum(map(_width, text))) + PADDING


def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return WIDE
    if letter in _BROAD:
        return BROAD
    return THIN if letter in _THIN else USUAL
