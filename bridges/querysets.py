"""Reads of what joins cases with topics and incidents. Each side is shown as its own app lets it be seen."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Product
from cases.constants import Status
from cases.models import Case
from forums.models import Topic
from status.models import Incident
from status.querysets import IncidentQuerySet

if TYPE_CHECKING:
    from accounts.querysets import Someone
    from bridges.models import CaseIncident, CasePublication, TopicCase  # noqa: F401 - the base classes name them

# An incident that ended longer ago than this is nobody's news: the case says it in words.
LINKABLE_DAYS = 30
# Maintenance that begins within this time is told to who is about to file a case.
KNOWN_HOURS = 24


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


class CaseIncidentQuerySet(models.QuerySet["CaseIncident"]):
    """Incidents that cases are about."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the rows whose case ``user`` may see: the incident is public, that it struck somebody is not."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def open(self) -> Self:
        """Return the rows of cases that are not closed."""
        return self.exclude(case__status=Status.CLOSED)


def linkable() -> IncidentQuerySet:
    """Return what a case may be linked to: what is public and goes on, is planned, or ended not long ago."""
    return Incident.objects.published().lasting_until(timezone.now() - timedelta(days=LINKABLE_DAYS))


def known_of(product: Product) -> IncidentQuerySet:
    """Return what somebody who is about to file a case of ``product`` should read first, the newest first."""
    soon = timezone.now() + timedelta(hours=KNOWN_HOURS)
    under_way_or_soon = Incident.objects.going_on() | Incident.objects.planned().filter(scheduled_for__lte=soon)
    return under_way_or_soon.concerning(product).order_by("-started_at", "-id")
