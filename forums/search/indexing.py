"""Keeping the index in step, inside the transaction that changes a topic.

Only what everybody may see is indexed. The caller holds the topic's lock. New words are written in one order, so that
two writers of the same words wait for each other and never in a circle.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from forums.constants import PostKind
from forums.models import Post, SearchIndex, Topic
from forums.search.lexemes import MAX_LENGTH, vector

TITLE, OPENING, REPLY = 5.0, 1.0, 1.0  # what a word weighs there
LENGTH = 0.3  # how far long texts are held against their words: 0 not at all, 1 fully
# Of a topic's published replies and comments, the first so many are indexed.
REPLIES_INDEXED = 200
# What ``built_to`` says of an index that is being taken away.
DROPPED = -1


def index_opening(topic: Topic, post: Post) -> None:
    """Add a topic that was just published."""
    _add(topic, post)


def index_reply(topic: Topic, post: Post) -> None:
    """Add a reply or comment that was just published: touches only its own words."""
    _add(topic, post)


def reindex(topic: Topic, posts: Iterable[Post] = ()) -> None:
    """Write a topic's part of the index anew from what is published of it; nothing when the topic is not.

    ``posts`` are those that changed: one far down a long topic is only looked at when it is among them.
    """
    indexes = writable_indexes(topic)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM forums_posting WHERE topic_id = %s", [topic.pk])
    store_vectors(topic.community.search_config, [topic.pk], [post.pk for post in posts])
    for index in indexes:
        write_topics(index, [topic.pk])


def writable_indexes(topic: Topic) -> list[SearchIndex]:
    """Return the indexes that a change of ``topic`` has to be written to, kept from the builder until the commit.

    The key-share lock is the one that a foreign key takes; only ``rebuilding`` asks for more.
    """
    found = list(
        SearchIndex.objects.raw(
            "SELECT * FROM forums_searchindex WHERE community_id = %s ORDER BY id FOR KEY SHARE", [topic.community_id]
        )
    )
    if not found:
        found = [_first_index(topic)]
    for index in found:
        index.community = topic.community
    return [index for index in found if index.is_live or topic.pk <= index.built_to]


def write_topics(index: SearchIndex, topic_ids: Sequence[int], *, unkeyed: bool = False) -> None:
    """Add all that is published of these topics to ``index``, which holds nothing of them yet.

    ``unkeyed`` says that the table of postings is without its primary key for now.
    """
    values: dict[str, Any] = {"topics": list(topic_ids), "community": index.community_id}
    _write(index, _POSTS_OF_TOPICS, values, _INSERT if unkeyed else _UPSERT)


def store_vectors(config: str, topic_ids: Sequence[int], post_ids: Sequence[int] = ()) -> None:
    """Set the search vectors of the topics' posts (as many as are indexed) and of ``post_ids`` right."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE, {"config": config, "topics": list(topic_ids), "posts": list(post_ids)})


def _add(topic: Topic, post: Post) -> None:
    store_vectors(topic.community.search_config, [], [post.pk])
    for index in writable_indexes(topic):
        _write(index, _ONE_POST, {"post": post.pk}, _UPSERT)


def _first_index(topic: Topic) -> SearchIndex:
    """Make the first index of a community; one that has topics already is filled by ``rebuilding``."""
    others = Topic.objects.filter(community=topic.community_id).exclude(pk=topic.pk)
    index, _created = SearchIndex.objects.get_or_create(
        community=topic.community, is_live=not others.exists(), defaults={"config": topic.community.search_config}
    )
    return index


def _write(index: SearchIndex, posts: str, values: dict[str, Any], insert: str) -> None:
    values |= {
        "index": index.pk,
        "config": index.config,
        "mean_title": index.mean_title,
        "mean_opening": index.mean_opening,
        "mean_reply": index.mean_reply,
    }
    # The stored vectors are in the community's configuration: an index in another one, soon to go, reads the text.
    stored = index.config == index.community.search_config
    parsed = "post.search" if stored else _VECTOR
    with connection.cursor() as cursor:
        cursor.execute(_WEIGH.replace("{posts}", posts.replace("{vector}", parsed)) + insert, values)


_ONE_POST = f"""
    SELECT post.id, post.topic_id, post.kind, {{vector}} AS vector
    FROM forums_post post JOIN forums_topic topic ON topic.id = post.topic_id
    WHERE post.id = %(post)s AND {REPLIES_INDEXED} > (
        SELECT count(*) FROM (
            SELECT FROM forums_post earlier
            WHERE earlier.topic_id = post.topic_id AND earlier.state = 'published'
              AND earlier.kind <> '{PostKind.OPENING}' AND earlier.id < post.id
            LIMIT {REPLIES_INDEXED}
        ) earlier
    )
"""
_FIRST_POSTS = f"""
    SELECT post.id FROM forums_post post LEFT JOIN forums_post parent ON parent.id = post.parent_id
    WHERE post.topic_id = topic.id AND post.state = 'published'
      AND (post.parent_id IS NULL OR parent.state = 'published')
    ORDER BY post.kind <> '{PostKind.OPENING}', post.id
    LIMIT {REPLIES_INDEXED + 1}
"""
_POSTS_OF_TOPICS = f"""
    SELECT post.id, post.topic_id, post.kind, {{vector}} AS vector
    FROM forums_topic topic CROSS JOIN LATERAL ({_FIRST_POSTS}) first JOIN forums_post post ON post.id = first.id
    WHERE topic.id = ANY(%(topics)s) AND topic.community_id = %(community)s
      AND topic.state = 'published' AND topic.merged_into_id IS NULL
"""
_WEIGH = f"""
WITH post AS ({{posts}}),
word AS MATERIALIZED (
    SELECT post.topic_id, post.kind, found.lexeme, counted.title, counted.text,
           sum(counted.title) OVER (PARTITION BY post.id) AS title_length,
           sum(counted.text) OVER (PARTITION BY post.id) AS text_length
    FROM post CROSS JOIN LATERAL unnest(post.vector) found(lexeme, positions, weights)
    CROSS JOIN LATERAL (SELECT cardinality(array_positions(found.weights, 'A')) AS title) a
    CROSS JOIN LATERAL (SELECT a.title, cardinality(found.positions) - a.title AS text) counted
    WHERE length(found.lexeme) <= {MAX_LENGTH}
),
weighed AS MATERIALIZED (
    SELECT topic_id, lexeme, sum(
        {TITLE} * title / ({1 - LENGTH} + {LENGTH} * title_length / %(mean_title)s)
        + CASE WHEN kind = '{PostKind.OPENING}'
               THEN {OPENING} * text / ({1 - LENGTH} + {LENGTH} * text_length / %(mean_opening)s)
               ELSE {REPLY} * text / ({1 - LENGTH} + {LENGTH} * text_length / %(mean_reply)s) END
    ) AS weight
    FROM word GROUP BY topic_id, lexeme
),
known AS (
    -- Only words that are new: one that is there already may be locked by a count, and nobody waits for that.
    INSERT INTO forums_lexeme (index_id, lexeme, topics)
    SELECT %(index)s, lexeme, topics FROM (SELECT lexeme, count(*) AS topics FROM weighed GROUP BY lexeme) used
    WHERE NOT EXISTS (
        SELECT FROM forums_lexeme there WHERE there.index_id = %(index)s AND there.lexeme = used.lexeme
    )
    ORDER BY lexeme
    ON CONFLICT DO NOTHING
)
"""
_INSERT = """
INSERT INTO forums_posting (index_id, lexeme, topic_id, weight)
SELECT %(index)s, lexeme, topic_id, weight FROM weighed
"""
_UPSERT = f"""{_INSERT} ORDER BY lexeme, topic_id
ON CONFLICT (index_id, lexeme, topic_id) DO UPDATE SET weight = forums_posting.weight + excluded.weight
"""
_TITLE = f"CASE WHEN post.kind = '{PostKind.OPENING}' THEN topic.title ELSE '' END"
_VECTOR = vector("%(config)s", f"({_TITLE})", "post.body")
_STORE = f"""
WITH wanted AS (
    SELECT first.id FROM forums_topic topic CROSS JOIN LATERAL ({_FIRST_POSTS}) first WHERE topic.id = ANY(%(topics)s)
    UNION
    SELECT unnest(%(posts)s::bigint[])
    UNION
    SELECT id FROM forums_post WHERE parent_id = ANY(%(posts)s)
),
fresh AS MATERIALIZED (
    SELECT post.id, CASE WHEN topic.state = 'published' AND post.state = 'published'
                          AND (post.parent_id IS NULL OR parent.state = 'published')
                         THEN {_VECTOR} END AS search
    FROM wanted JOIN forums_post post ON post.id = wanted.id JOIN forums_topic topic ON topic.id = post.topic_id
    LEFT JOIN forums_post parent ON parent.id = post.parent_id
)
UPDATE forums_post SET search = fresh.search
FROM fresh WHERE forums_post.id = fresh.id AND forums_post.search IS DISTINCT FROM fresh.search
"""
