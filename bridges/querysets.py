"""Reads of what joins cases and topics. Each side is shown as its own app lets it be seen."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from cases.models import Case
from forums.models import Topic

if TYPE_CHECKING:
    from accounts.querysets import Someone
    from bridges.models import CasePublication, TopicCase  # noqa: F401 - the base classes name them


class TopicCaseQuerySet(models.QuerySet["TopicCase"]):
    """Cases that were made of topics."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the rows whose case ``user`` may see."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def of_topic(self, topic: Topic) -> Self:
        """Return the cases of a topic, and of what was merged into it."""
        return self.filter(topic__in=Topic.objects.filter(Q(pk=topic.pk) | Q(merged_into=topic.pk)))


class CasePublicationQuerySet(models.QuerySet["CasePublication"]):
    """Questions that were made of cases."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the rows whose case ``user`` may see: that a question was a case is nobody else's business."""
        return self.filter(case__in=Case.objects.visible_to(user))
