"""Setting right what drifts: counts that the verbs keep by adding, once a night; leaderboards, once an hour.

Batch by batch, each in a transaction of its own that keeps no writer waiting for long: whoever is being changed just
now is left for the next night. What is right is not written.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Model, Q
from django.utils import timezone

from forums import changes
from forums.constants import REPUTATION_OF_ACCEPTANCE, REPUTATION_OF_VOTE, State
from forums.models import Community, Member, Post, Standing, Tag, Topic, TopicRead

BATCH = 500  # rows that one transaction locks
LOOKED_AT = 5_000  # rows that one query compares
STANDINGS = 100
MONTH = timedelta(days=30)


def recount_members() -> int:
    """Set everybody's reputation and number of posts right. Returns how many people were looked at."""
    return sum(_recount_members(ids) for ids in _batches(Member, BATCH))


@transaction.atomic
def _recount_members(ids: Collection[int]) -> int:
    # Whoever is locked is changing: waiting here while holding others could be a circle.
    free = list(Member.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=ids).order_by("pk"))
    changes.recount_members([member.pk for member in free])
    return len(free)


def recount_tags() -> int:
    """Set right how many published topics carry each tag. Returns how many tags were wrong."""
    return sum(_recount_tags(ids) for ids in _batches(Tag, BATCH))


@transaction.atomic
def _recount_tags(ids: Collection[int]) -> int:
    free = list(Tag.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=ids).order_by("pk"))
    published = Count("topics", filter=Q(topics__state=State.PUBLISHED))
    counted = Tag.objects.filter(pk__in=[tag.pk for tag in free]).annotate(found=published)
    wrong = list(counted.exclude(topic_count=F("found")).values_list("pk", "found"))
    for pk, found in wrong:
        Tag.objects.filter(pk=pk).update(topic_count=found)
    return len(wrong)


def recount_topics() -> int:
    """Set right what topics and posts count of what stands under them. Returns how many were wrong."""
    wrong = 0
    for ids in _batches(Topic, LOOKED_AT):
        for topic_id in _ids(_DRIFTED_TOPICS, ids):
            wrong += _recount_topic(topic_id)
    for ids in _batches(Post, LOOKED_AT):
        for post_id in _ids(_DRIFTED_POSTS, ids):
            wrong += _recount_comments(post_id)
    return wrong


@transaction.atomic
def _recount_topic(topic_id: int) -> bool:
    topic = Topic.objects.select_for_update().filter(pk=topic_id, merged_into=None).first()
    if topic is not None:
        changes.recount_topic(topic)
    return topic is not None


@transaction.atomic
def _recount_comments(post_id: int) -> bool:
    topic = Topic.objects.select_for_update().filter(posts=post_id).first()
    post = Post.objects.select_for_update().filter(pk=post_id, topic=topic).first()
    if post is not None:
        changes.recount_comments([post])
    return post is not None


def write_standings() -> int:
    """Write the leaderboards of every community anew. Returns how many rows they have."""
    return sum(
        _write_standings(community_id, period)
        for community_id in Community.objects.order_by("pk").values_list("pk", flat=True)
        for period in Standing.Period
    )


@transaction.atomic
def _write_standings(community_id: int, period: Standing.Period) -> int:
    # One writer at a time; posts, which only refer to the community, do not wait.
    if not Community.objects.select_for_update(no_key=True).filter(pk=community_id).exists():
        return 0
    Standing.objects.filter(community=community_id, period=period).delete()
    gains = _GAINS_EVER if period == Standing.Period.ALL else _GAINS_SINCE
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDINGS.replace("{gains}", gains),
            {
                "community": community_id,
                "period": period.value,
                "since": timezone.now() - MONTH,
                "vote": REPUTATION_OF_VOTE,
                "acceptance": REPUTATION_OF_ACCEPTANCE,
                "limit": STANDINGS,
            },
        )
        written: int = cursor.rowcount
    return written


def sweep_reading_marks() -> int:
    """Drop marks of topics that count as read without them. Returns how many."""
    stale = TopicRead.objects.filter(topic__bumped_at__lte=F("user__forum_member__read_before"))
    swept = 0
    while ids := list(stale.values_list("pk", flat=True)[:LOOKED_AT]):
        deleted, _rows = TopicRead.objects.filter(pk__in=ids).delete()
        swept += deleted
    return swept


def _batches(model: type[Model], size: int) -> Iterator[list[int]]:
    """Yield every id of ``model``, ``size`` at a time, in order."""
    after: Any = 0
    rows = model._default_manager.order_by("pk").values_list("pk", flat=True)  # noqa: SLF001 - Django's API
    while ids := list(rows.filter(pk__gt=after)[:size]):
        yield ids
        after = ids[-1]


def _ids(statement: str, ids: Collection[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        return [row[0] for row in cursor.fetchall()]


_DRIFTED_TOPICS = """
SELECT topic.id
FROM forums_topic topic
LEFT JOIN forums_post opening ON opening.topic_id = topic.id AND opening.kind = 'opening'
LEFT JOIN LATERAL (
    SELECT count(*) AS replies, COALESCE(max(number), 0) AS last
    FROM forums_post WHERE topic_id = topic.id AND kind = 'reply' AND state = 'published'
) found ON true
WHERE topic.id = ANY(%(ids)s) AND topic.merged_into_id IS NULL
  AND (topic.answer_count, topic.last_public_number, topic.score)
      IS DISTINCT FROM (found.replies, found.last, COALESCE(opening.score, 0))
ORDER BY topic.id
"""

_DRIFTED_POSTS = """
SELECT post.id
FROM forums_post post
WHERE post.id = ANY(%(ids)s) AND post.kind <> 'comment' AND post.comment_count <> (
    SELECT count(*) FROM forums_post comment
    WHERE comment.parent_id = post.id AND comment.kind = 'comment' AND comment.state = 'published'
)
ORDER BY post.id
"""

_STANDINGS = """
WITH seen AS (
    SELECT post.id, post.author_id, post.score, post.created_at,
           topic.accepted_post_id = post.id AND topic.author_id <> post.author_id AS is_accepted, topic.accepted_at
    FROM forums_post post
    JOIN forums_topic topic ON topic.id = post.topic_id AND topic.state = 'published'
    LEFT JOIN forums_post parent ON parent.id = post.parent_id
    WHERE topic.community_id = %(community)s AND post.state = 'published'
      AND (post.parent_id IS NULL OR parent.state = 'published')
),
gains (user_id, reputation, posts, accepted) AS ({gains}),
earned AS (
    SELECT user_id, sum(reputation) AS reputation, sum(posts) AS posts, sum(accepted) AS accepted
    FROM gains JOIN accounts_user person ON person.id = gains.user_id AND person.is_active
    GROUP BY user_id HAVING sum(reputation) > 0
)
INSERT INTO forums_standing (community_id, period, rank, user_id, reputation, posts, accepted)
SELECT %(community)s, %(period)s, row_number() OVER (ORDER BY reputation DESC, accepted DESC, user_id),
       user_id, reputation, posts, accepted
FROM earned ORDER BY reputation DESC, accepted DESC, user_id LIMIT %(limit)s
"""
_GAINS_EVER = """
    SELECT author_id, score * %(vote)s + CASE WHEN is_accepted THEN %(acceptance)s ELSE 0 END, 1,
           CASE WHEN is_accepted THEN 1 ELSE 0 END
    FROM seen
"""
_GAINS_SINCE = """
    SELECT author_id, 0, 1, 0 FROM seen WHERE created_at >= %(since)s
    UNION ALL
    SELECT author_id, %(acceptance)s, 0, 1 FROM seen WHERE is_accepted AND accepted_at >= %(since)s
    UNION ALL
    SELECT seen.author_id, %(vote)s, 0, 0
    FROM forums_vote vote JOIN seen ON seen.id = vote.post_id WHERE vote.created_at >= %(since)s
"""
