"""What can fail: components in groups and regions, and what each has been through."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts.models import Product
from status.constants import ComponentStatus, Origin
from status.identifiers import new_public_id
from status.querysets import ComponentQuerySet


class Region(models.Model):
    """Where components run."""

    slug = models.SlugField(_l("code"), max_length=40, unique=True)
    name = models.CharField(_l("name"), max_length=80)
    position = models.PositiveIntegerField(_l("position"), default=0)

    class Meta:
        verbose_name = _l("region")
        verbose_name_plural = _l("regions")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ComponentGroup(models.Model):
    """Components that belong together on the page."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    name = models.CharField(_l("name"), max_length=120)
    description = models.TextField(_l("description"), blank=True, max_length=500)
    position = models.PositiveIntegerField(_l("position"), default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _l("component group")
        verbose_name_plural = _l("component groups")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """One thing that works or does not.

    ``status`` is written by ``status.history`` alone: it is the newest of the component's periods.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    name = models.CharField(_l("name"), max_length=120)
    description = models.TextField(_l("description"), blank=True, max_length=500)
    group = models.ForeignKey(
        ComponentGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="components",
        verbose_name=_l("group"),
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="components", verbose_name=_l("region")
    )
    products = models.ManyToManyField(
        Product,
        blank=True,
        related_name="status_components",
        verbose_name=_l("products"),
        help_text=_l("Who files a case about one of them is shown what goes on here."),
    )
    position = models.PositiveIntegerField(_l("position"), default=0)
    status = models.CharField(
        _l("status"), max_length=24, choices=ComponentStatus, default=ComponentStatus.OPERATIONAL, editable=False
    )
    showcase = models.BooleanField(
        _l("show its uptime"), default=True, help_text=_l("The bars of the last 90 days on the page.")
    )
    only_show_if_degraded = models.BooleanField(_l("show only while something is wrong"), default=False)
    start_date = models.DateField(_l("in service since"), default=timezone.localdate)
    archived_at = models.DateTimeField(_l("archived"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        verbose_name = _l("component")
        verbose_name_plural = _l("components")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class ComponentMark(models.Model):
    """Somebody set a component's own status, apart from any incident. The newest holds."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="marks")
    status = models.CharField(max_length=24, choices=ComponentStatus)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.OPERATOR)

    class Meta:
        verbose_name = _l("mark")
        verbose_name_plural = _l("marks")
        ordering = ["id"]
        indexes = [
            # Reader: the derivation of a component's periods.
            models.Index(fields=["component", "at", "id"], name="component_mark_at"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.status}"


class StatusPeriod(models.Model):
    """A component had one status from ``started_at`` until ``ended_at`` (null: until now).

    Derived from marks and updates by ``status.history``; times without a period are operational.
    """

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="periods")
    status = models.CharField(max_length=24, choices=ComponentStatus)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("period")
        verbose_name_plural = _l("periods")
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["component"], condition=models.Q(ended_at=None), name="period_one_open"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gt=models.F("started_at")),
                name="period_ends_after_start",
            ),
        ]
        indexes = [
            # Readers: the roll-up of a day, a component's page.
            models.Index(fields=["component", "started_at"], name="period_component_start"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.status} {self.started_at:%F %T}"


class UptimeDay(models.Model):
    """How many seconds of one day, in the page's time zone, a component was not operational.

    There are rows only for days on which something was wrong: a day without one was clean.
    """

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="uptime_days")
    day = models.DateField()
    major = models.PositiveIntegerField(default=0)
    partial = models.PositiveIntegerField(default=0)
    degraded = models.PositiveIntegerField(default=0)
    maintenance = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _l("day")
        verbose_name_plural = _l("days")
        ordering = ["component", "day"]
        constraints = [
            # Also the index of the snapshot's reader of the last 90 days.
            models.UniqueConstraint(fields=["day", "component"], name="uptime_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.day}"
