"""What the rooms' searches have in common: hits in order, pages of them, and words marked in text.

Each app that can be searched offers a ``Reader``; ``portal.searching`` puts their findings together.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Label = str | Promise
CURSOR_MAX_LENGTH = 200
_SALT = "lib.search_hits"

# Signs that stand for the marks until the text is escaped. They are private to whoever uses them: taken out of texts.
START, STOP = "\ue000", "\ue001"
_SIGNS = str.maketrans("", "", START + STOP)
_WORD = re.compile(r"\w+")
# ``-not`` and ``-"not this"``: what a text must not hold is nothing to mark in it.
_EXCLUDED = re.compile(r'(?<!\S)-(?:"[^"]*"?|\S+)')
MAX_TEXT = 200  # characters of what is looked for
MAX_WORDS = 12
TEXT_READ = 4_000  # characters of a text that are looked at to show why it was found
SHORT = 200  # characters that are shown whole
HEADLINE = f"StartSel={START}, StopSel={STOP}, MaxFragments=2, MaxWords=26, MinWords=12, FragmentDelimiter=' … '"
HEADLINE_WHOLE = f"StartSel={START}, StopSel={STOP}, HighlightAll=true"
# For PostgreSQL's regexp_replace: the signs of Markdown that a line of plain text is better without.
MARKDOWN_SIGNS = r"[*`|~]+|^[#>]+ ?|\]\([^)\s]*\)|!?\[|-{3,}"
EDGE = 8  # characters by which the beginning and the end of a text are known


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the results. ``kind`` names its template's part; ``state`` is a code of that kind, or empty."""

    key: int
    kind: str
    url: str
    title: SafeString | str
    label: Label
    icon: str
    text: SafeString | str = ""
    origin: str = ""  # a code for where the text is from, when it is not the thing's own
    state: str = ""
    facts: Sequence[str] = ()
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """What was found, by the key of its row. ``is_exact`` when its very number, id or code was typed."""

    key: int
    score: float = 0.0
    is_exact: bool = False

    @property
    def place(self) -> tuple[bool, float, int]:
        """Return what it is ordered by: exact ones first, then by score, then the newest."""
        return (not self.is_exact, -self.score, -self.key)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that one source found, the best first, and how some of it is read to be shown.

    ``is_cut`` says that there may be more than the source has looked at.
    """

    ranked: Sequence[Ranked] = ()
    show: Callable[[Sequence[int]], Sequence[Hit]] = field(default=lambda _keys: ())
    is_cut: bool = False


class Reader(Protocol):
    """The search of one app: only what ``user`` may see is ranked, counted or shown."""

    def __call__(self, text: str, *, user: Any, is_typing: bool = False) -> Findings:
        """Look for ``text``; while it ``is_typing`` its last word may be the beginning of one."""


@dataclass(frozen=True, slots=True)
class RankedPage:
    """The keys of one page, and the addresses of its neighbours (empty when there is none)."""

    keys: Sequence[int]
    next_url: str = ""
    previous_url: str = ""


def page_of(findings: Findings, query: QueryDict, *, size: int) -> RankedPage:
    """Return the page that begins behind the hit that ``query["after"]`` names, ``size`` hits long.

    The cursor is the place of a hit in the order, so that what is written meanwhile shifts nothing.
    Raises ``BadRequest`` on a cursor that was not made here.
    """
    after = _decode(query.get("after", ""))
    ranked = findings.ranked
    start = 0 if after is None else next((at for at, one in enumerate(ranked) if one.place > after), len(ranked))
    shown = ranked[start : start + size]
    following = start + size < len(ranked)
    return RankedPage(
        keys=[one.key for one in shown],
        next_url=_url(query, shown[-1]) if following and shown else "",
        previous_url=_url(query, ranked[start - size - 1] if start > size else None) if start else "",
    )


def _decode(cursor: str) -> tuple[bool, float, int] | None:
    if not cursor:
        return None
    try:
        is_inexact, score, key = signing.loads(cursor[:CURSOR_MAX_LENGTH], salt=_SALT)
        return bool(is_inexact), float(score), int(key)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadRequest(_("This page address is damaged. Start again from the first page.")) from error


def _url(query: QueryDict, last: Ranked | None) -> str:
    kept = [(key, value) for key, values in query.lists() if key != "after" for value in values]
    return "?" + urlencode([*kept, ("after", signing.dumps(last.place, salt=_SALT))] if last else kept)


def asked(text: str) -> str:
    """Return what somebody typed as it is looked for: without signs of ours and NULs, and no longer than needed."""
    return plain(text.replace("\0", " "))[:MAX_TEXT].strip()


def words(text: str) -> list[str]:
    """Return what is looked for in ``text``, as it was typed, none twice: words without signs and exclusions."""
    found = _WORD.findall(_EXCLUDED.sub(" ", text.replace("\0", " ")))
    return list({word.casefold(): word for word in found}.values())[:MAX_WORDS]


def any_of(text: str) -> str:
    """Return a query for ``websearch_to_tsquery`` that any word of ``text`` fulfils: to mark, not to find."""
    return " or ".join(f'"{word}"' for word in words(text))


def headline_values(keys: Sequence[int], text: str, config: str) -> dict[str, Any]:
    """Return what a query binds that shows texts with the words of ``text`` marked, read by a search ``config``."""
    return {
        "keys": list(keys),
        "config": config,
        "query": any_of(text),
        "read": TEXT_READ,
        "short": SHORT,
        "whole": HEADLINE_WHOLE,
        "parts": HEADLINE,
        "signs": START + STOP,
        "markdown": MARKDOWN_SIGNS,
        "edge": EDGE,
    }


def plain(text: str) -> str:
    """Return ``text`` without the signs that stand for marks."""
    return text.translate(_SIGNS)


def framed(shown: str, begins: str, ends: str) -> str:
    """Return a headline with dots where its text goes on: ``begins`` and ``ends`` are the text's own first and last."""
    bare = plain(shown).strip()
    before = "" if bare.startswith(begins.strip()) else "… "
    after = "" if bare.endswith(ends.strip()) else " …"
    return f"{before}{shown}{after}"


def marked(text: str) -> SafeString:
    """Return ``text`` on one line as HTML, with ``<mark>`` where the signs stood; everything else is escaped."""
    html = escape(" ".join(text.split()))
    return mark_safe(html.replace(START, "<mark>").replace(STOP, "</mark>"))  # noqa: S308 - escaped above
