"""Why a topic was found: the post of it that fits best, cut around the words, which are marked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.safestring import SafeString

from forums.constants import PostKind
from forums.models import Topic
from forums.search.terms import Resolved
from lib.markdown import words_of
from lib.search_hits import HEADLINE, HEADLINE_WHOLE, SHORT, START, STOP, marked, plain

POSTS_COMPARED = 100  # of a topic, the first
TEXT_READ = 12_000  # characters of a post
# PostgreSQL marks the parts of a code; a reader means all of it. One run of signs, so that a long one is read once.
_BETWEEN_MARKS = re.compile(f"{STOP}([\\w.]++|-){START}")
_COMPARED = 20  # characters


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a row of the results shows of a topic. ``post_id`` is the reply or comment it is from, if it is one."""

    title: SafeString
    text: SafeString
    post_id: int | None = None


def excerpts(topics: Sequence[Topic], resolved: Resolved) -> Mapping[int, Excerpt]:
    """Return an excerpt for each topic: two questions to the database, however many there are."""
    posts = _best_posts([topic.pk for topic in topics], resolved)
    found = [(topic, *posts[topic.pk]) for topic in topics if topic.pk in posts]
    texts = [words_of(body)[:TEXT_READ] for _topic, _post_id, _kind, body in found]
    titles = [topic.title for topic, *_post in found]
    configs = [topic.community.search_config for topic, *_post in found]
    shown = _mark(configs, titles, texts, resolved)
    return {
        topic.pk: Excerpt(_html(title), _html(_cut(text, whole)), None if kind == PostKind.OPENING else post_id)
        for (topic, post_id, kind, _body), (title, text), whole in zip(found, shown, texts, strict=True)
    }


def surface(topics: Mapping[int, Excerpt], lexeme: str) -> str:
    """Return how the excerpts write a lexeme, which is a stem: the word a person knows. The stem if none does."""
    begins = lexeme[: max(3, len(lexeme) - 1)]
    for excerpt in topics.values():
        for word in re.findall(r"<mark>([^<]+)</mark>", excerpt.title + excerpt.text):
            if word.lower().startswith(begins):
                return str(word).lower()
    return lexeme


def _best_posts(topic_ids: Sequence[int], resolved: Resolved) -> Mapping[int, tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_BEST, {"topics": list(topic_ids), "query": _tsquery(resolved)})
        return {topic_id: (post_id, kind, body) for topic_id, post_id, kind, body in cursor.fetchall()}


def _mark(
    configs: Sequence[str], titles: Sequence[str], texts: Sequence[str], resolved: Resolved
) -> Sequence[tuple[str, str]]:
    values: dict[str, Any] = {
        "configs": configs,
        "titles": [plain(title) for title in titles],
        "texts": [plain(text) for text in texts],
        "query": _tsquery(resolved),
        "short": SHORT,
        "whole_options": HEADLINE_WHOLE,
        "text_options": HEADLINE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HEADLINES, values)
        return [(title, text) for title, text in cursor.fetchall()]


def _tsquery(resolved: Resolved) -> str:
    """Return any of the lexemes, as PostgreSQL reads a query that needs no dictionary."""
    quoted = (lexeme.replace("\\", "\\\\").replace("'", "''") for lexeme in resolved.lexemes)
    return " | ".join(f"'{lexeme}'" for lexeme in quoted)


def _cut(text: str, whole: str) -> str:
    """Say by dots that a text goes on before and after what is shown of it."""
    shown, whole = " ".join(plain(text).split()), " ".join(plain(whole).split())
    before = "" if whole.startswith(shown[:_COMPARED]) else "… "
    after = "" if whole.endswith(shown[-_COMPARED:]) or shown.endswith("…") else " …"
    return f"{before}{text}{after}"


def _html(text: str) -> SafeString:
    return marked(_BETWEEN_MARKS.sub(_joined, " ".join(text.split())))


def _joined(between: re.Match[str]) -> str:
    signs = between[1]
    return signs if not signs.isalnum() else between[0]


# The title counts little: it is shown above, and the best text is to stand below.
_BEST = f"""
SELECT DISTINCT ON (post.topic_id) post.topic_id, post.id, post.kind, post.body
FROM unnest(%(topics)s::bigint[]) wanted(id) CROSS JOIN LATERAL (
    SELECT post.* FROM forums_post post LEFT JOIN forums_post parent ON parent.id = post.parent_id
    WHERE post.topic_id = wanted.id AND post.state = 'published'
      AND (post.parent_id IS NULL OR parent.state = 'published')
    LIMIT {POSTS_COMPARED}
) post
ORDER BY post.topic_id, ts_rank('{{0.1, 0.1, 0.1, 0.02}}', COALESCE(post.search, ''), %(query)s::tsquery) DESC, post.id
"""
_HEADLINES = """
SELECT ts_headline(row.config::regconfig, row.title, %(query)s::tsquery, %(whole_options)s),
       ts_headline(row.config::regconfig, row.text, %(query)s::tsquery,
                   CASE WHEN length(row.text) <= %(short)s THEN %(whole_options)s ELSE %(text_options)s END)
FROM unnest(%(configs)s::text[], %(titles)s::text[], %(texts)s::text[])
    WITH ORDINALITY row(config, title, text, place)
ORDER BY row.place
"""
