"""One search over every room: each room's own search is asked, and what they find is put into one order.

A room that fails or takes too long is left out and named; the others still answer. Ranks of different searches cannot
be compared by their scores, only by their places: reciprocal rank fusion.
Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion outperforms Condorcet, SIGIR 2009.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

import cases.searching
import dataloader.searching
import forums.searching
import status.searching
from accounts.querysets import Someone
from cases import policies as cases_policies
from lib.search_hits import Findings, Hit, Reader, words
from portal.fuse import is_lost_connection

logger = logging.getLogger(__name__)

MILLISECONDS = 2_000  # that one statement of one source may take
COUNTED = 50  # beyond it a count says "50+": it is no more telling
FEW = 4  # of one source on the page of everything
_FUSION = 60  # the constant of reciprocal rank fusion


@dataclass(frozen=True, slots=True)
class Source:
    """One room's search. ``name`` stands in the address; ``missed`` is said when it did not answer."""

    name: str
    label: str | Promise
    icon: str
    read: Reader
    missed: str | Promise
    all_of: Callable[[int], str]  # says "All 12 cases"
    may_use: Callable[[Someone], bool] = lambda _user: True


def _all_cases(number: int) -> str:
    return ngettext("All %(count)s case", "All %(count)s cases", number)


def _all_topics(number: int) -> str:
    return ngettext("All %(count)s topic", "All %(count)s topics", number)


def _all_incidents(number: int) -> str:
    return ngettext("All %(count)s entry of the status site", "All %(count)s entries of the status site", number)


def _all_codes(number: int) -> str:
    return ngettext("All %(count)s error code", "All %(count)s error codes", number)


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(
            "cases",
            _l("Cases"),
            "cases",
            cases.searching.find,
            _l("Cases could not be searched just now. Please try again in a moment."),
            _all_cases,
            lambda user: bool(cases_policies.find_cases(user)),
        ),
        Source(
            "community",
            _l("Community"),
            "community",
            forums.searching.find,
            _l("The community could not be searched just now. Please try again in a moment."),
            _all_topics,
        ),
        Source(
            "status",
            _l("Status"),
            "status",
            status.searching.find,
            _l("The status site could not be searched just now. Please try again in a moment."),
            _all_incidents,
        ),
        Source(
            "codes",
            _l("Error codes"),
            "alert",
            dataloader.searching.find,
            _l("Error codes could not be searched just now. Please try again in a moment."),
            _all_codes,
            dataloader.searching.may_enter,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Count:
    """How much was found, as far as it was counted."""

    number: int = 0
    is_cut: bool = False

    def __str__(self) -> str:
        if self.number > COUNTED:
            return f"{COUNTED}+"
        return f"{self.number}+" if self.is_cut else str(self.number)


@dataclass(frozen=True, slots=True)
class Part:
    """What one source found: all of it ranked, and the rows that are shown. ``None`` when it did not answer."""

    source: Source
    findings: Findings | None = None
    hits: Sequence[Hit] = ()

    @property
    def count(self) -> Count:
        """Return how much there is."""
        return Count(len(self.findings.ranked), self.findings.is_cut) if self.findings else Count()

    @property
    def is_exact(self) -> bool:
        """Say whether its best was named by number, id or code."""
        return bool(self.findings and self.findings.ranked and self.findings.ranked[0].is_exact)

    @property
    def all_label(self) -> str:
        """Return the words of the link to all of it, empty when all of it is shown."""
        if self.count.number <= len(self.hits):
            return ""
        return self.source.all_of(self.count.number) % {"count": self.count}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: its parts, and the best of them in one order."""

    parts: Sequence[Part] = ()
    hits: Sequence[Hit] = field(default_factory=list)

    @property
    def missed(self) -> Sequence[str | Promise]:
        """Return what to say of the sources that did not answer."""
        return [part.source.missed for part in self.parts if part.findings is None]


def sources_for(user: Someone) -> Sequence[Source]:
    """Return the sources that ``user`` has."""
    return [source for source in SOURCES.values() if source.may_use(user)]


def find(
    text: str,
    *,
    user: Someone,
    sources: Iterable[Source],
    choose: Callable[[Findings], Sequence[int]] | None = None,
    is_typing: bool = False,
    milliseconds: int | None = None,
) -> Found:
    """Ask each of ``sources``, and show of each what ``choose`` names by key: the first few where it is not given."""
    choose = choose or _first_few
    # One transaction, so that the limit of time holds for these statements alone.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds or MILLISECONDS)])
        parts = [_ask(source, text, user, choose, is_typing=is_typing) for source in sources]
    return Found(parts, _blend(parts, text))


def _first_few(findings: Findings) -> Sequence[int]:
    return [one.key for one in findings.ranked[:FEW]]


def _ask(
    source: Source, text: str, user: Someone, choose: Callable[[Findings], Sequence[int]], *, is_typing: bool
) -> Part:
    try:
        with transaction.atomic():
            findings = source.read(text, user=user, is_typing=is_typing)
            keys = choose(findings)
            return Part(source, findings, findings.show(keys) if keys else ())
    except BadRequest:
        raise
    except Exception as error:
        # Whatever is wrong with one room is no reason to hide the others; a database that is gone hides them all.
        if is_lost_connection(error):
            raise
        logger.exception("The search of %s failed.", source.name)
        return Part(source)


def _blend(parts: Sequence[Part], text: str) -> Sequence[Hit]:
    """Put what is shown of each part into one order: what was named exactly first, then by place and title."""
    wanted = [word.casefold() for word in words(text)]
    placed: list[tuple[bool, float, int, Hit]] = []
    for order, part in enumerate(parts):
        exact = {one.key for one in part.findings.ranked if one.is_exact} if part.findings else set()
        for place, hit in enumerate(part.hits, 1):
            score = 1 / (_FUSION + place)
            # A title that holds every word is what most people look for: it goes before all that only mention them.
            if wanted and all(word in _bare(hit.title) for word in wanted):
                score += 1 / _FUSION
            placed.append((hit.key not in exact, -score, order, hit))
    return [hit for *_place, hit in sorted(placed, key=lambda one: one[:3])]


def _bare(title: str) -> str:
    return title.replace("<mark>", "").replace("</mark>", "").casefold()
