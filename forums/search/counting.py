"""Statistics of an index: in how many topics each word stands, how many topics there are, how long their texts are."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from forums.constants import PostKind
from forums.models import SearchIndex, Topic

# A small index is counted after any change, a big one when enough has changed to matter, or after a day.
SMALL = 5_000  # topics
GROWN = 0.01
LATEST = timedelta(days=1)
_SAMPLE, _POSTS_OF_SAMPLE = 500, 5  # the newest topics, and posts of each, for the mean length of their texts


def refresh_due() -> int:
    """Count the live indexes whose topics have changed. Returns how many."""
    return sum(_is_due(index) and refresh(index.pk) for index in SearchIndex.objects.filter(is_live=True))


@transaction.atomic
def refresh(index_id: int) -> bool:
    """Count one index. Says false when somebody else is at it, or it is gone. Keeps no writer waiting."""
    index = SearchIndex.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=index_id).first()
    if index is None:
        return False
    topics = Topic.objects.listed().filter(community=index.community_id)
    with connection.cursor() as cursor:
        # A fresh index has no statistics yet, and a loop in a loop over its words would never end.
        cursor.execute("SET LOCAL enable_nestloop TO off")
        cursor.execute(_COUNT, {"index": index.pk})
        cursor.execute("SET LOCAL enable_nestloop TO on")
        cursor.execute(_MEANS, {"community": index.community_id})
        title, opening, reply = cursor.fetchone()
    index.mean_title = title or index.mean_title
    index.mean_opening = opening or index.mean_opening
    index.mean_reply = reply or index.mean_reply
    index.topics = topics.count()
    index.refreshed_at = timezone.now()
    index.save(update_fields=["topics", "mean_title", "mean_opening", "mean_reply", "refreshed_at"])
    return True


def _is_due(index: SearchIndex) -> bool:
    topics = Topic.objects.filter(community=index.community_id)
    if index.refreshed_at is None:
        return topics.exists()
    changed = topics.filter(Q(bumped_at__gte=index.refreshed_at) | Q(edited_at__gte=index.refreshed_at))
    if index.topics < SMALL or index.refreshed_at < timezone.now() - LATEST:
        return changed.exists()
    return bool(changed[: int(index.topics * GROWN) + 1].count() > index.topics * GROWN)


# A word that is gone everywhere keeps its row, with nought: taking it away could cross a writer who relies on it.
_COUNT = """
WITH counted AS MATERIALIZED (
    SELECT lexeme, count(*) AS topics FROM forums_posting WHERE index_id = %(index)s GROUP BY lexeme
)
UPDATE forums_lexeme SET topics = COALESCE(counted.topics, 0)
FROM forums_lexeme there LEFT JOIN counted ON counted.lexeme = there.lexeme
WHERE there.index_id = %(index)s AND forums_lexeme.index_id = there.index_id AND forums_lexeme.lexeme = there.lexeme
  AND forums_lexeme.topics <> COALESCE(counted.topics, 0)
"""
_MEANS = f"""
WITH newest AS (
    SELECT id FROM forums_topic
    WHERE community_id = %(community)s AND state = 'published' ORDER BY id DESC LIMIT {_SAMPLE}
),
measured AS (
    SELECT post.kind, sum(found.title) AS title, sum(found.text) AS text
    FROM newest CROSS JOIN LATERAL (
        SELECT id, kind, search FROM forums_post
        WHERE topic_id = newest.id AND state = 'published' ORDER BY id LIMIT {_POSTS_OF_SAMPLE}
    ) post CROSS JOIN LATERAL (
        SELECT cardinality(array_positions(weights, 'A')) AS title,
               cardinality(positions) - cardinality(array_positions(weights, 'A')) AS text
        FROM unnest(post.search)
    ) found
    GROUP BY post.id, post.kind
)
SELECT avg(title) FILTER (WHERE kind = '{PostKind.OPENING}'), avg(text) FILTER (WHERE kind = '{PostKind.OPENING}'),
       avg(text) FILTER (WHERE kind <> '{PostKind.OPENING}')
FROM measured
"""
