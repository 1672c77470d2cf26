"""An index in one go, for topics that came into the tables in bulk: while nobody writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from forums.models import Community, Posting, SearchIndex
from forums.search import rebuilding
from forums.search.indexing import DROPPED

TOPICS_A_STEP = 5_000


def build(
    community: Community, say: Callable[[str], None] = lambda _line: None, *, vectors: bool = True
) -> SearchIndex:
    """Give ``community`` a new index of all its topics, live at the end. An old one is taken away first.

    Without ``vectors`` the posts came with theirs (``lexemes.vector``), which spares a rewrite of each.
    """
    SearchIndex.objects.filter(community=community).update(is_live=False, built_to=DROPPED)
    for old in SearchIndex.objects.filter(community=community):
        while rebuilding.step(old.pk):
            pass
    index = SearchIndex.objects.create(community=community, config=community.search_config)
    with _without_indexes() as unkeyed:
        done = 0
        while rebuilding.step(index.pk, topics=TOPICS_A_STEP, vectors=vectors, unkeyed=unkeyed):
            done += TOPICS_A_STEP
            say(f"{community}: {done:,} topics at most")
    index.refresh_from_db()
    return index


@contextmanager
def _without_indexes() -> Iterator[bool]:
    """Write many rows first and sort them once: when there is nothing yet, postings do without indexes and keys.

    All in one transaction: whoever ends it early finds the table as it was. Yields whether they do.
    """
    if Posting.objects.exists():
        yield False
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Keys are checked row by row: a table with checks still to come cannot be changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_CONSTRAINTS)
        constraints = cursor.fetchall()
        for name, _definition in constraints:
            cursor.execute(f'ALTER TABLE forums_posting DROP CONSTRAINT "{name}"')
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield True
        for _name, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            cursor.execute(f'ALTER TABLE forums_posting ADD CONSTRAINT "{name}" {definition}')


_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'forums_posting'::regclass AND contype IN ('f', 'p') ORDER BY contype DESC
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'forums_posting'::regclass
"""
