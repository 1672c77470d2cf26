"""Readers call a moderator, moderators decide: flag, keep, hide, restore.

Every decision goes through ``publishing.set_states``, closes the post's review, and is on the trail. Two moderators who
look at one review at once lock the same topic: the second is told what the first decided, and nothing happens twice.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from forums import changes, emails, limits, policies, publishing
from forums.constants import FlagReason, ReviewOutcome, ReviewReason, State, Trust
from forums.errors import ForumError
from forums.models import Flag, ModerationEvent, Post, Review

Act = ModerationEvent.Act
# So many members who are past their first day hide a post until a moderator has looked: one person's dislike does not.
FLAGS_THAT_HIDE = 3
FLAGGED = "flags"  # the signal of a post that flags have hidden


class DecidedError(ForumError):
    """Another moderator was quicker. ``review`` says who decided what."""

    def __init__(self, review: Review) -> None:
        super().__init__(told(review))
        self.review = review


def told(review: Review) -> str:
    """Return who decided a review, and what, as a sentence."""
    words = {
        ReviewOutcome.APPROVED: _("%(name)s has approved this post."),
        ReviewOutcome.HIDDEN: _("%(name)s has hidden this post."),
        ReviewOutcome.DISMISSED: _("%(name)s has dismissed the flags; the post stays."),
        ReviewOutcome.GONE: _("Its author has deleted this post."),
    }
    sentence = words.get(ReviewOutcome(review.outcome)) if review.outcome else None
    return (sentence or _("This has been decided already.")) % {"name": review.decided_by or _("The portal")}


@transaction.atomic
def flag(*, post_id: int, user: User, reason: FlagReason, note: str = "") -> Flag:
    """Call a moderator to a post, once until one has decided. Enough members hide it until then.

    Raises ``ForumError``, and ``DoesNotExist`` for what ``user`` may not see.
    """
    # Asked before anything is locked as well: hiding counts everybody under the post, and a refusal locks nobody.
    _require_flag(user, Post.objects.visible_to(user).select_related("topic__community", "author").get(pk=post_id))
    changes.lock_counted([post_id], also=[user.pk])
    changes.lock_member(user)
    post = changes.lock_post(post_id=post_id, user=user)
    _require_flag(user, post)
    review = publishing.open_review(post, ReviewReason.FLAGGED)
    flagged = Flag.objects.create(review=review, post=post, user=user, reason=reason, note=note)
    changes.record(
        Act.POST_FLAGGED, actor=user, topic=post.topic, post=post, subject=post.author, data={"reason": reason}
    )
    if post.is_published and _is_to_be_hidden(post, review):
        publishing.hold(post, [FLAGGED])
    return flagged


def _require_flag(user: User, post: Post) -> None:
    changes.require(policies.flag(user, post))
    if Flag.objects.filter(post=post, user=user, review__closed_at=None).exists():
        raise ForumError(_("You have flagged this post already. A moderator looks at it soon."))
    limits.require_flags(user=user)


def weight(review: Review) -> int:
    """Return how many of a review's flags are those of members past their first day."""
    flags = Flag.objects.filter(review=review).select_related("user")
    return sum(policies.trust(one.user) >= Trust.MEMBER for one in flags)


def _is_to_be_hidden(post: Post, review: Review) -> bool:
    if weight(review) < FLAGS_THAT_HIDE or policies.trust(post.author) == Trust.MODERATOR:
        return False
    # What a moderator has looked at and kept is not hidden by flags again: that is for a moderator.
    kept = (ReviewOutcome.APPROVED, ReviewOutcome.DISMISSED)
    return not Review.objects.filter(post=post, outcome__in=kept).exists()


@transaction.atomic
def keep(*, review_id: int, actor: User) -> Post:
    """Publish what was held, or dismiss the flags of what everybody sees.

    Raises ``DecidedError`` when it was decided already, ``ForumError``, and ``Review.DoesNotExist``.
    """
    review = _lock_review(review_id, actor)
    post = review.post
    if post.state == State.HELD:
        _publish(post, actor, Act.POST_APPROVED)
    else:
        publishing.close_reviews([post], outcome=ReviewOutcome.DISMISSED, actor=actor)
        changes.record(Act.FLAGS_DISMISSED, actor=actor, topic=post.topic, post=post, subject=post.author)
    return post


@transaction.atomic
def refuse(*, review_id: int, actor: User, note: str = "") -> Post:
    """Hide the post of a review, with a note to its author. Raises like ``keep``."""
    post = _lock_review(review_id, actor).post
    _hide(post, actor, note)
    return post


@transaction.atomic
def hide(*, post_id: int, actor: User, note: str = "") -> Post:
    """Hide a post from everybody but moderators, and tell its author why. The same again is nothing.

    Raises ``ForumError``, ``DoesNotExist``.
    """
    post = _lock_for_moderator(post_id, actor)
    if post.state == State.DELETED:
        raise ForumError(_("Its author has deleted this post: nobody sees it."))
    if post.state != State.HIDDEN:
        _hide(post, actor, note)
    return post


@transaction.atomic
def restore(*, post_id: int, actor: User) -> Post:
    """Show a hidden or held post to everybody, as before. The same again is nothing.

    Raises ``ForumError``, ``DoesNotExist``.
    """
    post = _lock_for_moderator(post_id, actor)
    if post.state == State.DELETED:
        raise ForumError(_("Its author has deleted this post: it stays deleted."))
    if post.state == State.HELD:
        _publish(post, actor, Act.POST_APPROVED)
    elif post.state == State.HIDDEN:
        _publish(post, actor, Act.POST_RESTORED)
    return post


def _lock_for_moderator(post_id: int, actor: User) -> Post:
    changes.lock_counted([post_id])
    post = changes.lock_post(post_id=post_id, user=actor)
    changes.require(policies.moderate(actor, post.topic.community))
    return post


def _lock_review(review_id: int, actor: User) -> Review:
    """Return an open review with its post locked. Raises ``DecidedError``."""
    post_id = Review.objects.visible_to(actor).values_list("post_id", flat=True).get(pk=review_id)
    post = _lock_for_moderator(post_id, actor)
    # Read after the lock: whoever decides a review holds its topic's.
    review = Review.objects.select_related("decided_by").get(pk=review_id)
    if review.closed_at is not None:
        raise DecidedError(review)
    review.post = post
    return review


def _publish(post: Post, actor: User, act: ModerationEvent.Act) -> None:
    publishing.set_state(post, State.PUBLISHED)
    publishing.close_reviews([post], outcome=ReviewOutcome.APPROVED, actor=actor)
    changes.record(act, actor=actor, topic=post.topic, post=post, subject=post.author)
    # Who watches hears of it now; the ledger knows those who have heard of it before.
    if post.is_opening:
        emails.topic_published(post.topic, post)
    else:
        emails.post_published(post)
    emails.post_approved(post, actor=actor)


def _hide(post: Post, actor: User, note: str) -> None:
    publishing.set_state(post, State.HIDDEN)
    publishing.close_reviews([post], outcome=ReviewOutcome.HIDDEN, actor=actor)
    changes.record(Act.POST_HIDDEN, actor=actor, topic=post.topic, post=post, subject=post.author, note=note)
    emails.post_hidden(post, actor=actor, note=note)
