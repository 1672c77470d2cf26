"""What acts by itself: rules for alerts, the groups they come in, probes, and what the write API remembers."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts.models import ApiToken
from lib.probing import TARGET_MAX_LENGTH
from status.constants import NAME_MAX_LENGTH, ComponentStatus, Impact
from status.models.component import Component
from status.models.incident import Incident

DIGEST_LENGTH = 64  # hexadecimal digits of SHA-256
TEXT_MAX_LENGTH = 2_000


class Opening(models.TextChoices):
    """What automation does when something fails."""

    NONE = "none", _l("Nothing: only show it to operators")
    DRAFT = "draft", _l("Open a draft for an operator to publish")
    PUBLIC = "public", _l("Open an incident and tell subscribers")


class AlertRule(models.Model):
    """Which alerts mean what. Of the rules in their order the first whose matchers all fit decides."""

    name = models.CharField(_l("name"), max_length=80, unique=True)
    position = models.PositiveIntegerField(_l("position"), default=0, help_text=_l("The first rule that fits counts."))
    is_active = models.BooleanField(_l("in force"), default=True)
    matchers = models.TextField(
        _l("labels"),
        max_length=TEXT_MAX_LENGTH,
        help_text=_l('One matcher a line, as Alertmanager writes them: severity="critical", region=~"eu-.*".'),
    )
    components = models.ManyToManyField(Component, related_name="alert_rules", verbose_name=_l("components"))
    status = models.CharField(
        _l("their status"), max_length=24, choices=ComponentStatus, default=ComponentStatus.PARTIAL
    )
    impact = models.CharField(
        _l("impact"), max_length=12, choices=Impact, blank=True, help_text=_l("Empty: what the status stands for.")
    )
    title = models.CharField(
        _l("title"),
        max_length=NAME_MAX_LENGTH,
        help_text=_l("Readers see it. {region} is replaced by the alert's label of this name."),
    )
    body = models.TextField(
        _l("text"),
        max_length=TEXT_MAX_LENGTH,
        blank=True,
        help_text=_l("What readers are told first; labels as in the title. Empty: a plain sentence."),
    )
    opening = models.CharField(
        _l("when it fires"),
        max_length=8,
        choices=[choice for choice in Opening.choices if choice[0] != Opening.NONE],
        default=Opening.DRAFT,
    )
    resolves = models.BooleanField(
        _l("resolve when it is over"),
        default=True,
        help_text=_l("Else an operator resolves, and is shown that the alerts are over."),
    )

    class Meta:
        verbose_name = _l("alert rule")
        verbose_name_plural = _l("alert rules")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AlertGroup(models.Model):
    """One group of Alertmanager's, by its group key: while it fires it has one incident."""

    # Of the group key. Unique is also the index that every webhook reads.
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    group_key = models.CharField(_l("group"), max_length=500)
    is_firing = models.BooleanField(_l("fires"), default=False)
    # Rises each time that it begins to fire; with the digest it names the incident.
    episode = models.PositiveIntegerField(default=0)
    # What the firing alerts give to components: status by component id.
    statuses = models.JSONField(default=dict)
    # Start of each alert by its fingerprint, as of the last webhook.
    alerts = models.JSONField(default=dict)
    resolves = models.BooleanField(default=True)
    incident = models.ForeignKey(
        Incident, on_delete=models.SET_NULL, null=True, related_name="alert_groups", verbose_name=_l("incident")
    )
    # The alerts are over, and the incident was left to its operator.
    left_open_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_l("over"), null=True)
    updated_at = models.DateTimeField(_l("last heard of"), default=timezone.now)

    class Meta:
        verbose_name = _l("alert group")
        verbose_name_plural = _l("alert groups")
        ordering = ["-updated_at"]
        indexes = [
            # Reader: the sweep of groups that have long been over.
            models.Index(fields=["updated_at"], condition=Q(is_firing=False), name="alert_group_over"),
        ]

    def __str__(self) -> str:
        return self.group_key


class ReceivedAlert(models.Model):
    """One webhook of Alertmanager's and what became of it. The newest are kept."""

    class Outcome(models.TextChoices):
        OPENED = "opened", _l("opened an incident")
        DRAFTED = "drafted", _l("wrote a draft")
        UPDATED = "updated", _l("updated the incident")
        UNCHANGED = "unchanged", _l("changed nothing")
        RESOLVED = "resolved", _l("resolved the incident")
        DISCARDED = "discarded", _l("discarded the draft")
        LEFT = "left", _l("left the incident to its operator")
        IGNORED = "ignored", _l("fitted no rule")
        FAILED = "failed", _l("could not be carried out")

    received_at = models.DateTimeField(_l("received"), default=timezone.now)
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_l("token")
    )
    group_key = models.CharField(_l("group"), max_length=500)
    status = models.CharField(_l("state"), max_length=12)
    outcome = models.CharField(_l("outcome"), max_length=12, choices=Outcome)
    alert_count = models.PositiveIntegerField(_l("alerts"), default=0)
    # Label sets that fitted no rule, cut to what a page can show.
    ignored = models.JSONField(_l("without a rule"), default=list)
    note = models.CharField(_l("note"), max_length=300, blank=True)
    incident = models.ForeignKey(
        Incident, on_delete=models.SET_NULL, null=True, related_name="received_alerts", verbose_name=_l("incident")
    )

    class Meta:
        verbose_name = _l("received alert")
        verbose_name_plural = _l("received alerts")
        ordering = ["-id"]
        indexes = [
            # Reader: the sweep of old ones.
            models.Index(fields=["received_at"], name="received_alert_at"),
        ]

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M} {self.outcome}"


class Probe(models.Model):
    """A question that the portal itself asks a component again and again."""

    class Way(models.TextChoices):
        HTTP = "http", _l("HTTP or HTTPS")
        TCP = "tcp", _l("TCP connection")

    class State(models.TextChoices):
        UNKNOWN = "unknown", _l("not known yet")
        UP = "up", _l("answers")
        DOWN = "down", _l("does not answer")

    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="probes", verbose_name=_l("component")
    )
    is_active = models.BooleanField(_l("in force"), default=True)
    way = models.CharField(_l("how"), max_length=4, choices=Way, default=Way.HTTP)
    target = models.CharField(
        _l("target"), max_length=TARGET_MAX_LENGTH, help_text=_l("https://host/path, or host:port for TCP.")
    )
    interval = models.PositiveIntegerField(
        _l("every … seconds"), default=60, validators=[MinValueValidator(20), MaxValueValidator(24 * 3600)]
    )
    timeout = models.PositiveIntegerField(
        _l("time-out in seconds"), default=10, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    expected_statuses = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(100), MaxValueValidator(599)]),
        verbose_name=_l("good HTTP statuses"),
        default=list,
        blank=True,
        size=20,
        help_text=_l("Such as 200, 401. Empty: any 2xx."),
    )
    follows_redirects = models.BooleanField(_l("follow redirects"), default=False)
    failure_threshold = models.PositiveIntegerField(
        _l("fails after"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_l("failures in a row"),
    )
    recovery_threshold = models.PositiveIntegerField(
        _l("recovers after"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_l("good answers in a row"),
    )
    opening = models.CharField(_l("when it fails"), max_length=8, choices=Opening, default=Opening.DRAFT)
    status = models.CharField(
        _l("status of the component"), max_length=24, choices=ComponentStatus, default=ComponentStatus.MAJOR
    )
    impact = models.CharField(
        _l("impact"), max_length=12, choices=Impact, blank=True, help_text=_l("Empty: what the status stands for.")
    )
    title = models.CharField(
        _l("title"), max_length=NAME_MAX_LENGTH, blank=True, help_text=_l("Empty: that the component does not answer.")
    )
    body = models.TextField(_l("text"), max_length=TEXT_MAX_LENGTH, blank=True)

    # The claim: whoever holds it may record a result.
    next_at = models.DateTimeField(_l("next"), default=timezone.now, editable=False)
    claim = models.CharField(max_length=22, blank=True, editable=False)
    # What was found.
    state = models.CharField(_l("state"), max_length=8, choices=State, default=State.UNKNOWN, editable=False)
    failures = models.PositiveIntegerField(_l("failures in a row"), default=0, editable=False)
    successes = models.PositiveIntegerField(_l("good answers in a row"), default=0, editable=False)
    checked_at = models.DateTimeField(_l("last asked"), null=True, editable=False)
    reason = models.CharField(_l("last result"), max_length=12, blank=True, editable=False)
    http_status = models.PositiveIntegerField(_l("HTTP status"), null=True, editable=False)
    milliseconds = models.PositiveIntegerField(_l("took (ms)"), null=True, editable=False)
    changed_at = models.DateTimeField(_l("since"), null=True, editable=False)
    # Rises each time that it fails anew; it names the incident.
    episode = models.PositiveIntegerField(default=0, editable=False)
    incident = models.ForeignKey(
        Incident,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="probes",
        verbose_name=_l("incident"),
    )
    # It answers again, and the incident was left to its operator.
    left_open_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _l("probe")
        verbose_name_plural = _l("probes")
        ordering = ["component", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(interval__gt=models.F("timeout")), name="probe_ends_before_the_next"),
            models.CheckConstraint(
                condition=Q(failure_threshold__gte=1, recovery_threshold__gte=1), name="probe_thresholds"
            ),
        ]
        indexes = [
            # Reader: the worker's claim.
            models.Index(fields=["next_at"], condition=Q(is_active=True), name="probe_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.target}"


class IdempotentRequest(models.Model):
    """An answer of the write API that the same request gets again, for a day."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    # SHA-256 of method, address and body.
    digest = models.CharField(max_length=DIGEST_LENGTH)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("remembered request")
        verbose_name_plural = _l("remembered requests")
        constraints = [
            # Also what lets of two requests at once the second wait for the first.
            models.UniqueConstraint(fields=["token", "key"], name="idempotent_request_once"),
        ]
        indexes = [
            # Reader: the sweep of what is older than a day.
            models.Index(fields=["created_at"], name="idempotent_request_at"),
        ]

    def __str__(self) -> str:
        return self.key
