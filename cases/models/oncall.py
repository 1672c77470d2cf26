"""Who is woken when production is down, and whether somebody answered."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from cases.models.case import Case
from cases.querysets import AlertQuerySet
from lib.tokens import new_token


class OnCallStep(models.Model):
    """One step of the on-call list: a person by mail, or an endpoint by signed webhook, and how long to wait."""

    position = models.PositiveSmallIntegerField(_l("order"), unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_l("person"),
    )
    webhook_url = models.URLField(_l("webhook"), max_length=400, blank=True)
    webhook_secret = models.CharField(_l("webhook secret"), max_length=100, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _l("minutes to wait"), default=10, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )

    class Meta:
        verbose_name = _l("on-call step")
        verbose_name_plural = _l("on-call list")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(webhook_url=""),
                name="on_call_step_reaches_somebody",
                violation_error_message=_l("Choose a person, a webhook, or both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.user or self.webhook_url}"


class Alert(models.Model):
    """A Production Down that waits for an engineer. Goes from step to step until one acknowledges."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="alerts")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    raised_at = models.DateTimeField(default=timezone.now)
    # How many steps have been alerted so far; the list starts over at its end.
    steps_taken = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _l("Production Down alert")
        verbose_name_plural = _l("Production Down alerts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(acknowledged_at=None), name="alert_open_once"),
        ]
        indexes = [
            # Reader: the beat sweep that moves alerts on.
            models.Index(fields=["next_at"], condition=Q(acknowledged_at=None), name="alert_due"),
        ]

    def __str__(self) -> str:
        return f"{self.case.number} {self.raised_at:%Y-%m-%d %H:%M}"
