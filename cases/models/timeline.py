"""What happened to a case: comments, append-only events, attachments, followers."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from cases.constants import EventKind
from cases.models.case import Case
from cases.querysets import EventQuerySet
from files.models import Upload


class Comment(models.Model):
    """A reply that the customer sees, or an internal note that they never do."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_l("text"))
    body_html = models.TextField(editable=False)
    markdown_version = models.PositiveSmallIntegerField(editable=False)
    is_internal = models.BooleanField(_l("internal"), default=False)
    # A second submission of one form finds the first's comment.
    submission_token = models.UUIDField(null=True, blank=True, unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("comment")
        verbose_name_plural = _l("comments")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case.number} #{self.pk}"


class CaseEvent(models.Model):
    """One thing that happened. Rows are only ever added: a database trigger refuses the rest.

    ``data`` holds codes and ids; sentences (a reason, a reply) stand in ``comment``.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=30, choices=EventKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="events")
    data = models.JSONField(default=dict)
    is_internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _l("case event")
        verbose_name_plural = _l("case events")
        ordering = ["id"]
        indexes = [
            # Reader: a case's timeline, and what changed since a form was read.
            models.Index(fields=["case", "id"], name="case_event_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.case.number} {self.kind}"


class CaseAttachment(models.Model):
    """A file on a case: it is seen by whoever may see its event."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments")
    event = models.ForeignKey(CaseEvent, on_delete=models.CASCADE, related_name="attachments")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="case_attachment")
    is_internal = models.BooleanField(default=False)

    class Meta:
        verbose_name = _l("attachment")
        verbose_name_plural = _l("attachments")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.upload.name


class CaseFollower(models.Model):
    """Somebody beside the contact and the owner who is told of what happens."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _l("follower")
        verbose_name_plural = _l("followers")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="case_follower_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.case.number}"
