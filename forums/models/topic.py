"""Topics: what one row of a list shows stands on the topic's own row."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _l

from forums.constants import TITLE_MAX_LENGTH, State, TopicKind
from forums.models.community import Category, Community, Tag, Wording
from forums.querysets import TopicQuerySet, TopicTagQuerySet

SLUG_MAX_LENGTH = 80
_LISTED = Q(state=State.PUBLISHED)
_UNANSWERED = Q(state=State.PUBLISHED, kind=TopicKind.QUESTION, answer_count=0, is_closed=False, duplicate_of=None)


class Topic(models.Model):
    """A conversation that begins with one post. Written only by the verb modules of this app."""

    # Each key is the head of an index below.
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="topics", db_index=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="topics", verbose_name=_l("category"), db_index=False
    )
    kind = models.CharField(_l("kind"), max_length=12, choices=TopicKind, default=TopicKind.QUESTION)
    title = models.CharField(_l("title"), max_length=TITLE_MAX_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="topics", db_index=False
    )
    # Always that of the opening post: a topic whose first post may not be seen does not exist.
    state = models.CharField(_l("state"), max_length=10, choices=State, default=State.PUBLISHED)
    created_at = models.DateTimeField(_l("asked"), default=timezone.now)
    # The last published reply; comments, edits and votes do not move a topic.
    bumped_at = models.DateTimeField(_l("last reply"), default=timezone.now)
    last_poster = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Numbers are given under this row's lock and never again; held and hidden replies have theirs.
    last_number = models.PositiveIntegerField(default=0, editable=False)
    # What a reader who has read so far has seen: the number of the last published reply.
    last_public_number = models.PositiveIntegerField(default=0, editable=False)
    answer_count = models.PositiveIntegerField(_l("replies"), default=0, editable=False)
    score = models.IntegerField(_l("votes"), default=0, editable=False)
    accepted_post = models.ForeignKey(
        "forums.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_l("accepted")
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    is_closed = models.BooleanField(_l("closed"), default=False)
    is_locked = models.BooleanField(_l("locked"), default=False)
    pinned_at = models.DateTimeField(_l("pinned"), null=True, blank=True)
    # Shown as that question everywhere; the page of the duplicate points there.
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    # Its posts are there now; its address redirects.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)

    tags = models.ManyToManyField(Tag, through="TopicTag", related_name="topics")

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _l("topic")
        verbose_name_plural = _l("topics")
        ordering = ["-bumped_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_post=None) | Q(kind=TopicKind.QUESTION), name="topic_only_questions_accept"
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=models.F("pk")), name="topic_no_duplicate_of_itself"),
        ]
        indexes = [
            # Readers: a community's home and category, latest first.
            models.Index(fields=["community", "-bumped_at", "-id"], condition=_LISTED, name="topic_latest"),
            models.Index(fields=["category", "-bumped_at", "-id"], condition=_LISTED, name="topic_category_latest"),
            # Readers: the same, unanswered questions, newest first.
            models.Index(fields=["community", "-id"], condition=_UNANSWERED, name="topic_unanswered"),
            models.Index(fields=["category", "-id"], condition=_UNANSWERED, name="topic_category_unanswered"),
            # Readers: the same, most votes first.
            models.Index(fields=["community", "-score", "-id"], condition=_LISTED, name="topic_top"),
            models.Index(fields=["category", "-score", "-id"], condition=_LISTED, name="topic_category_top"),
            # Reader: the pinned topics above a list.
            models.Index(
                fields=["community", "-pinned_at"],
                condition=_LISTED & Q(pinned_at__isnull=False),
                name="topic_pinned",
            ),
            # Readers: "my topics", a person's page.
            models.Index(fields=["author", "-bumped_at", "-id"], name="topic_author_latest"),
            # Readers: the feed of a community, the sitemap.
            models.Index(fields=["community", "-id"], condition=_LISTED, name="topic_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return its canonical address, under its community."""
        return topic_path(self.community.prefix, self.pk, self.title)

    @property
    def slug(self) -> str:
        """Return the readable part of its address; it may change, the number before it does not."""
        return slug_of(self.title)

    @property
    def is_question(self) -> bool:
        """Say whether it has answers, one of which may be accepted."""
        return self.kind == TopicKind.QUESTION

    @property
    def is_answered(self) -> bool:
        """Say whether an answer is accepted."""
        return self.accepted_post_id is not None

    @property
    def is_published(self) -> bool:
        """Say whether everybody may see it."""
        return self.state == State.PUBLISHED

    @property
    def kind_label(self) -> str:
        """Return what its community calls it."""
        return kind_label(self.kind, self.community.wording)


class TopicTag(models.Model):
    """A tag on a topic, with the topic's place in the tag's list."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="topic_tags", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="topic_tags", db_index=False)
    bumped_at = models.DateTimeField()

    objects = TopicTagQuerySet.as_manager()

    class Meta:
        verbose_name = _l("tag of a topic")
        verbose_name_plural = _l("tags of topics")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["topic", "tag"], name="topic_tag_once")]
        indexes = [
            # Reader: a tag's page and feed, latest first.
            models.Index(fields=["tag", "-bumped_at", "-topic"], name="topic_tag_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}: {self.tag_id}"


@lru_cache(maxsize=4096)
def slug_of(title: str) -> str:
    """Return the readable part of the address of a topic of this title."""
    return slugify(title)[:SLUG_MAX_LENGTH].strip("-") or "topic"


def topic_path(prefix: str, pk: int, title: str) -> str:
    """Return the canonical address of a topic under that of its community."""
    return f"{prefix}t/{pk}/{slug_of(title)}/"


def kind_label(kind: str, wording: str) -> str:
    """Return what a community of this wording calls a topic of this kind."""
    return str(Wording(wording).label if kind == TopicKind.DISCUSSION else TopicKind(kind).label)


def permalink(post_id: int) -> str:
    """Return the address of a post that survives renames, moves and merges."""
    return reverse("discuss:permalink", args=[post_id])
