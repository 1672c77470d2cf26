"""Reads. What is public is public to all; drafts are for operators."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import Product, User
from status.constants import UNDER_WAY, Kind, Stage

if TYPE_CHECKING:
    from status.models import Component, Incident, Subscriber  # noqa: F401 - the base classes name them

OPERATE = "status.operate"


class ComponentQuerySet(models.QuerySet["Component"]):
    """Components."""

    def present(self) -> "ComponentQuerySet":
        """Leave out what has been taken out of service."""
        return self.filter(archived_at=None)

    def in_order(self) -> "ComponentQuerySet":
        """Order as the page shows them: by group, those without one last."""
        return self.order_by(models.F("group__position").asc(nulls_last=True), "group_id", "position", "id")


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents and maintenance."""

    def visible_to(self, user: User | AnonymousUser) -> "IncidentQuerySet":
        """Everybody sees what is published; who operates the site sees drafts as well."""
        return self.all() if user.has_perm(OPERATE) else self.published()

    def published(self) -> "IncidentQuerySet":
        """Leave out drafts."""
        return self.filter(published_at__isnull=False)

    def incidents(self) -> "IncidentQuerySet":
        """Leave out maintenance."""
        return self.filter(kind=Kind.INCIDENT)

    def maintenance(self) -> "IncidentQuerySet":
        """Leave out what was not planned."""
        return self.filter(kind=Kind.MAINTENANCE)

    def unresolved(self) -> "IncidentQuerySet":
        """Leave out what has ended."""
        return self.filter(resolved_at=None)

    def going_on(self) -> "IncidentQuerySet":
        """Published incidents that are open, and maintenance under way."""
        return self.published().unresolved().filter(Q(kind=Kind.INCIDENT) | Q(status__in=UNDER_WAY))

    def planned(self) -> "IncidentQuerySet":
        """Published maintenance that has not begun."""
        return self.published().unresolved().filter(kind=Kind.MAINTENANCE, status=Stage.SCHEDULED)

    def lasting_until(self, moment: datetime) -> "IncidentQuerySet":
        """What has not ended, and what ended after ``moment``."""
        return self.filter(Q(resolved_at=None) | Q(resolved_at__gte=moment))

    def concerning(self, product: Product) -> "IncidentQuerySet":
        """What affects, or has affected, a component that ``product`` needs."""
        from status.models import IncidentComponent

        # Not a join: an incident on several of its components is one incident.
        affected = IncidentComponent.objects.filter(component__products=product, component__archived_at=None)
        return self.filter(pk__in=affected.values("incident"))


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Subscribers."""

    def active(self) -> "SubscriberQuerySet":
        """Confirmed, not ended, not given up."""
        return self.filter(confirmed_at__isnull=False, ended_at=None, given_up_at=None)

    def visible_to(self, user: User | AnonymousUser) -> "SubscriberQuerySet":
        """A person's own; operators see all."""
        if user.has_perm(OPERATE):
            return self.all()
        return self.filter(user_id=user.pk) if user.pk else self.none()
