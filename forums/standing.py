"""People's standing: silence, suspend, and clean up after a spammer.

A clean-up begins in one transaction: the person is suspended for good and marked. Then everything of theirs goes in
batches, each a transaction of its own that finds what is left, so that a killed worker loses nothing and the sweep goes
on where it stopped. The mark is taken away when nothing is left.
"""

import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from forums import changes, moderating, policies, publishing
from forums.constants import FOR_GOOD, ReviewOutcome, ReviewReason, State
from forums.models import Flag, Member, ModerationEvent, Post, Topic, Vote, Watch
from notifications import nudge

Act = ModerationEvent.Act
BATCH = 200  # posts that one request or one turn of the worker hides
REQUEST_SECONDS = 3.0  # and no longer than this while somebody waits for the page
VOTES_BATCH = 500
_LIVE = (State.PUBLISHED, State.HELD)


@transaction.atomic
def silence(*, person: User, actor: User, days: int | None, reason: str) -> Member:
    """Let somebody read and vote but not write for so many days; ``None``: for good. Raises ``ForumError``."""
    return _set(person, actor, "silenced_until", days, Act.MEMBER_SILENCED, reason)


@transaction.atomic
def unsilence(*, person: User, actor: User, reason: str = "") -> Member:
    """Lift a silence. Without one nothing happens. Raises ``ForumError``."""
    return _lift(person, actor, "silenced_until", Act.MEMBER_UNSILENCED, reason)


@transaction.atomic
def suspend(*, person: User, actor: User, days: int | None, reason: str) -> Member:
    """Let somebody do nothing but read for so many days; ``None``: for good. Raises ``ForumError``."""
    return _set(person, actor, "suspended_until", days, Act.MEMBER_SUSPENDED, reason)


@transaction.atomic
def unsuspend(*, person: User, actor: User, reason: str = "") -> Member:
    """Lift a suspension. Without one nothing happens. Raises ``ForumError``."""
    return _lift(person, actor, "suspended_until", Act.MEMBER_UNSUSPENDED, reason)


def clean_up(*, person: User, actor: User, reason: str) -> bool:
    """Hide everything that a spammer wrote, take back their votes, flags and watches, and suspend them for good.

    The newest posts go at once, ``BATCH`` of them at the most, a worker does the rest. Says whether nothing is left.
    Raises ``ForumError``.
    """
    _begin(person, actor, reason)
    done = go_on(user_id=person.pk, seconds=REQUEST_SECONDS)
    if not done:
        nudge.send("forums.tasks.clean_up", person.pk)
    return done


@transaction.atomic
def _begin(person: User, actor: User, reason: str) -> None:
    member = changes.lock_member(person)
    changes.require(policies.moderate_person(actor, person))
    member.suspended_until = FOR_GOOD
    member.cleaned_at = timezone.now()
    member.save(update_fields=["suspended_until", "cleaned_at"])
    Watch.objects.filter(user=person).delete()
    changes.record(Act.MEMBER_CLEANED, actor=actor, subject=person, note=reason)


def go_on(*, user_id: int, seconds: float = math.inf) -> bool:
    """Take the next batch of a clean-up, about ``seconds`` long at the most; says whether it is finished.

    Safe to run twice, and at once.
    """
    end = time.monotonic() + seconds
    if not Member.objects.filter(user=user_id, cleaned_at__isnull=False).exists():
        return True
    event = ModerationEvent.objects.filter(subject=user_id, act=Act.MEMBER_CLEANED).select_related("actor").first()
    actor = event.actor if event else None
    posts = Post.objects.filter(author=user_id, state__in=_LIVE).order_by("-id")
    for topic_id, post_ids in _by_topic(posts.values_list("topic_id", "pk")[:BATCH]):
        _hide(topic_id, post_ids, actor)
        if time.monotonic() > end:
            return False
    votes = Vote.objects.filter(user=user_id).order_by("-id")
    for topic_id, post_ids in _by_topic(votes.values_list("post__topic_id", "post_id")[:VOTES_BATCH]):
        _unvote(user_id, topic_id, post_ids)
    flags = Flag.objects.filter(user=user_id, review__closed_at=None).order_by("-id")
    for topic_id, post_ids in _by_topic(flags.values_list("post__topic_id", "post_id")[:BATCH]):
        _unflag(user_id, topic_id, post_ids, actor)
    return _finish(user_id)


def unfinished() -> Sequence[int]:
    """Return the ids of those who are being cleaned up after."""
    return list(Member.objects.filter(cleaned_at__isnull=False).order_by("cleaned_at").values_list("pk", flat=True))


@transaction.atomic
def _finish(user_id: int) -> bool:
    member = Member.objects.select_for_update().get(pk=user_id)
    left = (
        Post.objects.filter(author=user_id, state__in=_LIVE),
        Vote.objects.filter(user=user_id),
        Flag.objects.filter(user=user_id, review__closed_at=None),
    )
    if any(rows.exists() for rows in left):
        return False
    member.cleaned_at = None
    member.save(update_fields=["cleaned_at"])
    changes.recount_members([user_id])
    return True


@transaction.atomic
def _hide(topic_id: int, post_ids: Sequence[int], actor: User | None) -> None:
    topic, posts = _lock(topic_id, post_ids)
    posts = [post for post in posts if post.state in _LIVE]
    publishing.set_states(topic, posts, State.HIDDEN)
    publishing.close_reviews(posts, outcome=ReviewOutcome.HIDDEN, actor=actor)
    ModerationEvent.objects.bulk_create(
        ModerationEvent(
            act=Act.POST_HIDDEN,
            actor=actor,
            community=topic.community,
            topic=topic,
            post=post,
            subject_id=post.author_id,
            data={"clean_up": True},
        )
        for post in posts
    )


@transaction.atomic
def _unvote(user_id: int, topic_id: int, post_ids: Sequence[int]) -> None:
    topic, posts = _lock(topic_id, post_ids)
    for post in posts:
        deleted, _rows = Vote.objects.filter(post=post, user=user_id).delete()
        if not deleted:
            continue
        Post.objects.filter(pk=post.pk).update(score=F("score") - 1)
        if post.is_opening:
            Topic.objects.filter(pk=topic.pk).update(score=F("score") - 1)
    changes.recount_members({post.author_id for post in posts})


@transaction.atomic
def _unflag(user_id: int, topic_id: int, post_ids: Sequence[int], actor: User | None) -> None:
    """Take back flags that nobody has decided on: what they alone have hidden is seen again."""
    topic, posts = _lock(topic_id, post_ids)
    for post in posts:
        review = publishing.open_review(post, ReviewReason.FLAGGED)
        Flag.objects.filter(review=review, user=user_id).delete()
        is_hidden_by_flags = post.state == State.HELD and review.signals == [moderating.FLAGGED]
        if is_hidden_by_flags and moderating.weight(review) < moderating.FLAGS_THAT_HIDE:
            review.signals = []
            review.save(update_fields=["signals"])
            publishing.set_states(topic, [post], State.PUBLISHED)
        if not review.signals and not review.flags.exists():
            publishing.close_reviews([post], outcome=ReviewOutcome.DISMISSED, actor=actor)


def _lock(topic_id: int, post_ids: Sequence[int]) -> tuple[Topic, list[Post]]:
    changes.lock_counted(post_ids)
    topic = Topic.objects.select_related("community", "category", "author").select_for_update(of=("self",))
    found = topic.get(pk=topic_id)
    posts = Post.objects.select_related("author", "parent").select_for_update(of=("self",)).order_by("pk")
    # One that was moved to another topic meanwhile is found there in the next turn.
    locked = list(posts.filter(pk__in=post_ids, topic=found))
    for post in locked:
        post.topic = found
    return found, locked


def _by_topic(rows: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    pairs = sorted(rows)
    return [(topic_id, [pk for _topic, pk in group]) for topic_id, group in groupby(pairs, key=lambda pair: pair[0])]


def _set(
    person: User, actor: User, field: str, days: int | None, act: ModerationEvent.Act, reason: str
) -> Member:  # fmt: skip
    member = changes.lock_member(person)
    changes.require(policies.moderate_person(actor, person))
    until: datetime = FOR_GOOD if days is None else timezone.now() + timedelta(days=days)
    setattr(member, field, until)
    member.save(update_fields=[field])
    changes.record(act, actor=actor, subject=person, note=reason, data={"days": days})
    return member


def _lift(person: User, actor: User, field: str, act: ModerationEvent.Act, reason: str) -> Member:
    member = changes.lock_member(person)
    changes.require(policies.moderate_person(actor, person))
    until = getattr(member, field)
    if until is None or until <= timezone.now():
        return member
    setattr(member, field, None)
    member.save(update_fields=[field])
    changes.record(act, actor=actor, subject=person, note=reason)
    return member
