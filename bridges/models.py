"""What joins a case and a topic: one made of the other, in either direction."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from bridges.querysets import CasePublicationQuerySet, TopicCaseQuerySet
from cases.models import Case
from forums.models import Topic


class TopicCase(models.Model):
    """A private case that the support team made of a public topic, for its author."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="topic_cases", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="topic_cases")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TopicCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _l("case of a topic")
        verbose_name_plural = _l("cases of topics")
        ordering = ["id"]
        constraints = [
            # Also the index of a topic's page.
            models.UniqueConstraint(fields=["topic", "case"], name="topic_case_once"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} → {self.case.number}"


class CasePublication(models.Model):
    """A public question with its answer that the support team wrote from a solved case. One case, one question."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="publication")
    topic = models.OneToOneField(Topic, on_delete=models.PROTECT, related_name="publication")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CasePublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _l("publication of a case")
        verbose_name_plural = _l("publications of cases")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case.number} → {self.topic_id}"
