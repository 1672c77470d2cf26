"""What happened and what is planned, told by updates."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from status.constants import ENDED, NAME_MAX_LENGTH, Act, ComponentStatus, Impact, Kind, Origin, Stage
from status.identifiers import new_public_id
from status.models.component import Component
from status.querysets import IncidentQuerySet


class Incident(models.Model):
    """An incident or a maintenance: one table, for both are announced, updated and ended alike.

    A draft (``published_at`` is null) is seen by operators only and affects nothing.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(_l("kind"), max_length=12, choices=Kind, default=Kind.INCIDENT)
    name = models.CharField(_l("title"), max_length=NAME_MAX_LENGTH)
    status = models.CharField(_l("status"), max_length=14, choices=Stage)
    impact = models.CharField(_l("impact"), max_length=12, choices=Impact, default=Impact.NONE)
    origin = models.CharField(_l("origin"), max_length=12, choices=Origin, default=Origin.OPERATOR)
    # What began it, once: an alert group, a probe's failure, a journal entry. A second start finds the first.
    origin_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    components = models.ManyToManyField(Component, through="IncidentComponent", related_name="incidents")
    started_at = models.DateTimeField(_l("started"))
    published_at = models.DateTimeField(_l("published"), null=True, blank=True)
    monitoring_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(_l("ended"), null=True, blank=True)
    is_backfilled = models.BooleanField(_l("entered afterwards"), default=False)
    scheduled_for = models.DateTimeField(_l("planned start"), null=True, blank=True)
    scheduled_until = models.DateTimeField(_l("planned end"), null=True, blank=True)
    starts_by_itself = models.BooleanField(_l("start by itself"), default=True)
    ends_by_itself = models.BooleanField(_l("end by itself"), default=True)
    # Minutes before the planned start at which subscribers are reminded.
    reminders = ArrayField(models.PositiveIntegerField(), default=list, blank=True, size=4)
    # RFC 5545: rises with each change of the plan, for calendars.
    sequence = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _l("incident")
        verbose_name_plural = _l("incidents")
        ordering = ["-started_at", "-id"]
        permissions = [("operate", "Can operate the status site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.INCIDENT, scheduled_for=None, scheduled_until=None)
                | Q(kind=Kind.MAINTENANCE, scheduled_for__isnull=False, scheduled_until__gt=models.F("scheduled_for")),
                name="incident_plan_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=models.F("started_at")),
                name="incident_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, resolved_at__isnull=False) | (~Q(status__in=ENDED) & Q(resolved_at=None)),
                name="incident_end_fits_status",
            ),
        ]
        indexes = [
            # Readers: history by month, the console's list.
            models.Index(fields=["-started_at", "-id"], name="incident_newest"),
            # Readers: what goes on now, what is planned; the beat that starts, ends and reminds.
            models.Index(fields=["kind", "scheduled_for"], condition=Q(resolved_at=None), name="incident_open"),
            # Reader: the search of everything (status.searching), titles.
            GinIndex(SearchVector("name", config="english"), name="incident_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Say whether only operators see it."""
        return self.published_at is None

    @property
    def is_maintenance(self) -> bool:
        """Say whether it was planned."""
        return self.kind == Kind.MAINTENANCE

    @property
    def has_ended(self) -> bool:
        """Say whether it holds nothing any more."""
        return self.resolved_at is not None


class IncidentComponent(models.Model):
    """A component that an incident affects, and the status the incident gives it now."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="affected_by")
    status = models.CharField(max_length=24, choices=ComponentStatus)

    class Meta:
        verbose_name = _l("affected component")
        verbose_name_plural = _l("affected components")
        ordering = ["component__position", "component_id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "component"], name="incident_component_once"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.status}"


class IncidentUpdate(models.Model):
    """One thing that was said. ``display_at`` is when it held, which an operator may correct."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(_l("status"), max_length=14, choices=Stage)
    body = models.TextField(_l("text"))
    body_html = models.TextField(editable=False)
    markdown_version = models.PositiveSmallIntegerField(editable=False)
    deliver_notifications = models.BooleanField(_l("tell subscribers"), default=True)
    # The first of an incident, or that a maintenance began with: what it says of components held from the start.
    is_opening = models.BooleanField(default=False, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Made once: a repeated submission, alert or journal entry finds the first's update.
    origin_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    display_at = models.DateTimeField(_l("when"), default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("update")
        verbose_name_plural = _l("updates")
        ordering = ["-display_at", "-id"]
        indexes = [
            # Readers: an incident's page, the read API.
            models.Index(fields=["incident", "-display_at", "-id"], name="incident_update_newest"),
            # Reader: the search of everything (status.searching), texts.
            GinIndex(SearchVector("body", config="english"), name="incident_update_search"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.status}"


class UpdateEffect(models.Model):
    """What an update said of a component: the status its incident gave it before, and from then on."""

    update = models.ForeignKey(IncidentUpdate, on_delete=models.CASCADE, related_name="effects")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="effects")
    old_status = models.CharField(max_length=24, choices=ComponentStatus)
    new_status = models.CharField(max_length=24, choices=ComponentStatus)

    class Meta:
        verbose_name = _l("effect")
        verbose_name_plural = _l("effects")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["update", "component"], name="update_effect_once"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.old_status} → {self.new_status}"


class IncidentTemplate(models.Model):
    """What an operator would write anyway, written beforehand."""

    name = models.CharField(_l("name"), max_length=80, unique=True)
    kind = models.CharField(_l("kind"), max_length=12, choices=Kind, default=Kind.INCIDENT)
    title = models.CharField(_l("title"), max_length=NAME_MAX_LENGTH)
    body = models.TextField(_l("text"))
    status = models.CharField(_l("status"), max_length=14, choices=Stage, default=Stage.INVESTIGATING)
    components = models.ManyToManyField(Component, blank=True, related_name="+", verbose_name=_l("components"))
    component_status = models.CharField(
        _l("their status"), max_length=24, choices=ComponentStatus, default=ComponentStatus.PARTIAL
    )

    class Meta:
        verbose_name = _l("template")
        verbose_name_plural = _l("templates")
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class StatusEvent(models.Model):
    """Who did what on the status site. Rows are only ever added: a database trigger refuses the rest."""

    act = models.CharField(max_length=20, choices=Act)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="events")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, null=True, related_name="events")
    update = models.ForeignKey(IncidentUpdate, on_delete=models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.OPERATOR)
    # Codes, ids and times; never sentences or names.
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("status event")
        verbose_name_plural = _l("status events")
        ordering = ["-id"]
        indexes = [
            # Reader: the trail on an incident's console page.
            models.Index(fields=["incident", "-id"], name="status_event_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.incident_id or self.component_id}"
