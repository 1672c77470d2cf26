"""A private support case."""

import uuid
from functools import cache

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case as FirstOf
from django.db.models import Q, Value, When
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts.models import Account, Contact, Product
from accounts.models.customer import phone_validator
from cases import numbers
from cases.constants import (
    ACTIVE_STATUSES,
    Environment,
    Origin,
    Priority,
    Severity,
    Status,
    Verification,
)
from cases.querysets import CaseQuerySet

_ACTIVE = Q(status__in=ACTIVE_STATUSES)
SUBJECT_MAX_LENGTH = 200


class Case(models.Model):
    """What a customer asks and support answers. Written only by ``cases.workflow`` and its neighbours."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cases", verbose_name=_l("account"))
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="cases", verbose_name=_l("contact"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_l("product"))
    subject = models.CharField(_l("subject"), max_length=SUBJECT_MAX_LENGTH)
    description = models.TextField(_l("description"))
    description_html = models.TextField(editable=False)
    markdown_version = models.PositiveSmallIntegerField(editable=False)
    environment = models.CharField(
        _l("environment"), max_length=12, choices=Environment, default=Environment.PRODUCTION
    )
    endpoints = models.TextField(_l("endpoints"), blank=True, max_length=2000)
    contact_phone = models.CharField(_l("contact phone"), max_length=40, blank=True, validators=[phone_validator])
    contact_time_zone = models.CharField(_l("contact's time zone"), max_length=64, blank=True)
    severity = models.CharField(_l("severity"), max_length=2, choices=Severity, default=Severity.S3)
    priority = models.CharField(_l("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    status = models.CharField(_l("status"), max_length=12, choices=Status, default=Status.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_cases",
        verbose_name=_l("owner"),
    )
    origin = models.CharField(_l("came in by"), max_length=5, choices=Origin, default=Origin.WEB)
    verification = models.CharField(
        _l("verification"), max_length=10, choices=Verification, default=Verification.NOT_NEEDED
    )
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_l("follows")
    )

    opened_at = models.DateTimeField(_l("opened"), default=timezone.now)
    updated_at = models.DateTimeField(_l("updated"), default=timezone.now)
    # What customers sort by: an internal note must not move a case in their list.
    public_updated_at = models.DateTimeField(default=timezone.now)
    first_response_due_at = models.DateTimeField(_l("first response due"), null=True, blank=True)
    first_responded_at = models.DateTimeField(_l("first response"), null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    production_down_at = models.DateTimeField(_l("Production Down since"), null=True, blank=True)
    production_down_lowered_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(_l("escalated"), null=True, blank=True)

    # Set by the form that made it: a second submission of one form finds the first's case.
    submission_token = models.UUIDField(null=True, blank=True, unique=True, default=uuid.uuid4, editable=False)
    # Rises with every change; a desk form that read an older one is told what happened meanwhile.
    version = models.PositiveIntegerField(default=1, editable=False)
    # The queue's first key, kept by the database so that no write can forget it.
    queue_rank = models.GeneratedField(
        expression=FirstOf(
            When(Q(production_down_at__isnull=False, production_down_lowered_at=None), then=Value(0)),
            When(priority=Priority.URGENT, then=Value(1)),
            When(priority=Priority.HIGH, then=Value(2)),
            When(priority=Priority.NORMAL, then=Value(3)),
            default=Value(4),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    # Subject, description and comments; the public one never holds a word of an internal note.
    search_public = SearchVectorField(null=True, editable=False)
    search_staff = SearchVectorField(null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _l("case")
        verbose_name_plural = _l("cases")
        ordering = ["-id"]
        permissions = [
            ("work_desk", "Can work every customer's cases at the desk"),
            ("manage_desk", "Can manage the desk: on-call list, assignments of others"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(production_down_lowered_at=None) | Q(production_down_at__isnull=False),
                name="case_lowered_was_raised",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at=None)),
                name="case_closed_at_matches_status",
            ),
        ]
        indexes = [
            # Reader: the desk's queue, "all".
            models.Index(fields=["queue_rank", "opened_at", "id"], condition=_ACTIVE, name="case_queue"),
            # Reader: the desk's queue, "mine".
            models.Index(fields=["owner", "queue_rank", "opened_at", "id"], condition=_ACTIVE, name="case_queue_owner"),
            # Reader: the desk's queue, "unassigned".
            models.Index(
                fields=["queue_rank", "opened_at", "id"],
                condition=_ACTIVE & Q(owner=None),
                name="case_queue_unassigned",
            ),
            # Reader: the desk's queue, "waiting" and "solved".
            models.Index(fields=["status", "queue_rank", "opened_at", "id"], name="case_queue_status"),
            # Reader: the desk's "closed", newest first.
            models.Index(fields=["-closed_at", "-id"], condition=Q(status=Status.CLOSED), name="case_closed_newest"),
            # Readers: My Cases by last update, the team's and one's own.
            models.Index(fields=["account", "-public_updated_at", "-id"], name="case_account_updated"),
            models.Index(fields=["contact", "-public_updated_at", "-id"], name="case_contact_updated"),
            # Readers: My Cases by priority, the team's and one's own.
            models.Index(fields=["account", "queue_rank", "opened_at", "id"], name="case_account_rank"),
            models.Index(fields=["contact", "queue_rank", "opened_at", "id"], name="case_contact_rank"),
            # Reader: what is late, on the managers' home.
            models.Index(
                fields=["first_response_due_at", "id"],
                condition=_ACTIVE & Q(first_responded_at=None, first_response_due_at__isnull=False),
                name="case_response_due",
            ),
            # Readers: what waits for verification, on the home of a CSM and of an account's admin.
            models.Index(
                fields=["account", "id"],
                condition=Q(verification=Verification.PENDING) & ~Q(status=Status.CLOSED),
                name="case_to_verify",
            ),
            # Reader: the hourly task that closes what was solved long ago.
            models.Index(fields=["solved_at"], condition=Q(status=Status.SOLVED), name="case_solved_oldest"),
            # Reader: an account's activity: what was opened lately, how soon it was answered.
            models.Index(fields=["account", "opened_at"], name="case_account_opened"),
            # Reader: the same: what was closed lately, and how many are open, which have no such time.
            models.Index(fields=["account", "closed_at"], name="case_account_closed"),
            # Readers: search in My Cases and at the desk.
            GinIndex(fields=["account", "search_public"], name="case_search_public"),
            GinIndex(fields=["search_staff"], name="case_search_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        """Return the customer's address of the case."""
        return reverse("cases:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """Return the number that people say: ``CS-000001``."""
        return numbers.spell(self.pk)

    @property
    def is_production_down(self) -> bool:
        """Say whether the case stands as Production Down now."""
        return self.production_down_at is not None and self.production_down_lowered_at is None

    @property
    def is_active(self) -> bool:
        """Say whether support has to work on it."""
        return self.status in ACTIVE_STATUSES

    @property
    def is_closed(self) -> bool:
        """Say whether it is over."""
        return self.status == Status.CLOSED

    @property
    def is_first_response_late(self) -> bool:
        """Say whether the plan's first-response target has passed without an answer."""
        answered = self.first_responded_at or timezone.now()
        return self.first_response_due_at is not None and answered > self.first_response_due_at

    def get_desk_url(self) -> str:
        """Return the engineers' address of the case."""
        return _desk_address(get_script_prefix()).replace(_SAMPLE, self.number)


_SAMPLE = numbers.spell(10**17)


@cache
def _desk_address(_prefix: str) -> str:
    # Worked out once: a page of the queue asks for it twenty times.
    return reverse("desk:case", args=[10**17])
