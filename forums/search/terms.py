"""Looking a query's words up: how rare each is, and what one that stands nowhere may have meant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.querysets import Someone
from forums.models import Community, SearchIndex
from forums.search.lexemes import is_code, words
from forums.search.query import Query, Scope

MAX_TERMS = 30  # of a long text, its rarest
MAX_CORRECTED = 4  # misspelt words of one query
CODE_PART = 0.25  # what a part of a known code tells, to one for the code: who types a code means all of it
TEXT = 0.5  # what a word of a longer text tells, to one for a word of the title
SIMILAR = 0.4  # pg_trgm's measure, from which a word may be meant
_GUESSES = 3  # words that a misspelt one is looked for as, at the most
_AS_GOOD = 0.8  # of the best guess's measure


@dataclass(frozen=True, slots=True)
class Term:
    """A lexeme of one index; ``value`` is how much it tells (inverse document frequency, less for a guess)."""

    index_id: int
    lexeme: str
    value: float


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that stands nowhere, and the lexemes that were looked for in its place."""

    typed: str
    lexemes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query with its words looked up, within a scope: what rankers are given."""

    query: Query
    scope: Scope
    terms: Sequence[Term] = ()
    corrections: Sequence[Correction] = ()

    @property
    def lexemes(self) -> list[str]:
        """Return every lexeme that is looked for."""
        return sorted({term.lexeme for term in self.terms})


@dataclass(frozen=True, slots=True)
class _Word:
    index_id: int
    lexeme: str
    typed: str
    topics: int
    place: int


def scope_of(communities: Iterable[Community]) -> Scope:
    """Return the scope of these communities: of each its live index, or else the one that is being built."""
    return _scope(SearchIndex.objects.filter(community__in=[community.pk for community in communities]))


def scope_everywhere(user: Someone) -> Scope:
    """Return the scope of every community that ``user`` may enter, in one query."""
    return _scope(SearchIndex.objects.filter(community__in=Community.objects.visible_to(user)))


def _scope(indexes: QuerySet[SearchIndex]) -> Scope:
    chosen: dict[int, SearchIndex] = {}
    for index in indexes.filter(built_to__gte=0).select_related("community").order_by("is_live", "pk"):
        chosen[index.community_id] = index
    found = sorted(chosen.values(), key=lambda index: (index.community.position, index.community_id))
    return Scope(tuple(index.community for index in found), tuple(found))


def resolve(query: Query, scope: Scope) -> Resolved:
    """Look the words of ``query`` up: one question to the database, and one more when a word stands nowhere."""
    if query.is_empty or not scope.indexes:
        return Resolved(query, scope)
    found = _look_up([*query.words, *query.more], scope)
    of_text = len(query.words)
    known: dict[str, int] = {}
    for word in found:
        known[word.lexeme] = known.get(word.lexeme, 0) + word.topics
    unknown = [word for word in found if not known[word.lexeme] and word.place <= of_text and not query.exact]
    guesses = _guess(unknown, scope) if unknown else {}
    total = sum(index.topics for index in scope.indexes)
    codes = {word.typed for word in found if known[word.lexeme] and is_code(word.lexeme)}

    def value(word: _Word) -> float:
        part = CODE_PART if word.typed in codes and not is_code(word.lexeme) else 1.0
        return _rarity(total, known[word.lexeme]) * part * (1.0 if word.place <= of_text else TEXT)

    terms = [Term(word.index_id, word.lexeme, value(word)) for word in found if known[word.lexeme]]
    for word in unknown:
        terms += [
            Term(word.index_id, lexeme, _rarity(total, topics) * similarity)
            for lexeme, topics, similarity in guesses.get(word.lexeme, ())
        ]
    rarest = sorted(_strongest(terms), key=lambda term: -term.value)[: MAX_TERMS * len(scope.indexes)]
    return Resolved(query, scope, tuple(rarest), tuple(_corrections(unknown, guesses)))


def _look_up(typed: Sequence[str], scope: Scope) -> list[_Word]:
    values: dict[str, Any] = {"indexes": [index.pk for index in scope.indexes], "words": list(typed)}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, values)
        return [_Word(*row) for row in cursor.fetchall()]


def _rarity(total: int, topics: int) -> float:
    """Return the inverse document frequency, never below nought; a word not yet counted is of the rarest."""
    topics = max(1, topics)
    return math.log(1 + (max(total, topics) - topics + 0.5) / (topics + 0.5))


def _guess(unknown: Sequence[_Word], scope: Scope) -> Mapping[str, Sequence[tuple[str, int, float]]]:
    """Return, by unknown lexeme, the known ones that it may mean: (lexeme, topics, likeness), the best first."""
    lexemes = list(dict.fromkeys(word.lexeme for word in unknown))[:MAX_CORRECTED]
    values: dict[str, Any] = {
        "indexes": [index.pk for index in scope.indexes],
        "similar": SIMILAR,
        "guesses": 4 * _GUESSES,
    }
    swaps = [(lexeme, swap) for lexeme in lexemes for swap in _swaps(lexeme)]
    values |= {"lexemes": lexemes, "meant": [a for a, _b in swaps], "swaps": [b for _a, b in swaps]}
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, values)
        rows = cursor.fetchall()
    found: dict[str, list[tuple[str, int, float]]] = {}
    for lexeme, guess, topics, likeness in rows:
        found.setdefault(lexeme, []).append((guess, topics, likeness))
    return {lexeme: _best(guesses) for lexeme, guesses in found.items()}


def _best(guesses: Sequence[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    # Of two that are as like, the one in more topics is likelier meant; a tenth of likeness is worth a factor of 100.
    ordered = sorted(guesses, key=lambda guess: -(guess[2] + math.log10(1 + guess[1]) / 20))[:_GUESSES]
    return [guess for guess in ordered if guess[2] >= ordered[0][2] * _AS_GOOD]


def _swaps(lexeme: str) -> list[str]:
    """Return ``lexeme`` with two neighbouring letters exchanged, in every place: trigrams hardly see those slips."""
    letters = list(lexeme)
    return [
        "".join([*letters[:place], second, first, *letters[place + 2 :]])
        for place, (first, second) in enumerate(pairwise(letters))
        if first != second
    ]


def _strongest(terms: Iterable[Term]) -> Iterable[Term]:
    kept: dict[tuple[int, str], Term] = {}
    for term in terms:
        key = (term.index_id, term.lexeme)
        if key not in kept or kept[key].value < term.value:
            kept[key] = replace(term)
    return kept.values()


def _corrections(unknown: Sequence[_Word], guesses: Mapping[str, Sequence[tuple[str, int, float]]]) -> list[Correction]:
    by_word: dict[str, list[str]] = {}
    for word in sorted(unknown, key=lambda word: word.place):
        for lexeme, _topics, _likeness in guesses.get(word.lexeme, ()):
            by_word.setdefault(word.typed, []).append(lexeme)
    return [Correction(typed, tuple(dict.fromkeys(lexemes))) for typed, lexemes in by_word.items()]


# A word may be in the index and not yet counted, or come back after it was gone: its postings say so.
_LOOK_UP = f"""
SELECT word.index_id, word.lexeme, word.typed, GREATEST(
    COALESCE(there.topics, 0),
    EXISTS (SELECT FROM forums_posting WHERE index_id = word.index_id AND lexeme = word.lexeme)::int
), word.place
FROM (
    SELECT index.id AS index_id, found.lexeme, min(typed.word) AS typed, min(typed.place) AS place
    FROM forums_searchindex index
    CROSS JOIN unnest(%(words)s::text[]) WITH ORDINALITY typed(word, place)
    CROSS JOIN LATERAL ({words("index.config", "typed.word")}) found
    WHERE index.id = ANY(%(indexes)s) GROUP BY 1, 2
) word
LEFT JOIN forums_lexeme there ON there.index_id = word.index_id AND there.lexeme = word.lexeme
ORDER BY word.place
"""
_SIMILAR = """
SELECT typed.lexeme, guess.lexeme, guess.topics, guess.likeness
FROM unnest(%(lexemes)s::text[]) typed(lexeme) CROSS JOIN LATERAL (
    SELECT lexeme, sum(topics)::int AS topics, similarity(lexeme, typed.lexeme)::float8 AS likeness
    FROM forums_lexeme
    WHERE lexeme %% typed.lexeme AND index_id = ANY(%(indexes)s) AND topics > 0
      AND similarity(lexeme, typed.lexeme) >= %(similar)s
    GROUP BY lexeme ORDER BY likeness DESC, topics DESC LIMIT %(guesses)s
) guess
UNION ALL
SELECT typed.lexeme, there.lexeme, there.topics, 0.8
FROM unnest(%(meant)s::text[], %(swaps)s::text[]) typed(lexeme, swap)
JOIN forums_lexeme there ON there.lexeme = typed.swap AND there.index_id = ANY(%(indexes)s) AND there.topics > 0
"""
