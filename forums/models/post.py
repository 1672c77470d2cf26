"""Posts, their earlier versions and their images."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from files.models import Upload
from forums.constants import PostKind, State
from forums.models.topic import Topic, permalink
from forums.querysets import PostQuerySet


class Post(models.Model):
    """One text of one person: it opens a topic, answers it, or comments on another post."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(_l("kind"), max_length=8, choices=PostKind)
    # A comment's post; replies stand side by side.
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="comments", db_index=False
    )
    # Counts replies within the topic (the opening post is 0), comments within their post.
    number = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts", db_index=False)
    body = models.TextField(_l("text"))
    body_html = models.TextField(editable=False)
    markdown_version = models.PositiveSmallIntegerField(editable=False)
    state = models.CharField(_l("state"), max_length=10, choices=State, default=State.PUBLISHED)
    score = models.IntegerField(_l("votes"), default=0, editable=False)
    # Most votes first, then oldest first, as one ascending order that a keyset page can follow.
    score_rank = models.GeneratedField(expression=-F("score"), output_field=models.IntegerField(), db_persist=True)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    last_comment_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_l("written"), default=timezone.now)
    edited_at = models.DateTimeField(_l("edited"), null=True, blank=True)
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Rises with every edit; a form that read an older one is refused, its text kept.
    version = models.PositiveIntegerField(default=1, editable=False)
    # A second submission of one form finds the first's post.
    submission_token = models.UUIDField(null=True, blank=True, unique=True, default=uuid.uuid4, editable=False)
    # Of the text, and of the title on an opening post: phrases, exclusions and excerpts.
    search = SearchVectorField(null=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _l("post")
        verbose_name_plural = _l("posts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PostKind.COMMENT, parent__isnull=False) | (~Q(kind=PostKind.COMMENT) & Q(parent=None)),
                name="post_comment_has_parent",
            ),
            models.UniqueConstraint(
                fields=["topic"], condition=Q(kind=PostKind.OPENING), name="post_one_opening_a_topic"
            ),
            # Also the index of a topic's page, oldest first.
            models.UniqueConstraint(
                fields=["topic", "number"], condition=Q(kind=PostKind.REPLY), name="post_reply_number_once"
            ),
            # Also the index of a post's comments.
            models.UniqueConstraint(
                fields=["parent", "number"], condition=Q(kind=PostKind.COMMENT), name="post_comment_number_once"
            ),
        ]
        indexes = [
            # Reader: a question's page, best answers first.
            models.Index(
                fields=["topic", "score_rank", "number"], condition=Q(kind=PostKind.REPLY), name="post_best_first"
            ),
            # Readers: a person's page, rate limits, the clean-up of a spammer.
            models.Index(fields=["author", "-id"], name="post_author_newest"),
            # Reader: the hourly count of a community's activity; posts stand in the order in which they were written.
            BrinIndex(fields=["created_at"], name="post_created"),
            # Reader: phrases in search.
            GinIndex(fields=["search"], name="post_search"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} #{self.number}"

    def get_absolute_url(self) -> str:
        """Return the address that survives renames, moves and merges."""
        return permalink(self.pk)

    @property
    def anchor(self) -> str:
        """Return its id on the topic's page."""
        return f"post-{self.pk}"

    @property
    def is_published(self) -> bool:
        """Say whether everybody may see it, as far as it is for this row to say."""
        return self.state == State.PUBLISHED

    @property
    def is_opening(self) -> bool:
        """Say whether it opens its topic."""
        return self.kind == PostKind.OPENING

    @property
    def is_reply(self) -> bool:
        """Say whether it answers its topic."""
        return self.kind == PostKind.REPLY

    @property
    def is_comment(self) -> bool:
        """Say whether it remarks on another post."""
        return self.kind == PostKind.COMMENT


class Revision(models.Model):
    """What a post said before an edit. The present text stands on the post alone."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    # The post's version that this was.
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=150, blank=True)
    tags = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    # Who wrote this version, and when; the reason is the following edit's.
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _l("revision")
        verbose_name_plural = _l("revisions")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="revision_version_once")]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.version}"


class PostImage(models.Model):
    """An image in a post: who may see the post sees it. Until its post is sent only its owner does."""

    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="post_image")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="images")

    class Meta:
        verbose_name = _l("image")
        verbose_name_plural = _l("images")

    def __str__(self) -> str:
        return self.upload.name
