"""What joins a case with a topic (one made of the other, in either direction), and with an incident."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from bridges.querysets import CaseIncidentQuerySet, CasePublicationQuerySet, TopicCaseQuerySet
from cases.models import Case
from forums.models import Topic
from status.models import Incident


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


class CaseIncident(models.Model):
    """An incident, or a maintenance, that a case is about: whoever filed it said so, or the support team."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="incident_links")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="case_links", db_index=False)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CaseIncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _l("incident of a case")
        verbose_name_plural = _l("incidents of cases")
        ordering = ["id"]
        constraints = [
            # Also the index of who is told of an update, and of the console.
            models.UniqueConstraint(fields=["incident", "case"], name="case_incident_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case.number} → {self.incident_id}"
