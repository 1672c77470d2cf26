"""What is the same around every status page of a language: rendered once, then filled page by page.

The frame costs more than most pages' contents, and after a change of code there are thousands to render before the
first publication stands.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template import loader
from django.utils.html import conditional_escape

from status import hooks
from status.snapshot.fingerprints import fingerprint

SLOTS = ("title", "path", "change", "content")
# Words that no template and no setting holds. What fills a slot is never searched for them.
_SLOT = "SlotOf{}InTheFrame"
_SPLIT = re.compile(_SLOT.format("(" + "|".join(SLOTS) + ")"))


class Frame:
    """A page without what makes it this page. Rendered in the language and zone that are active."""

    def __init__(self, address: str, language: str, languages: object, *, is_stale: bool) -> None:
        context = {
            **hooks.chrome(address, language),
            **{f"slot_{name}": _SLOT.format(name) for name in SLOTS},
            "languages": languages,
            "stale_seconds": settings.STATUS_STALE_SECONDS,
            "is_stale": is_stale,
        }
        text = loader.render_to_string("status/base.html", context)
        # With it changes what no page knows of: a menu, the names of stylesheets and scripts.
        self.digest = fingerprint(text)
        # Text and the names of slots in turn.
        self._pieces = _SPLIT.split(text)

    def fill(self, template: str, context: Mapping[str, Any], *, path: str) -> bytes:
        """Return a page: ``context`` holds its ``title``, and ``change`` where it says what it was made from."""
        values = {
            "title": conditional_escape(context["title"]),
            "path": path,
            "change": context.get("change", ""),
            "content": loader.render_to_string(template, dict(context)),
        }
        pieces = [values[piece] if place % 2 else piece for place, piece in enumerate(self._pieces)]
        return "".join(pieces).encode()
