"""Votes and accepted answers. What they say of people is added up at once and set right each night."""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from forums import changes, emails, policies
from forums.constants import REPUTATION_OF_ACCEPTANCE, REPUTATION_OF_VOTE, State
from forums.errors import ForumError
from forums.models import ModerationEvent, Post, Topic, Vote


@transaction.atomic
def vote(*, post_id: int, user: User) -> Post:
    """Say that a post is useful. Raises ``ForumError`` for one's own post, and for a second vote."""
    changes.lock_members(_authors(post_id))
    post = changes.lock_post(post_id=post_id, user=user)
    changes.require(policies.vote(user, post))
    _vote, created = Vote.objects.get_or_create(post=post, user=user)
    if not created:
        raise ForumError(_("You have voted for this post already."))
    _count(post, +1)
    return post


@transaction.atomic
def unvote(*, post_id: int, user: User) -> Post:
    """Take a vote back. Without one nothing happens. Raises ``ForumError`` on a locked topic."""
    changes.lock_members(_authors(post_id))
    post = changes.lock_post(post_id=post_id, user=user)
    changes.require(policies.vote(user, post))
    deleted, _rows = Vote.objects.filter(post=post, user=user).delete()
    if deleted:
        _count(post, -1)
    return post


@transaction.atomic
def accept(*, post_id: int, actor: User) -> Topic:
    """Accept an answer, in the place of another if there is one. The same again is nothing.

    Raises ``ForumError``, ``DoesNotExist``.
    """
    changes.lock_members(_authors(post_id))
    post = changes.lock_post(post_id=post_id, user=actor)
    topic = post.topic
    changes.require(policies.accept(actor, topic))
    if not post.is_reply or post.state != State.PUBLISHED:
        raise ForumError(_("This answer is no longer here."))
    if topic.accepted_post_id == post.pk:
        return topic
    _withdraw(topic)
    topic.accepted_post = post
    topic.accepted_at = timezone.now()
    topic.save(update_fields=["accepted_post", "accepted_at"])
    if post.author_id != topic.author_id:
        changes.add_reputation(post.author_id, REPUTATION_OF_ACCEPTANCE)
    changes.record(ModerationEvent.Act.ANSWER_ACCEPTED, actor=actor, topic=topic, post=post, subject=post.author)
    emails.answer_accepted(topic, post, actor=actor)
    return topic


@transaction.atomic
def unaccept(*, topic_id: int, actor: User) -> Topic:
    """Withdraw the acceptance. Without one nothing happens. Raises ``ForumError``, ``Topic.DoesNotExist``."""
    answers = Post.objects.filter(pk__in=Topic.objects.filter(pk=topic_id).values("accepted_post"))
    changes.lock_members(answers.values_list("author_id", flat=True))
    topic = changes.lock_topic(topic_id=topic_id, user=actor)
    changes.require(policies.accept(actor, topic))
    accepted = topic.accepted_post
    if accepted is None:
        return topic
    _withdraw(topic)
    topic.accepted_post = topic.accepted_at = None
    topic.save(update_fields=["accepted_post", "accepted_at"])
    changes.record(
        ModerationEvent.Act.ANSWER_UNACCEPTED, actor=actor, topic=topic, post=accepted, subject=accepted.author
    )
    return topic


def _authors(post_id: int) -> list[int]:
    """Return whose reputation hangs on a post, and on the answer that it may take the place of."""
    accepted = Topic.objects.filter(posts=post_id).values("accepted_post")
    return list(Post.objects.filter(Q(pk=post_id) | Q(pk__in=accepted)).values_list("author_id", flat=True))


def _withdraw(topic: Topic) -> None:
    before = topic.accepted_post
    if before is not None and before.author_id != topic.author_id:
        changes.add_reputation(before.author_id, -REPUTATION_OF_ACCEPTANCE)


def _count(post: Post, change: int) -> None:
    Post.objects.filter(pk=post.pk).update(score=F("score") + change)
    post.score += change
    if post.is_opening:
        post.topic.score += change
        post.topic.save(update_fields=["score"])
    changes.add_reputation(post.author_id, change * REPUTATION_OF_VOTE)
