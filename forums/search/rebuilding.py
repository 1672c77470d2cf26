"""Making an index in the background: the first of a community that has topics, or one in another configuration.

The new index is filled in batches, each in a transaction of its own; what people write meanwhile to topics that are in
it already goes into both (``indexing.writable_indexes``). When it holds all it takes the old one's place, and the old
one is taken away, again in batches. Killed anywhere, the next step goes on from what was committed.
"""

import logging
import time

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from psycopg.errors import LockNotAvailable

from forums.models import Community, SearchIndex, Topic
from forums.search import counting, indexing
from forums.search.indexing import DROPPED

logger = logging.getLogger(__name__)

TOPICS_A_STEP = 200
ROWS_A_STEP = 20_000
SECONDS_A_RUN = 50.0
ATTEMPTS, LOCK_MILLISECONDS = 5, 500


def go_on(*, seconds: float = SECONDS_A_RUN) -> None:
    """Begin what is wanted and do steps for a while. What is left waits for the next run."""
    begin()
    end = time.monotonic() + seconds
    for index_id in unfinished():
        try:
            while time.monotonic() < end and step(index_id):
                pass
        except Exception:  # one community's trouble must not keep the others waiting
            logger.exception("Search index %s could not go on; the next run tries again.", index_id)


def begin() -> None:
    """Start an index for each community that has topics and none, or whose live one is in another configuration."""
    live = SearchIndex.objects.filter(community=OuterRef("pk"), is_live=True)
    waiting = SearchIndex.objects.filter(community=OuterRef("pk"), is_live=False, built_to__gte=0)
    topics = Topic.objects.filter(community=OuterRef("pk"))
    right = live.filter(config=OuterRef("search_config"))
    for community in Community.objects.filter(~Exists(right), ~Exists(waiting), Exists(topics)):
        SearchIndex.objects.get_or_create(
            community=community, is_live=False, built_to__gte=0, defaults={"config": community.search_config}
        )


def unfinished() -> list[int]:
    """Return the ids of the indexes that want more steps."""
    return list(SearchIndex.objects.filter(is_live=False).order_by("pk").values_list("pk", flat=True))


def step(index_id: int, *, topics: int = TOPICS_A_STEP, vectors: bool = True, unkeyed: bool = False) -> bool:
    """Do a bounded piece of work on one index. Says whether there may be more of it.

    Without ``vectors`` those of the posts are right already; ``unkeyed`` is for ``bulk``. A step that people's writing
    keeps out is tried again a few times, then left for later.
    """
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _step(index_id, topics, vectors=vectors, unkeyed=unkeyed)
        except _Overtaken:
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    return True


class _Overtaken(Exception):  # noqa: N818 - no error: the step begins anew
    """Topics of the batch came while it was being locked."""


def _step(index_id: int, topics: int, *, vectors: bool, unkeyed: bool) -> bool:
    with connection.cursor() as cursor:
        # Sooner than PostgreSQL looks for circles of waiting: should there ever be one, no person's post is given up.
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
    begun = SearchIndex.objects.filter(pk=index_id, is_live=False).first()
    if begun is None:
        return False
    # Topics first, then the index: the order in which everybody else comes by them.
    batch = _batch(begun, topics)
    locked = list(Topic.objects.filter(pk__in=batch).order_by("pk").select_for_update().values_list("pk", flat=True))
    # The full lock waits for every writer who relies on ``built_to`` as it was, and lets none in until the commit.
    index = SearchIndex.objects.select_for_update(of=("self",)).select_related("community").get(pk=index_id)
    if index.built_to != begun.built_to or locked != _batch(index, topics):
        raise _Overtaken
    if index.built_to == DROPPED:
        return _drop(index)
    if index.config != index.community.search_config:
        # The configuration was changed again: what was built so far is of no use.
        index.built_to = DROPPED
        index.save(update_fields=["built_to"])
        return True
    if not batch:
        _go_live(index)
        return False
    if vectors:
        indexing.store_vectors(index.config, batch)
    indexing.write_topics(index, batch, unkeyed=unkeyed)
    index.built_to = batch[-1]
    index.save(update_fields=["built_to"])
    return True


def _batch(index: SearchIndex, size: int) -> list[int]:
    if index.built_to == DROPPED:
        return []
    following = Topic.objects.filter(community=index.community_id, pk__gt=index.built_to)
    return list(following.order_by("pk").values_list("pk", flat=True)[:size])


def _go_live(index: SearchIndex) -> None:
    counting.refresh(index.pk)
    SearchIndex.objects.filter(community=index.community_id, is_live=True).exclude(pk=index.pk).update(
        is_live=False, built_to=DROPPED
    )
    SearchIndex.objects.filter(pk=index.pk).update(is_live=True)


def _drop(index: SearchIndex) -> bool:
    for table in ("forums_posting", "forums_lexeme"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE index_id = %s LIMIT %s))",
                [index.pk, ROWS_A_STEP],
            )
            if cursor.rowcount:
                return True
    index.delete()
    return False
