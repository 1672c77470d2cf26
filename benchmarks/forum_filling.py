"""Filling the benchmark's communities: topics and posts made by PostgreSQL from the demo's sentences.

Nothing goes through the portal's acts, which would take a day; the rows are what those acts would have left.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection

from accounts.models import User
from benchmarks.scale import Scale
from benchmarks.texts import Texts
from forums.models import Category, Community
from forums.search import bulk
from forums.search.lexemes import vector
from forums.seeds import MAIN

SEED = 20_262
MEMBER_EMAIL = "member@community.bench.example"
# One topic has as many replies as nobody reads: the deep pages are measured on it.
LONG_TOPIC = 1
_SENTENCES_AN_OPENING, _SENTENCES_A_REPLY = (2, 6), (1, 3)
_TABLES = (
    "forums_topic", "forums_post", "forums_topictag", "forums_tag", "forums_member", "forums_watch", "forums_topicread",
)  # fmt: skip


def fill(scale: Scale, say: Callable[[str], None]) -> None:
    """Fill an empty, migrated database with communities. People are added to those who are there."""
    members = _members(scale)
    with connection.cursor() as cursor:
        say("tags and texts of the communities")
        cursor.execute("CREATE TEMP TABLE sentence (id int PRIMARY KEY, words text)")
        cursor.execute("CREATE TEMP TABLE headline (id int PRIMARY KEY, words text)")
        texts = Texts(SEED)
        _copy(cursor, "sentence", enumerate(texts.sentences))
        _copy(cursor, "headline", enumerate(texts.headlines))
        cursor.execute(_TAGS, [scale.tags])
        indexes = _drop_indexes(cursor)
        values = _values(scale, texts, members)
        for what, statement in _STATEMENTS:
            say(what)
            cursor.execute(statement, values)
        for name, definition in indexes:
            say(f"index {name}")
            cursor.execute(definition)
        for table in _TABLES[:4]:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    say("the search index")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE forums_post; ANALYZE forums_topic")
    for community in Community.objects.all():
        bulk.build(community, say, vectors=False)


def _members(scale: Scale) -> tuple[int, int, int]:
    """Make the members; return the first's and last's id, and that of the one who asks for pages."""
    chance = random.Random(SEED)
    first_names = ("Ana", "Ben", "Chidi", "Dara", "Emil", "Fatou", "Gita", "Hugo", "Ines", "Jun", "Kofi", "Lea")
    people = User.objects.bulk_create(
        [
            User(
                email=MEMBER_EMAIL if number == 0 else f"member{number}@community.bench.example",
                display_name=f"{chance.choice(first_names)} {number}",
                handle=f"member-{number}",
                password="!",
            )
            for number in range(scale.members)
        ],
        batch_size=2_000,
    )
    return people[0].pk, people[-1].pk, people[0].pk


def _values(scale: Scale, texts: Texts, members: tuple[int, int, int]) -> dict[str, Any]:
    main = Community.objects.get(slug=MAIN)
    loader = Community.objects.get(slug="data-loader")
    shelves = {
        community: list(Category.objects.filter(community=community, is_for_staff=False).values_list("pk", flat=True))
        for community in (main, loader)
    }
    return {
        "topics": scale.topics,
        "replies": scale.posts - scale.topics - scale.forum_comments,
        "comments": scale.forum_comments,
        "long": scale.long_topic,
        "main": main.pk,
        "loader": loader.pk,
        "main_shelves": shelves[main],
        "loader_shelves": shelves[loader],
        "sentences": len(texts.sentences),
        "headlines": len(texts.headlines),
        "first": members[0],
        "members": members[1] - members[0] + 1,
        "reader": members[2],
        "tags": scale.tags,
    }


def _copy(cursor: Any, table: str, rows: Iterator[tuple[int, str]] | Any) -> None:
    with cursor.copy(f"COPY {table} (id, words) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _drop_indexes(cursor: Any) -> Sequence[tuple[str, str]]:
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i"
        " WHERE i.tablename IN ('forums_topic', 'forums_post', 'forums_topictag')"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conname = i.indexname AND k.contype <> 'u')"
    )
    indexes = [(name, definition) for name, definition in cursor.fetchall() if "_pkey" not in name]
    for name, _definition in indexes:
        cursor.execute(f'ALTER TABLE IF EXISTS "{_table_of(_definition)}" DROP CONSTRAINT IF EXISTS "{name}"')
        cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
    return indexes


def _table_of(definition: str) -> str:
    return definition.split(" ON ")[1].split(" ")[0].split(".")[-1].strip('"')


_TAGS = """
INSERT INTO forums_tag (community_id, slug, description, topic_count)
SELECT c.id, 'topic-' || n, '', 0 FROM forums_community c CROSS JOIN generate_series(1, %s) n
WHERE c.slug IN ('community', 'data-loader') ORDER BY c.id, n
"""
# Rows are made of their number alone (hashint4), so that each fill is the same.
_TOPICS = """
INSERT INTO forums_topic (id, community_id, category_id, kind, title, author_id, state, created_at, bumped_at,
    last_poster_id, last_number, last_public_number, answer_count, score, is_closed, is_locked)
SELECT n, CASE WHEN is_loader THEN %(loader)s ELSE %(main)s END,
    CASE WHEN is_loader THEN (%(loader_shelves)s::bigint[])[1 + n %% cardinality(%(loader_shelves)s::bigint[])]
         ELSE (%(main_shelves)s::bigint[])[1 + n %% cardinality(%(main_shelves)s::bigint[])] END,
    CASE WHEN n %% 10 < 7 THEN 'question' WHEN is_loader OR n %% 10 < 9 THEN 'discussion' ELSE 'idea' END,
    left(h.words, 110) || ' (' || n || ')', %(first)s + abs(hashint4(n)) %% %(members)s, 'published',
    now() - (%(topics)s - n) * (interval '3 years' / %(topics)s), now(), NULL, 0, 0, 0,
    greatest(0, abs(hashint4(n + 7)) %% 40 - 30), false, false
FROM generate_series(1, %(topics)s) n
CROSS JOIN LATERAL (SELECT n %% 10 = 3 AS is_loader) c
JOIN headline h ON h.id = abs(hashint4(n + 3)) %% %(headlines)s
"""
_OPENINGS = f"""
INSERT INTO forums_post (id, topic_id, kind, number, author_id, body, body_html, markdown_version, state, score,
    comment_count, last_comment_number, created_at, version, search)
SELECT t.id, t.id, 'opening', 0, t.author_id, s.body, '<p>' || s.body || '</p>', 1, 'published', t.score, 0, 0,
    t.created_at, 1, {vector("'english'", "t.title", "s.body")}
FROM forums_topic t
CROSS JOIN LATERAL (
    SELECT string_agg(s.words, ' ') AS body FROM generate_series(1, 2 + t.id::int %% 4) k
    JOIN sentence s ON s.id = abs(hashint4(t.id::int * 31 + k)) %% %(sentences)s
) s
"""
_REPLIES = f"""
INSERT INTO forums_post (id, topic_id, kind, number, author_id, body, body_html, markdown_version, state, score,
    comment_count, last_comment_number, created_at, version, search)
SELECT %(topics)s + n, topic, 'reply', row_number() OVER (PARTITION BY topic ORDER BY n),
    %(first)s + abs(hashint4(n + 11)) %% %(members)s, s.body, '<p>' || s.body || '</p>', 1, 'published',
    greatest(0, abs(hashint4(n + 17)) %% 30 - 24), 0, 0, t.created_at + (n %% 300) * interval '5 minutes', 1,
    {vector("'english'", "''::text", "s.body")}
FROM (
    SELECT n, CASE WHEN n <= %(long)s THEN 1 WHEN place %% 8 = 0 THEN place - 1 ELSE place END AS topic
    FROM generate_series(1, %(replies)s) n CROSS JOIN LATERAL (
        -- Every eighth topic stays without a reply.
        SELECT 3 + abs(hashint4(n + 5)) %% (%(topics)s - 2) AS place
    ) hash
) r
JOIN forums_topic t ON t.id = topic
CROSS JOIN LATERAL (
    SELECT string_agg(s.words, ' ') AS body FROM generate_series(1, 1 + n %% 3) k
    JOIN sentence s ON s.id = abs(hashint4(n * 13 + k)) %% %(sentences)s
) s
"""
_COMMENTS = f"""
INSERT INTO forums_post (id, topic_id, kind, parent_id, number, author_id, body, body_html, markdown_version, state,
    score, comment_count, last_comment_number, created_at, version, search)
SELECT %(topics)s + %(replies)s + n, p.topic_id, 'comment', p.id, row_number() OVER (PARTITION BY p.id ORDER BY n),
    %(first)s + abs(hashint4(n + 19)) %% %(members)s, s.words, '<p>' || s.words || '</p>', 1, 'published', 0, 0, 0,
    p.created_at + interval '1 hour', 1, {vector("'english'", "''::text", "s.words")}
FROM generate_series(1, %(comments)s) n
JOIN forums_post p ON p.id = 1 + abs(hashint4(n + 23)) %% (%(topics)s + %(replies)s) AND p.kind <> 'comment'
JOIN sentence s ON s.id = abs(hashint4(n)) %% %(sentences)s
"""
_COMMENT_COUNTS = """
UPDATE forums_post SET comment_count = c.found, last_comment_number = c.found
FROM (SELECT parent_id, count(*) AS found FROM forums_post WHERE kind = 'comment' GROUP BY 1) c
WHERE forums_post.id = c.parent_id
"""
_TOPIC_COUNTS = """
UPDATE forums_topic SET answer_count = coalesce(r.found, 0), last_number = coalesce(r.found, 0),
    last_public_number = coalesce(r.found, 0), bumped_at = coalesce(r.latest, created_at),
    last_poster_id = r.poster, accepted_post_id = CASE WHEN kind = 'question' AND r.id %% 3 > 0 THEN r.best END,
    accepted_at = CASE WHEN kind = 'question' AND r.id %% 3 > 0 THEN r.latest END
FROM (
    SELECT t.id, count(p.id) AS found, max(p.created_at) AS latest, max(p.author_id) AS poster, min(p.id) AS best
    FROM forums_topic t LEFT JOIN forums_post p ON p.topic_id = t.id AND p.kind = 'reply' GROUP BY t.id
) r
WHERE forums_topic.id = r.id
"""
# A few tags are on much, most on little.
_TOPIC_TAGS = """
INSERT INTO forums_topictag (topic_id, tag_id, bumped_at)
SELECT DISTINCT ON (t.id, g.id) t.id, g.id, t.bumped_at
FROM forums_topic t CROSS JOIN generate_series(1, 2) k
JOIN forums_tag g ON g.community_id = t.community_id
    AND g.slug = 'topic-' || (1 + floor(%(tags)s * power(abs(hashint4(t.id::int * 7 + k)) %% 1000 / 1000.0, 3)))::int
"""
_TAG_COUNTS = """
UPDATE forums_tag SET topic_count = c.found
FROM (SELECT tag_id, count(*) AS found FROM forums_topictag GROUP BY 1) c WHERE forums_tag.id = c.tag_id
"""
_MEMBERS = """
INSERT INTO forums_member (user_id, reputation, post_count, first_posted_at, read_before)
SELECT u.id, 20, 1, now() - interval '3 years', now() - interval '30 days' FROM accounts_user u
WHERE u.id BETWEEN %(first)s AND %(first)s + %(members)s - 1
"""
_WATCHES = """
INSERT INTO forums_watch (user_id, level, community_id, created_at)
SELECT %(first)s + n, 1, %(main)s, now() FROM generate_series(1, least(500, %(members)s - 1)) n
"""
_READS = """
INSERT INTO forums_topicread (user_id, topic_id, number, read_at)
SELECT %(reader)s, id, last_public_number, now() FROM forums_topic WHERE id %% 50 = 0 ORDER BY bumped_at DESC LIMIT 2000
"""
_STATEMENTS = (
    ("topics", _TOPICS),
    ("opening posts", _OPENINGS),
    ("replies", _REPLIES),
    ("comments", _COMMENTS),
    ("counts of comments", "CREATE INDEX bench_parent ON forums_post (parent_id)"),
    ("counts of comments", _COMMENT_COUNTS),
    ("counts of replies", _TOPIC_COUNTS),
    ("tags of topics", _TOPIC_TAGS),
    ("counts of tags", _TAG_COUNTS),
    ("members, watches and reading marks", _MEMBERS),
    ("watches", _WATCHES),
    ("reading marks", _READS),
    ("done with a helper", "DROP INDEX bench_parent"),
)
