"""Keeping topics in order: close, lock, pin, move, merge, mark as duplicate. Each is idempotent, and on the trail."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from forums import changes, hooks, policies, tagging
from forums.constants import PostKind, State, TopicKind
from forums.errors import ForumError
from forums.models import Bookmark, Category, ModerationEvent, Post, Review, Topic, TopicRead, TopicTag, Watch
from forums.rendering import render
from forums.search import indexing

Act = ModerationEvent.Act


@transaction.atomic
def set_closed(*, topic_id: int, actor: User, closed: bool) -> Topic:
    """Close a topic for replies, or open it again: its author and moderators. Raises ``ForumError``."""
    topic = changes.lock_topic(topic_id=topic_id, user=actor)
    changes.require(policies.close(actor, topic))
    return _set(topic, actor, "is_closed", closed, Act.TOPIC_CLOSED if closed else Act.TOPIC_REOPENED)


@transaction.atomic
def set_locked(*, topic_id: int, actor: User, locked: bool) -> Topic:
    """Lock a topic for everybody but moderators, or unlock it. Raises ``ForumError``."""
    topic = _lock_for_moderator(topic_id, actor)
    return _set(topic, actor, "is_locked", locked, Act.TOPIC_LOCKED if locked else Act.TOPIC_UNLOCKED)


@transaction.atomic
def set_pinned(*, topic_id: int, actor: User, pinned: bool) -> Topic:
    """Put a topic above its community's lists, or back into its place. Raises ``ForumError``."""
    topic = _lock_for_moderator(topic_id, actor)
    if (topic.pinned_at is not None) == pinned:
        return topic
    return _set(
        topic,
        actor,
        "pinned_at",
        timezone.now() if pinned else None,
        Act.TOPIC_PINNED if pinned else Act.TOPIC_UNPINNED,
    )


@transaction.atomic
def move(*, topic_id: int, actor: User, category: Category) -> Topic:
    """Move a topic to another category, of this community or another that ``actor`` moderates as well.

    Its address changes with its community; the old one redirects. Raises ``ForumError``.
    """
    topic = _lock_for_moderator(topic_id, actor)
    if topic.category_id == category.pk:
        return topic
    changes.require(policies.moderate(actor, category.community))
    if topic.kind not in category.community.kinds:
        raise ForumError(_("That community does not have this kind of topic."))
    data = {"from": topic.category_id, "to": category.pk}
    crossing = topic.community_id != category.community_id
    names = list(topic.tags.values_list("slug", flat=True)) if crossing else []
    if crossing:
        changes.set_tags(topic, [])
    topic.category, topic.community = category, category.community
    topic.pinned_at = None if crossing else topic.pinned_at
    topic.save(update_fields=["category", "community", "pinned_at"])
    if crossing:
        changes.set_tags(topic, tagging.find_or_make(topic.community, names))
        Review.objects.filter(post__topic=topic).update(community=topic.community)
        _render_anew(topic)
        indexing.reindex(topic, topic.posts.only("pk"))
        hooks.tell(topic.posts.all())
    changes.record(Act.TOPIC_MOVED, actor=actor, topic=topic, data=data)
    return topic


@transaction.atomic
def merge(*, topic_id: int, into_id: int, actor: User) -> Topic:
    """Move every post of one topic behind those of another; the first topic's address redirects.

    Its opening post becomes a reply. Both are locked in the order of their ids. Raises ``ForumError``.
    """
    if topic_id == into_id:
        raise ForumError(_("A topic cannot be merged into itself."))
    writers = Post.objects.filter(topic__in=(topic_id, into_id)).order_by()
    changes.lock_members(writers.values_list("author_id", flat=True).distinct())
    locked = {pk: _lock_for_moderator(pk, actor) for pk in sorted((topic_id, into_id))}
    topic, target = locked[topic_id], locked[into_id]
    if topic.merged_into_id == target.pk:
        return target
    for one in (topic, target):
        if one.state != State.PUBLISHED or one.merged_into_id is not None:
            raise ForumError(_("Only topics that everybody can see are merged."))
    moved = _move_posts(topic, target)
    _move_readers(topic, target)
    changes.count_tags(TopicTag.objects.filter(topic=topic).values_list("tag_id", flat=True), -1)
    TopicTag.objects.filter(topic=topic).delete()
    Topic.objects.filter(duplicate_of=topic).exclude(pk=target.pk).update(duplicate_of=target)
    topic.merged_into, topic.state, topic.accepted_post, topic.accepted_at = target, State.DELETED, None, None
    topic.duplicate_of, topic.pinned_at, topic.answer_count = None, None, 0
    topic.save()
    if target.duplicate_of_id == topic.pk:
        target.duplicate_of = None
        target.save(update_fields=["duplicate_of"])
    if topic.community_id != target.community_id:
        Review.objects.filter(post__topic=target).update(community=target.community)
        _render_anew(target)
    changes.recount_topic(target)
    changes.recount_members(set(target.posts.values_list("author_id", flat=True)))
    indexing.reindex(topic)
    indexing.reindex(target)
    hooks.tell(target.posts.all())
    changes.record(Act.TOPIC_MERGED, actor=actor, topic=target, data={"from": topic.pk, "posts": moved})
    return target


@transaction.atomic
def mark_duplicate(*, topic_id: int, of_id: int | None, actor: User) -> Topic:
    """Say which question this one asks again; ``None`` takes that back. A chain leads to its end.

    Both are locked in the order of their ids, so that no two end as duplicates of each other. Raises ``ForumError``.
    """
    if of_id is None:
        topic = _lock_for_moderator(topic_id, actor)
        return _set(topic, actor, "duplicate_of", None, Act.TOPIC_NOT_DUPLICATE)
    named = Topic.objects.visible_to(actor).listed().filter(pk=of_id).first()
    if named is None:
        raise ForumError(_("There is no such topic."))
    end = named.duplicate_of_id or named.pk
    if end == topic_id:
        raise ForumError(_("A topic cannot be a duplicate of itself."))
    locked = {pk: changes.lock_topic(topic_id=pk, user=actor) for pk in sorted((topic_id, end))}
    topic, canonical = locked[topic_id], locked[end]
    changes.require(policies.moderate(actor, topic.community))
    if canonical.duplicate_of_id is not None:
        raise ForumError(_("The other topic was marked as a duplicate just now. Please try again."))
    if topic.duplicate_of_id == canonical.pk:
        return topic
    Topic.objects.filter(duplicate_of=topic).update(duplicate_of=canonical)
    topic.duplicate_of = canonical
    topic.save(update_fields=["duplicate_of"])
    changes.record(Act.TOPIC_DUPLICATE, actor=actor, topic=topic, data={"of": canonical.pk})
    return topic


def _lock_for_moderator(topic_id: int, actor: User) -> Topic:
    topic = changes.lock_topic(topic_id=topic_id, user=actor)
    changes.require(policies.moderate(actor, topic.community))
    return topic


def _set(topic: Topic, actor: User, field: str, value: object, act: Act) -> Topic:
    if getattr(topic, field) == value:
        return topic
    setattr(topic, field, value)
    topic.save(update_fields=[field])
    changes.record(act, actor=actor, topic=topic)
    return topic


def _move_posts(topic: Topic, target: Topic) -> int:
    """Give the topic's posts to ``target``, replies numbered on; comments keep their numbers under their posts."""
    posts = list(topic.posts.exclude(kind=PostKind.COMMENT).select_for_update().order_by("number", "id"))
    for post in posts:
        target.last_number += 1
        # One row at a time: a number may be taken until the row before has its new one.
        Post.objects.filter(pk=post.pk).update(topic=target, kind=PostKind.REPLY, number=target.last_number)
    comments = Post.objects.filter(topic=topic, kind=PostKind.COMMENT).update(topic=target)
    if target.kind == TopicKind.QUESTION and target.accepted_post_id is None and topic.accepted_post_id:
        target.accepted_post_id, target.accepted_at = topic.accepted_post_id, topic.accepted_at
    target.save(update_fields=["last_number", "accepted_post", "accepted_at"])
    return len(posts) + comments


def _move_readers(topic: Topic, target: Topic) -> None:
    """Let who watched the topic watch ``target``; reading marks begin anew there."""
    watching = set(Watch.objects.filter(topic=target).values_list("user_id", flat=True))
    Watch.objects.filter(topic=topic).exclude(user__in=watching).update(topic=target)
    Watch.objects.filter(topic=topic).delete()
    TopicRead.objects.filter(topic=topic).delete()


def _render_anew(topic: Topic) -> None:
    """Linked words differ from community to community."""
    for post in topic.posts.all().iterator():
        Post.objects.filter(pk=post.pk).update(body_html=render(post.body, topic.community))


def bookmark(*, post_id: int, user: User) -> bool:
    """Keep a post to find it again. Says whether it is new. Raises ``ForumError``, ``Post.DoesNotExist``."""
    post = Post.objects.visible_to(user).get(pk=post_id)
    changes.require(policies.take_part(user))
    _bookmark, created = Bookmark.objects.get_or_create(post=post, user=user)
    return created


def unbookmark(*, post_id: int, user: User) -> bool:
    """Let a bookmark go. Says whether there was one."""
    deleted, _rows = Bookmark.objects.filter(post=post_id, user=user).delete()
    return bool(deleted)
