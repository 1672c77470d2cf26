"""Changing who may see a post: approve, hide, restore, delete all come here. Counts, index and reviews follow.

These acts are rare, so they count anew what they touch instead of adding and subtracting.
"""

from collections.abc import Collection, Sequence

from django.utils import timezone

from accounts.models import User
from forums import changes, hooks
from forums.constants import ReviewOutcome, State
from forums.models import Member, Post, Review, Topic
from forums.search import indexing


def set_state(post: Post, state: State) -> bool:
    """Give a post (locked with its topic by ``changes.lock_post``) its state. Says whether anything changed.

    The opening post takes its topic along, and everything under it with that.
    """
    if post.state == state:
        return False
    post.state = state
    post.save(update_fields=["state"])
    topic = post.topic
    if post.is_opening:
        topic.state = state
        topic.save(update_fields=["state"])
    settle(topic, [post])
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


def close_reviews(posts: Collection[Post], *, outcome: ReviewOutcome, actor: User | None) -> int:
    """End the open reviews of ``posts``. Returns how many there were."""
    return Review.objects.filter(post__in=posts, closed_at=None).update(
        closed_at=timezone.now(), outcome=outcome, decided_by=actor
    )


def _note_first_posts(posts: Sequence[Post]) -> None:
    for post in posts:
        if post.state == State.PUBLISHED:
            Member.objects.filter(user=post.author_id, first_posted_at=None).update(first_posted_at=timezone.now())
