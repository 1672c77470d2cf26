"""The search of error codes for the page that searches everything. There are dozens: all of them are looked through."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from accounts.querysets import Someone
from dataloader import recognising, spelling
from dataloader.constants import SLUG
from dataloader.models import ErrorCode
from forums.models import Community, Topic
from lib.search_hits import START, STOP, Findings, Hit, Ranked, marked, plain, words

# What a word tells that stands in the code, in the title, in the text.
_CODE, _TITLE, _TEXT = 3.0, 2.0, 1.0


def find(text: str, *, user: Someone, is_typing: bool = False) -> Findings:  # noqa: ARG001 - it finds half words
    """Return the codes that ``text`` names, in any spelling or in a pasted line; else those that hold every word."""
    if not may_enter(user):
        return Findings()
    text = plain(text.replace("\0", " ")).strip()
    found = {code.pk: Ranked(code.pk, is_exact=True) for code in recognising.known_in(text)}
    wanted = [] if found else [word for word in words(text) if len(word) > 1]
    if wanted:
        holds = Q()
        for word in wanted:
            # Where a word begins, also after an underscore. A word holds no sign that a pattern knows.
            begins = rf"(\m|_){word}"
            holds &= (
                Q(code__iregex=begins) | Q(title__iregex=begins) | Q(explanation__iregex=begins) | Q(fix__iregex=begins)
            )
        found = {code.pk: Ranked(code.pk, _score(code, wanted)) for code in ErrorCode.objects.filter(holds).for_list()}
    ranked = sorted(found.values(), key=lambda one: one.place)
    return Findings(ranked, lambda keys: _show(keys, text))


def may_enter(user: Someone) -> bool:
    """Say whether there is a Data Loader community for ``user``."""
    return Community.objects.visible_to(user).filter(slug=SLUG).exists()


def topics_among(keys: Sequence[int]) -> int:
    """Return how many of these topics are of the Data Loader community."""
    return Topic.objects.filter(pk__in=keys, community__slug=SLUG).count()


def _score(code: ErrorCode, wanted: Sequence[str]) -> float:
    def told(word: str) -> float:
        if f"_{spelling.spell(word)}" in f"_{code.code}":
            return _CODE
        return _TITLE if word.casefold() in code.title.casefold() else _TEXT

    return sum(map(told, wanted))


def _show(keys: Sequence[int], text: str) -> Sequence[Hit]:
    codes = ErrorCode.objects.only("code", "title", "fix").in_bulk(keys)
    wanted = words(text)
    return [
        Hit(
            key=code.pk,
            kind="code",
            url=code.get_absolute_url(),
            title=SafeString(f"<code>{escape(code.code)}</code> ") + _mark(code.title, wanted),
            label=_l("Error code"),
            icon="alert",
            text=_mark(code.first_step, wanted),
            origin="first-step",
        )
        for code in (codes[key] for key in keys if key in codes)
    ]


def _mark(text: str, wanted: Sequence[str]) -> SafeString:
    """Mark the words of ``text`` that begin as one that was typed."""
    begins = tuple(word.casefold() for word in wanted)
    shown = [
        f"{START}{word}{STOP}" if begins and word.casefold().startswith(begins) else word
        for word in plain(text).split()
    ]
    return marked(" ".join(shown))
