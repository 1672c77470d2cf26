"""What the status site is about, and who hears of it. Rows as they lie: acts go through the verbs."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from lib import markdown, webhooks
from status.constants import ComponentStatus, Impact, Kind, Stage, Way
from status.models import (
    Component,
    ComponentGroup,
    Incident,
    IncidentComponent,
    IncidentUpdate,
    Region,
    Subscriber,
    UpdateEffect,
)


class RegionFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"region-{n}")
    name = factory.LazyAttribute(lambda region: region.slug.replace("-", " ").title())


class ComponentGroupFactory(DjangoModelFactory[ComponentGroup]):
    class Meta:
        model = ComponentGroup

    name = factory.Sequence(lambda n: f"Group {n}")


class ComponentFactory(DjangoModelFactory[Component]):
    class Meta:
        model = Component

    name = factory.Sequence(lambda n: f"Component {n}")


class IncidentFactory(DjangoModelFactory[Incident]):
    """A published incident that is being investigated; ``affecting`` are components, given a partial outage."""

    class Meta:
        model = Incident
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Incident {n}")
    status = Stage.INVESTIGATING
    impact = Impact.MAJOR
    started_at = factory.LazyFunction(timezone.now)
    published_at = factory.LazyAttribute(lambda incident: incident.started_at)

    @factory.post_generation
    def affecting(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        for component in extracted or ():
            IncidentComponent.objects.create(incident=self, component=component, status=ComponentStatus.PARTIAL)


class MaintenanceFactory(IncidentFactory):
    """Published maintenance: two hours, from this time tomorrow."""

    kind = Kind.MAINTENANCE
    name = factory.Sequence(lambda n: f"Maintenance {n}")
    status = Stage.SCHEDULED
    impact = Impact.MAINTENANCE
    scheduled_for = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
    scheduled_until = factory.LazyAttribute(lambda incident: incident.scheduled_for + timedelta(hours=2))
    started_at = factory.LazyAttribute(lambda incident: incident.scheduled_for)
    published_at = factory.LazyFunction(timezone.now)


class UpdateFactory(DjangoModelFactory[IncidentUpdate]):
    """What was said; ``effects`` maps components to (old status, new status)."""

    class Meta:
        model = IncidentUpdate
        skip_postgeneration_save = True

    incident = factory.SubFactory(IncidentFactory)
    status = factory.LazyAttribute(lambda update: update.incident.status)
    body = "We are **looking** into it."
    body_html = factory.LazyAttribute(lambda update: markdown.render(update.body))
    markdown_version = markdown.RENDERER_VERSION

    @factory.post_generation
    def effects(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        for component, (old, new) in (extracted or {}).items():
            UpdateEffect.objects.create(update=self, component=component, old_status=old, new_status=new)


class SubscriberFactory(DjangoModelFactory[Subscriber]):
    """A confirmed subscriber by mail, to everything, at once."""

    class Meta:
        model = Subscriber
        skip_postgeneration_save = True

    address = factory.Sequence(lambda n: f"subscriber{n}@readers.example")
    owner_email = factory.LazyAttribute(lambda subscriber: subscriber.address)
    confirmation_sent_at = factory.LazyFunction(timezone.now)
    confirmed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def components(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        if extracted:
            self.components.set(extracted)

    @factory.post_generation
    def regions(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        if extracted:
            self.regions.set(extracted)


class EndpointFactory(SubscriberFactory):
    """A confirmed webhook."""

    way = Way.WEBHOOK
    address = factory.Sequence(lambda n: f"https://hooks.example/{n}")
    owner_email = factory.Sequence(lambda n: f"owner{n}@readers.example")
    secret = factory.LazyFunction(webhooks.new_secret)
