"""How a change in the forums is made: locks in one order, the audit trail, counts.

The order of locks is the writer's ``Member``, then topics by id, then posts by id: two verbs never wait for each other
in a circle. Every verb module builds on these functions, inside its own transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from forums.constants import REPUTATION_OF_ACCEPTANCE, REPUTATION_OF_VOTE, PostKind, State
from forums.errors import ForumError, StaleError
from forums.models import Member, ModerationEvent, Post, Tag, Topic, TopicTag
from lib.decisions import Decision


def lock_member(user: User) -> Member:
    """Return the person's row, made if need be, locked until the transaction ends."""
    Member.objects.get_or_create(user=user)
    member = Member.objects.select_for_update().get(user=user)
    member.user = user
    user.__dict__["_forum_member"] = member
    return member


def lock_members(user_ids: Iterable[int]) -> None:
    """Lock the rows of people whose counts are about to change, before any topic: they may be writing there."""
    rows = Member.objects.filter(user__in=set(user_ids)).order_by("user_id").select_for_update()
    list(rows.values_list("pk", flat=True))


def lock_counted(post_ids: Collection[int], *, also: Collection[int] = ()) -> None:
    """Lock the rows of whom the visibility of these posts counts for: their authors, under an opening post everybody.

    People ``also`` are locked in the same order.
    """
    posts = Post.objects.filter(pk__in=post_ids)
    opened = posts.filter(kind=PostKind.OPENING).values("topic")
    counted = Post.objects.filter(topic__in=opened).values_list("author_id", flat=True)
    lock_members([*posts.values_list("author_id", flat=True).union(counted), *also])


def lock_topic(*, topic_id: int, user: User) -> Topic:
    """Return the topic, locked until the transaction ends, if ``user`` may see it.

    Raises ``Topic.DoesNotExist`` for one that does not exist for ``user``.
    """
    topic: Topic = (
        Topic.objects.visible_to(user)
        .select_related("community", "category", "author")
        .select_for_update(of=("self",))
        .get(pk=topic_id)
    )
    return topic


def lock_post(*, post_id: int, user: User) -> Post:
    """Return the post with its topic locked, and itself, if ``user`` may see it.

    Raises ``Post.DoesNotExist`` or ``Topic.DoesNotExist`` for what does not exist for ``user``.
    """
    topic_id = Post.objects.visible_to(user).values_list("topic_id", flat=True).get(pk=post_id)
    topic = lock_topic(topic_id=topic_id, user=user)
    post: Post = (
        Post.objects.visible_to(user)
        .select_related("author", "parent")
        .select_for_update(of=("self",))
        .get(pk=post_id, topic=topic)
    )
    post.topic = topic
    return post


def lock_own_deleted(*, post_id: int, author: User) -> Post:
    """Return one's own post with its topic locked, and itself, also when it is deleted and its author sees it no more.

    Raises ``Post.DoesNotExist`` for another's.
    """
    topic_id = Post.objects.filter(author=author).values_list("topic_id", flat=True).get(pk=post_id)
    topics = Topic.objects.select_related("community", "category", "author").select_for_update(of=("self",))
    topic = topics.get(pk=topic_id)
    post: Post = (
        Post.objects.filter(author=author)
        .select_related("author", "parent")
        .select_for_update(of=("self",))
        .get(pk=post_id, topic=topic)
    )
    post.topic = topic
    return post


def require(decision: Decision) -> None:
    """Raise ``ForumError`` with the reason of a denial: the person is told, and keeps what they wrote."""
    if not decision:
        raise ForumError(str(decision.reason))


def require_version(post: Post, version: int | None) -> None:
    """Raise ``StaleError`` when the form was read before the post's last edit."""
    if version is not None and version != post.version:
        raise StaleError(_("This post was edited while you were writing. Nothing was saved yet: your text is below."))


def record(
    act: ModerationEvent.Act,
    *,
    actor: User | None,
    topic: Topic | None = None,
    post: Post | None = None,
    subject: User | None = None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> ModerationEvent:
    """Append one event to the audit trail."""
    return ModerationEvent.objects.create(
        act=act,
        actor=actor,
        community=topic.community if topic else None,
        topic=topic,
        post=post,
        subject=subject,
        note=note,
        data=dict(data or {}),
    )


def set_tags(topic: Topic, tags: Sequence[Tag]) -> bool:
    """Make ``tags`` the topic's, in the caller's transaction. Says whether anything changed."""
    before = {row.tag_id: row for row in TopicTag.objects.filter(topic=topic)}
    wanted = {tag.pk for tag in tags}
    gone, new = set(before) - wanted, wanted - set(before)
    if not gone and not new:
        return False
    TopicTag.objects.filter(topic=topic, tag__in=gone).delete()
    TopicTag.objects.bulk_create(
        [TopicTag(topic=topic, tag_id=pk, bumped_at=topic.bumped_at) for pk in sorted(new)], ignore_conflicts=True
    )
    if topic.is_published:
        # In one order, so that two who swap the same tags do not wait for each other.
        for pk in sorted(gone | new):
            count_tags([pk], +1 if pk in new else -1)
    return True


def count_tags(tag_ids: Iterable[int], change: int) -> None:
    """Change how many topics carry the tags; in one order, so that two writers do not wait for each other."""
    for pk in sorted(tag_ids):
        Tag.objects.filter(pk=pk, topic_count__gte=max(0, -change)).update(topic_count=F("topic_count") + change)


def bump(topic: Topic) -> None:
    """Take the topic's place in the lists of its tags along; the topic's own row is the caller's to save."""
    TopicTag.objects.filter(topic=topic).update(bumped_at=topic.bumped_at)


def recount_topic(topic: Topic) -> None:
    """Set a locked topic's counts and last reply right from its posts, after posts came or went. Saves it."""
    replies = topic.posts.filter(kind=PostKind.REPLY, state=State.PUBLISHED)
    last = replies.select_related("author").order_by("-number").first()
    topic.answer_count = replies.count()
    topic.last_public_number = last.number if last else 0
    topic.last_poster = last.author if last else None
    topic.bumped_at = last.created_at if last else topic.created_at
    if topic.accepted_post_id and not replies.filter(pk=topic.accepted_post_id).exists():
        topic.accepted_post = topic.accepted_at = None
    opening = topic.posts.filter(kind=PostKind.OPENING).values_list("score", flat=True).first()
    topic.score = opening or 0
    topic.save(
        update_fields=[
            "answer_count", "last_public_number", "last_poster", "bumped_at", "accepted_post", "accepted_at", "score",
        ]
    )  # fmt: skip
    bump(topic)


def recount_comments(posts: Collection[Post]) -> None:
    """Set the number of published comments right on ``posts``."""
    for post in sorted(posts, key=lambda row: row.pk):
        post.comment_count = Post.objects.filter(parent=post, state=State.PUBLISHED).count()
        post.save(update_fields=["comment_count"])


def recount_members(user_ids: Collection[int]) -> None:
    """Set reputation and number of posts of these people right, from what is published."""
    if not user_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOUNT,
            {"users": sorted(user_ids), "vote": REPUTATION_OF_VOTE, "accepted": REPUTATION_OF_ACCEPTANCE},
        )


_RECOUNT = """
UPDATE forums_member SET post_count = found.posts, reputation = found.reputation
FROM (
    SELECT member.user_id, count(post.id) AS posts,
           COALESCE(sum(post.score * %(vote)s
               + CASE WHEN topic.accepted_post_id = post.id AND topic.author_id <> post.author_id
                      THEN %(accepted)s ELSE 0 END), 0) AS reputation
    FROM forums_member member
    LEFT JOIN (
        forums_post post
        JOIN forums_topic topic ON topic.id = post.topic_id AND topic.state = 'published'
        LEFT JOIN forums_post parent ON parent.id = post.parent_id
    ) ON post.author_id = member.user_id AND post.state = 'published'
         AND (post.parent_id IS NULL OR parent.state = 'published')
    WHERE member.user_id = ANY(%(users)s)
    GROUP BY member.user_id
) AS found
WHERE forums_member.user_id = found.user_id
  AND (forums_member.post_count, forums_member.reputation) IS DISTINCT FROM (found.posts, found.reputation)
"""


def add_reputation(user_id: int, change: int) -> None:
    """Change a person's reputation by an act that has just been written."""
    Member.objects.filter(user=user_id).update(reputation=F("reputation") + change)


def recount_tags(topic_ids: Collection[int]) -> None:
    """Set the number of topics right on the tags of these topics."""
    tags = Tag.objects.filter(topics__in=topic_ids).distinct()
    counted = tags.annotate(found=Count("topics", filter=Q(topics__state=State.PUBLISHED)))
    for pk, found in sorted(counted.values_list("pk", "found")):
        Tag.objects.filter(pk=pk).update(topic_count=found)
