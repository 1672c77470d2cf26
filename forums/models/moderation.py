"""Moderation: flags, the review queue and its audit trail."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from forums.constants import FlagReason, ReviewOutcome, ReviewReason
from forums.models.community import Community
from forums.models.post import Post
from forums.models.topic import Topic
from forums.querysets import ModerationEventQuerySet, ReviewQuerySet


class Review(models.Model):
    """A post that waits for a moderator: held before publication, or flagged. The queue is these rows."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reviews")
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="reviews")
    reason = models.CharField(_l("reason"), max_length=10, choices=ReviewReason)
    # Codes of what made the portal hold it, such as "links" or "honeypot".
    signals = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_l("outcome"), max_length=10, choices=ReviewOutcome, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _l("review")
        verbose_name_plural = _l("reviews")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(closed_at=None), name="review_open_once_a_post"),
        ]
        indexes = [
            # Reader: the review queue, oldest first.
            models.Index(fields=["community", "id"], condition=Q(closed_at=None), name="review_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.reason}"


class Flag(models.Model):
    """One reader's call for a moderator, on one post, once."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="flags")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="flags")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_l("reason"), max_length=10, choices=FlagReason)
    note = models.CharField(_l("note"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("flag")
        verbose_name_plural = _l("flags")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="flag_once_a_review")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.reason}"


class ModerationEvent(models.Model):
    """Who did what to what. Rows are only ever added: a database trigger refuses the rest.

    ``data`` holds ids and codes; a reason in words stands in ``note``.
    """

    class Act(models.TextChoices):
        POST_HELD = "post_held", _l("held a post")
        POST_APPROVED = "post_approved", _l("approved a post")
        POST_HIDDEN = "post_hidden", _l("hid a post")
        POST_RESTORED = "post_restored", _l("restored a post")
        POST_DELETED = "post_deleted", _l("deleted a post")
        POST_EDITED = "post_edited", _l("edited another's post")
        POST_FLAGGED = "post_flagged", _l("flagged a post")
        FLAGS_DISMISSED = "flags_dismissed", _l("dismissed flags")
        TOPIC_CLOSED = "topic_closed", _l("closed a topic")
        TOPIC_REOPENED = "topic_reopened", _l("reopened a topic")
        TOPIC_LOCKED = "topic_locked", _l("locked a topic")
        TOPIC_UNLOCKED = "topic_unlocked", _l("unlocked a topic")
        TOPIC_PINNED = "topic_pinned", _l("pinned a topic")
        TOPIC_UNPINNED = "topic_unpinned", _l("unpinned a topic")
        TOPIC_MOVED = "topic_moved", _l("moved a topic")
        TOPIC_MERGED = "topic_merged", _l("merged topics")
        TOPIC_DUPLICATE = "topic_duplicate", _l("marked a duplicate")
        TOPIC_NOT_DUPLICATE = "topic_not_duplicate", _l("unmarked a duplicate")
        TOPIC_RETAGGED = "topic_retagged", _l("changed the tags of a topic")
        ANSWER_ACCEPTED = "answer_accepted", _l("accepted an answer")
        ANSWER_UNACCEPTED = "answer_unaccepted", _l("withdrew an acceptance")
        MEMBER_SILENCED = "member_silenced", _l("silenced")
        MEMBER_UNSILENCED = "member_unsilenced", _l("lifted the silence of")
        MEMBER_SUSPENDED = "member_suspended", _l("suspended")
        MEMBER_UNSUSPENDED = "member_unsuspended", _l("lifted the suspension of")
        MEMBER_CLEANED = "member_cleaned", _l("cleaned up everything of")

    act = models.CharField(_l("act"), max_length=30, choices=Act)
    # Empty for what the portal did by itself.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, null=True, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="moderation_events")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="moderation_events")
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_l("note"), max_length=500, blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_l("when"), default=timezone.now)

    objects = ModerationEventQuerySet.as_manager()

    class Meta:
        verbose_name = _l("moderation event")
        verbose_name_plural = _l("moderation trail")
        ordering = ["-id"]
        indexes = [
            # Reader: the moderation trail of one community.
            models.Index(fields=["community", "-id"], name="moderation_newest"),
            # Reader: what moderators did about one person.
            models.Index(fields=["subject", "-id"], name="moderation_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.act}"
