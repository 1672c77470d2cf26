"""What the forums know of a person: standing, votes, bookmarks, watches, reading marks, drafts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from forums.constants import Level
from forums.models.community import Category, Community, Tag
from forums.models.post import Post
from forums.models.topic import Topic


class Member(models.Model):
    """A person's standing in the forums; made when they first act. Its row is the lock of rate limits."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="forum_member"
    )
    # Ten a vote, fifteen an accepted answer, of published posts; set right each night.
    reputation = models.IntegerField(_l("reputation"), default=0)
    # Published posts of any kind; set right each night.
    post_count = models.PositiveIntegerField(_l("posts"), default=0)
    first_posted_at = models.DateTimeField(null=True, blank=True)
    silenced_until = models.DateTimeField(_l("silenced until"), null=True, blank=True)
    suspended_until = models.DateTimeField(_l("suspended until"), null=True, blank=True)
    # Set while everything of a spammer is being hidden; the sweep finishes what a killed worker left.
    cleaned_at = models.DateTimeField(_l("cleaned up"), null=True, blank=True)
    # Topics without news since then count as read: keeps the marks of a person few.
    read_before = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("member")
        verbose_name_plural = _l("members")
        indexes = [
            # Reader: the sweep that finishes clean-ups.
            models.Index(fields=["cleaned_at"], condition=Q(cleaned_at__isnull=False), name="member_cleaned"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_silenced(self) -> bool:
        """Say whether they may not write now."""
        return self.silenced_until is not None and self.silenced_until > timezone.now()

    @property
    def is_suspended(self) -> bool:
        """Say whether they may do nothing in the forums now."""
        return self.suspended_until is not None and self.suspended_until > timezone.now()


class Standing(models.Model):
    """A row of a community's leaderboard, written by beat."""

    class Period(models.TextChoices):
        MONTH = "month", _l("Last 30 days")
        ALL = "all", _l("All time")

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="standings")
    period = models.CharField(max_length=5, choices=Period)
    rank = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reputation = models.IntegerField()
    posts = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()

    class Meta:
        verbose_name = _l("standing")
        verbose_name_plural = _l("standings")
        ordering = ["rank"]
        constraints = [
            # Also the index of the leaderboard.
            models.UniqueConstraint(fields=["community", "period", "rank"], name="standing_rank_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.user_id}"


class ActivityWeek(models.Model):
    """What happened in a community in one week, which begins on Monday, UTC. Written by beat."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="activity_weeks", db_index=False)
    monday = models.DateField()
    questions = models.PositiveIntegerField()
    # Of these questions, by what is known today: accepted answers, first answers, and their median in seconds.
    solved = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    waited = models.DurationField(null=True)
    answers = models.PositiveIntegerField()

    class Meta:
        verbose_name = _l("week of a community")
        verbose_name_plural = _l("weeks of communities")
        ordering = ["monday"]
        constraints = [
            # Also the index of the community's activity page.
            models.UniqueConstraint(fields=["community", "monday"], name="activity_week_once"),
        ]

    def __str__(self) -> str:
        return f"{self.community_id}: {self.monday}"


class Vote(models.Model):
    """One person finds one post useful."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="votes", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_votes")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("vote")
        verbose_name_plural = _l("votes")
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.post_id}"


class Bookmark(models.Model):
    """A post that a person wants to find again."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="bookmarks", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_bookmarks")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("bookmark")
        verbose_name_plural = _l("bookmarks")
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="bookmark_once")]
        indexes = [
            # Reader: a person's bookmarks, newest first.
            models.Index(fields=["user", "-id"], name="bookmark_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.post_id}"


class Watch(models.Model):
    """A person wants to be told: of new topics of a community, category or tag, or of replies in a topic."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_watches")
    level = models.PositiveSmallIntegerField(_l("how soon"), choices=Level, default=Level.AT_ONCE)
    community = models.ForeignKey(
        Community, on_delete=models.CASCADE, null=True, related_name="watches", db_index=False
    )
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="watches", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, null=True, related_name="watches", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="watches", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("watch")
        verbose_name_plural = _l("watches")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(community__isnull=False, category=None, tag=None, topic=None)
                    | Q(community=None, category__isnull=False, tag=None, topic=None)
                    | Q(community=None, category=None, tag__isnull=False, topic=None)
                    | Q(community=None, category=None, tag=None, topic__isnull=False)
                ),
                name="watch_of_one_thing",
            ),
            # Also the indexes of who watches a thing.
            models.UniqueConstraint(
                fields=["community", "user"], condition=Q(community__isnull=False), name="watch_community_once"
            ),
            models.UniqueConstraint(
                fields=["category", "user"], condition=Q(category__isnull=False), name="watch_category_once"
            ),
            models.UniqueConstraint(fields=["tag", "user"], condition=Q(tag__isnull=False), name="watch_tag_once"),
            models.UniqueConstraint(
                fields=["topic", "user"], condition=Q(topic__isnull=False), name="watch_topic_once"
            ),
        ]
        indexes = [
            # Reader: /account/watching/.
            models.Index(fields=["user", "-id"], name="watch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.community_id or self.category_id or self.tag_id or self.topic_id}"


class TopicRead(models.Model):
    """How far a person has read in a topic that had news after ``Member.read_before``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("reading mark")
        verbose_name_plural = _l("reading marks")
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="topic_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic_id} #{self.number}"


class Draft(models.Model):
    """What somebody was writing, wherever they go on. Private to them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_drafts")
    # "ask:<community>", "reply:<topic>", "comment:<post>", "edit:<post>".
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    tags = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=12, blank=True)
    # Rises with each save, by the clock: a window left open elsewhere does not overwrite what was typed since.
    version = models.BigIntegerField(default=1)
    # The token of the form that saved last: it goes on although the answer to its save got lost.
    form = models.UUIDField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    # Let go by its author, who may still take that back.
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _l("draft")
        verbose_name_plural = _l("drafts")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="draft_once")]
        indexes = [
            # Reader: the sweep of forgotten drafts.
            models.Index(fields=["updated_at"], name="draft_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"
