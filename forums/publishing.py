"""Changing who may see a post: approve, hide, restore, delete all come here. Counts, index and reviews follow.

These acts are rare, so they count anew what they touch instead of adding and subtracting.
"""

from collections.abc import Collection, Iterable, Sequence

from django.utils import timezone

from accounts.models import User
from forums import changes, emails, hooks
from forums.constants import ReviewOutcome, ReviewReason, State
from forums.models import Member, ModerationEvent, Post, Review, Topic
from forums.search import indexing


def set_state(post: Post, state: State) -> bool:
    """Give a post (locked with its topic by ``changes.lock_post``) its state. Says whether anything changed."""
    return set_states(post.topic, [post], state)


def set_states(topic: Topic, posts: Sequence[Post], state: State) -> bool:
    """Give locked posts of a locked topic their state. Says whether anything changed.

    The opening post takes its topic along, and everything under it with that.
    """
    changed = [post for post in posts if post.state != state]
    if not changed:
        return False
    for post in changed:
        post.state = state
        post.save(update_fields=["state"])
        if post.is_opening:
            topic.state = state
            topic.save(update_fields=["state"])
    settle(topic, changed)
    if state != State.PUBLISHED:
        # What answered a hidden topic is seen by nobody either, and names it.
        is_whole = any(post.is_opening for post in changed)
        emails.withdraw(topic.posts.values_list("pk", flat=True) if is_whole else [post.pk for post in changed])
    return True


def settle(topic: Topic, posts: Sequence[Post]) -> None:
    """Set everything right that hangs on the visibility of ``posts``, all of the locked ``topic``."""
    openings = any(post.is_opening for post in posts)
    changes.recount_topic(topic)
    changes.recount_comments([post.parent for post in posts if post.parent is not None])
    if openings:
        changes.recount_tags([topic.pk])
    indexing.reindex(topic, posts)
    authors = {post.author_id for post in posts}
    if openings:
        authors |= set(topic.posts.values_list("author_id", flat=True))
    _note_first_posts(posts)
    changes.recount_members(authors)
    hooks.tell(topic.posts.all() if openings else posts)


def hold(post: Post, signals: Iterable[str]) -> Review:
    """Let a post (locked) wait for a moderator, who is told what spoke against it. Returns the review."""
    set_state(post, State.HELD)
    review = open_review(post, ReviewReason.HELD)
    review.signals = list(dict.fromkeys([*review.signals, *signals]))
    review.save(update_fields=["signals"])
    changes.record(
        ModerationEvent.Act.POST_HELD,
        actor=None,
        topic=post.topic,
        post=post,
        subject=post.author,
        data={"signals": review.signals},
    )
    return review


def open_review(post: Post, reason: ReviewReason) -> Review:
    """Return the open review of a locked post, made if there is none."""
    review, _created = Review.objects.get_or_create(
        post=post, closed_at=None, defaults={"community": post.topic.community, "reason": reason}
    )
    return review


def close_reviews(posts: Collection[Post], *, outcome: ReviewOutcome, actor: User | None) -> int:
    """End the open reviews of ``posts``. Returns how many there were."""
    return Review.objects.filter(post__in=posts, closed_at=None).update(
        closed_at=timezone.now(), outcome=outcome, decided_by=actor
    )


def _note_first_posts(posts: Sequence[Post]) -> None:
    for post in posts:
        if post.state == State.PUBLISHED:
            Member.objects.filter(user=post.author_id, first_posted_at=None).update(first_posted_at=timezone.now())
