"""Putting topics in order. A ``Ranker`` is all that the rest of the portal knows of it: a semantic one fits beside it.

``rank`` is BM25F in SQL, with a bounded amount of work however common the words are: each word brings the topics in
which it weighs most, what these weigh for all words together chooses a few hundred of them, and only those are measured
exactly and compared by their titles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.querysets import Someone
from forums.models import Topic, TopicTag
from forums.querysets import TopicQuerySet
from forums.search.indexing import TITLE
from forums.search.query import Filters, Scope
from forums.search.terms import Resolved

LIMIT = 100
SATURATION = 3.0  # BM25's k1: how soon more of the same word tells nothing new
TITLE_SIMILARITY = 0.5  # what a title equal to the query adds to the score of the best

_POSTINGS = 6_000  # read of all words together
_POSTINGS_A_WORD = 2_000  # but for a filter, which leaves out most of them
_LOOK_UPS = 3_000  # words times topics: of so many the weight is looked up
_MEASURED = 250  # topics, measured by all words
_COMPARED = 120  # of them, the best are compared by their titles
_NARROW = 1_000  # a filter that leaves no more topics than this is asked first
_PHRASES_READ = 1_500  # posts with a phrase's words, of which it is looked for


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic that was found. ``strength`` is the part of what the query's words could weigh at the most."""

    topic_id: int
    score: float
    strength: float
    # Known duplicates of it that were found: it is shown in their place.
    asked_as: Sequence[int] = ()


class _Row(NamedTuple):
    topic_id: int
    shown_id: int
    score: float
    likeness: float


class Ranker(Protocol):
    """Whatever puts topics in order: the best first, each once, nothing that ``user`` may not see."""

    def __call__(self, resolved: Resolved, *, filters: Filters, user: Someone, limit: int = LIMIT) -> Sequence[Hit]:
        """Return at most ``limit`` topics of the scope that ``filters`` let through."""


def rank(resolved: Resolved, *, filters: Filters, user: Someone, limit: int = LIMIT) -> Sequence[Hit]:
    """Rank by words: BM25F, and how like the title is to the query."""
    if not resolved.terms:
        return []
    allowed, values = _allowed(resolved, filters, user)
    narrowed = _narrow(resolved, filters, allowed, values)
    if narrowed is not None and not narrowed:
        return []
    rows = _score(resolved, allowed, values, narrowed, filtered=filters != Filters())
    return _hits(rows, resolved)[:limit]


def listed(scope: Scope, filters: Filters, user: Someone) -> TopicQuerySet:
    """Return what may be found: listed topics of the scope, visible to ``user``, that the filters let through."""
    topics = Topic.objects.visible_to(user).listed().filter(community__in=[one.pk for one in scope.communities])
    if filters.category is not None:
        topics = topics.filter(category=filters.category)
    if filters.tags is not None:
        topics = topics.filter(Exists(TopicTag.objects.filter(topic=OuterRef("pk"), tag__in=filters.tags)))
    if filters.kind is not None:
        topics = topics.filter(kind=filters.kind)
    if filters.author_id is not None:
        topics = topics.filter(author=filters.author_id)
    if filters.answered is not None:
        topics = topics.filter(accepted_post__isnull=not filters.answered)
    if filters.since is not None:
        topics = topics.filter(created_at__gte=_midnight(filters.since))
    if filters.until is not None and filters.until < date.max:
        topics = topics.filter(created_at__lt=_midnight(filters.until + timedelta(days=1)))
    return topics


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _allowed(resolved: Resolved, filters: Filters, user: Someone) -> tuple[str, dict[str, Any]]:
    """Return the topics that may be found as SQL with named values, so that there is one predicate of visibility."""
    topics = listed(resolved.scope, filters, user).order_by().values("pk")
    sql, values = topics.query.sql_with_params()
    named = {f"allowed_{place}": value for place, value in enumerate(values)}
    return sql % tuple(f"%({name})s" for name in named), named


def _narrow(resolved: Resolved, filters: Filters, allowed: str, values: Mapping[str, Any]) -> Sequence[int] | None:
    """Return the only topics that can be found, when phrases or filters leave few; ``None`` when there may be many."""
    query = resolved.query
    with connection.cursor() as cursor:
        if query.phrases:
            sql, more = _phrases(resolved)
            cursor.execute(f"{sql} AND post.topic_id IN ({allowed}) LIMIT {_NARROW}", {**values, **more})
            return [pk for (pk,) in cursor.fetchall()]
        has_few_tagged = filters.tags is not None and filters.tagged <= _NARROW
        if filters.author_id is None and filters.category is None and not has_few_tagged:
            return None
        cursor.execute(f"{allowed} LIMIT {_NARROW + 1}", values)
        found = [pk for (pk,) in cursor.fetchall()]
    return found if len(found) <= _NARROW else None


def _phrases(resolved: Resolved) -> tuple[str, dict[str, Any]]:
    """Return SQL of the topics with a post that holds every phrase.

    The words are found by their index without looking at a post; a bounded number of posts is then read for the order.
    """
    values: dict[str, Any] = {}
    words, phrases = [], []
    for place, phrase in enumerate(resolved.query.phrases):
        values[f"phrase_{place}"] = phrase
        words.append(_tsquery("plainto_tsquery", resolved.scope, f"phrase_{place}"))
        phrases.append(_tsquery("phraseto_tsquery", resolved.scope, f"phrase_{place}"))
    return (
        f"""
        SELECT DISTINCT post.topic_id FROM (
            SELECT post.topic_id, post.search FROM forums_post post
            LEFT JOIN forums_post parent ON parent.id = post.parent_id
            WHERE {" AND ".join(f"post.search @@ {one}" for one in words)} AND post.state = 'published'
              AND (post.parent_id IS NULL OR parent.state = 'published')
            LIMIT {_PHRASES_READ}
        ) post
        WHERE {" AND ".join(f"post.search @@ {one}" for one in phrases)}
        """,
        values,
    )


def _tsquery(function: str, scope: Scope, name: str) -> str:
    # While an index is rebuilt some posts are in the old configuration and some in the new. A vector is not asked
    # which one it is in: each of them may hold the words.
    return "(" + " || ".join(f"{function}('{config}', %({name})s)" for config in scope.configs) + ")"


def _without(resolved: Resolved) -> tuple[str, dict[str, Any]]:
    """Return SQL that leaves out the topics of which a published post says what was excluded."""
    if not resolved.query.without:
        return "", {}
    values = {f"without_{place}": text for place, text in enumerate(resolved.query.without)}
    matches = " OR ".join(f"post.search @@ {_tsquery('phraseto_tsquery', resolved.scope, name)}" for name in values)
    return (
        f"""
        AND NOT EXISTS (
            SELECT FROM forums_post post LEFT JOIN forums_post parent ON parent.id = post.parent_id
            WHERE post.topic_id = measured.topic_id AND post.state = 'published'
              AND (post.parent_id IS NULL OR parent.state = 'published') AND ({matches})
        )
        """,
        values,
    )


def _score(
    resolved: Resolved, allowed: str, values: Mapping[str, Any], narrowed: Sequence[int] | None, *, filtered: bool
) -> Sequence[_Row]:
    terms = resolved.terms
    heaviest = _POSTINGS // len(terms)
    without, excluded = _without(resolved)
    given = {
        **values,
        **excluded,
        "indexes": [term.index_id for term in terms],
        "lexemes": [term.lexeme for term in terms],
        "values": [term.value for term in terms],
        "narrowed": narrowed,
        "heaviest": heaviest if filtered else min(_POSTINGS_A_WORD, heaviest),
        "measured": max(_COMPARED, min(_MEASURED, _LOOK_UPS // len(terms))) * (2 if without else 1),
        "compared": _COMPARED * (2 if without else 1),
        "communities": [one.pk for one in resolved.scope.communities],
        "text": resolved.query.text,
    }
    measured = _MEASURE_NARROWED if narrowed is not None else _MEASURE
    sql = _RANK.format(measured=measured, without=without, allowed=allowed)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{filter}", _FILTER.replace("{allowed}", allowed) if filtered else ""), given)
        return [_Row(*row) for row in cursor.fetchall()]


def _hits(rows: Sequence[_Row], resolved: Resolved) -> list[Hit]:
    """Turn rows into hits; several that lead to one topic are one."""
    best = max((row.score for row in rows), default=0.0) or 1.0
    values: dict[str, float] = {}
    for term in resolved.terms:
        values[term.lexeme] = max(term.value, values.get(term.lexeme, 0.0))
    possible = sum(values.values()) * _saturated(TITLE) or 1.0
    found: dict[int, Hit] = {}
    for row in sorted(rows, key=lambda row: (-(row.score / best + TITLE_SIMILARITY * row.likeness), -row.shown_id)):
        score = row.score / best + TITLE_SIMILARITY * row.likeness
        hit = found.get(row.shown_id) or Hit(row.shown_id, score, row.score / possible)
        if row.topic_id != row.shown_id:
            hit = replace(hit, asked_as=(*hit.asked_as, row.topic_id))
        found[row.shown_id] = hit
    return list(found.values())


def _saturated(weight: float) -> float:
    return weight * (SATURATION + 1) / (weight + SATURATION)


_WEIGHT = f"term.value * {SATURATION + 1} * posting.weight / (posting.weight + {SATURATION})"
# Looked up one by one: PostgreSQL, left to choose, would read all postings of a common word.
_ONE = """
    SELECT weight FROM forums_posting
    WHERE index_id = term.index_id AND lexeme = term.lexeme AND topic_id = near.topic_id LIMIT 1
"""
_FILTER = "CROSS JOIN LATERAL ({allowed} AND forums_topic.id = heaviest.topic_id LIMIT 1) allowed"
# The topics in which each word weighs most: one index, read from its heavy end. Then all words of the best of them.
_MEASURE = f"""
near AS MATERIALIZED (
    SELECT term.index_id, posting.topic_id FROM term CROSS JOIN LATERAL (
        SELECT topic_id, weight FROM (
            SELECT topic_id, weight FROM forums_posting
            WHERE index_id = term.index_id AND lexeme = term.lexeme ORDER BY weight DESC LIMIT %(heaviest)s
        ) heaviest {{filter}}
    ) posting
    GROUP BY 1, 2 ORDER BY sum({_WEIGHT}) DESC LIMIT %(measured)s
),
measured AS MATERIALIZED (
    SELECT near.topic_id, sum({_WEIGHT}) AS score
    FROM near JOIN term ON term.index_id = near.index_id CROSS JOIN LATERAL ({_ONE}) posting
    GROUP BY 1 ORDER BY score DESC LIMIT %(compared)s
)
"""
_MEASURE_NARROWED = f"""
near AS MATERIALIZED (SELECT unnest(%(narrowed)s::bigint[]) AS topic_id),
measured AS MATERIALIZED (
    SELECT near.topic_id, sum({_WEIGHT}) AS score
    FROM near CROSS JOIN term CROSS JOIN LATERAL ({_ONE}) posting
    GROUP BY 1 ORDER BY score DESC LIMIT %(compared)s
)
"""
_RANK = """
WITH term AS MATERIALIZED (
    SELECT * FROM unnest(%(indexes)s::bigint[], %(lexemes)s::text[], %(values)s::float8[]) term(index_id, lexeme, value)
),
{measured}
SELECT topic.id, COALESCE(canonical.id, topic.id) AS shown_id, measured.score,
       similarity(topic.title, %(text)s)::float8 AS likeness
FROM measured JOIN forums_topic topic ON topic.id = measured.topic_id
LEFT JOIN forums_topic canonical
  ON canonical.id = topic.duplicate_of_id AND canonical.state = 'published'
 AND canonical.community_id = ANY(%(communities)s)
WHERE COALESCE(canonical.id, topic.id) IN ({allowed}) {without}
"""
