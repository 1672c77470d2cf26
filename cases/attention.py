"""What waits for somebody, for the home page: reads that end after a few rows, each from an index that it names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KT
from django.utils import timezone

from accounts.models import Account, User
from cases.constants import By, EventKind, Status, Verification
from cases.models import Case, CaseEvent
from cases.querysets import CaseQuerySet

SHOWN = 5  # rows of a section; behind it stands a link to the rest
COUNTED = 100  # beyond it a number says "99+"
OWN_LOOKED_AT = 50  # of an engineer's open cases, the first of their queue
DUE_WITHIN = timedelta(hours=4)
MANY_OPEN = 8  # so many open cases of one account are worth its CSM's call

_QUEUE = ("queue_rank", "opened_at", "id")
_URGENT = 1  # the rank of Urgent; Production Down stands above it


def due_soon(user: User) -> Sequence[Case]:
    """Return the person's own cases whose first response is late or due within ``DUE_WITHIN`` (case_queue_owner)."""
    unanswered = Case.objects.visible_to(user).active().owned_by(user).filter(first_responded_at=None)
    due = unanswered.filter(first_response_due_at__lte=timezone.now() + DUE_WITHIN)
    return list(due.for_queue().order_by("first_response_due_at", "id")[:SHOWN])


def customer_replied(user: User) -> Sequence[Case]:
    """Return the person's own cases in which the customer spoke last (case_queue_owner, case_event_timeline).

    Cases without a first response are left out: ``due_soon`` has them.
    """
    said = CaseEvent.objects.filter(case=OuterRef("pk"), kind=EventKind.COMMENTED, is_internal=False)
    own = Case.objects.visible_to(user).active().owned_by(user).filter(first_responded_at__isnull=False)
    looked_at = own.order_by(*_QUEUE).values("pk")[:OWN_LOOKED_AT]
    last_by = Subquery(said.order_by("-id").annotate(by=KT("data__by")).values("by")[:1])
    cases = Case.objects.filter(pk__in=looked_at).annotate(last_by=last_by).filter(last_by=By.CUSTOMER)
    return list(cases.for_queue().order_by(*_QUEUE)[:SHOWN])


def nobodys(user: User, *, urgent_only: bool) -> Sequence[Case]:
    """Return open cases without an owner, in the queue's order (case_queue_unassigned)."""
    cases = Case.objects.visible_to(user).active().unassigned()
    if urgent_only:
        cases = cases.filter(queue_rank__lte=_URGENT)
    return list(cases.for_queue().order_by(*_QUEUE)[:SHOWN])


def late(user: User) -> Sequence[Case]:
    """Return the open cases whose first response is late, whoever owns them, the latest first (case_response_due)."""
    unanswered = Case.objects.visible_to(user).active().filter(first_responded_at=None)
    broken = unanswered.filter(first_response_due_at__lt=timezone.now())
    return list(broken.for_queue().order_by("first_response_due_at", "id")[:SHOWN])


def to_verify(user: User, accounts: Collection[int] | models.QuerySet[Account, Any]) -> Sequence[Case]:
    """Return the cases of ``accounts`` that wait for somebody's word and are not the person's own (case_to_verify)."""
    waiting = Case.objects.visible_to(user).filter(verification=Verification.PENDING).not_closed()
    return list(waiting.filter(account__in=accounts).exclude(contact__user=user).for_list().order_by("id")[:SHOWN])


@dataclass(frozen=True, slots=True)
class Troubled:
    """An account with Production Down, or with many open cases."""

    account_id: int
    name: str
    open: int
    production_down: int


def troubled(accounts: models.QuerySet[Account]) -> Sequence[Troubled]:
    """Return those of ``accounts`` that are in trouble, the worst first (case_account_rank)."""
    per_account = (
        Case.objects.active()
        .filter(account__in=accounts)
        .order_by()
        .values("account_id", "account__name")
        .annotate(open=Count("pk"), down=Count("pk", filter=Q(queue_rank=0)))
    )
    worst = per_account.filter(Q(down__gt=0) | Q(open__gte=MANY_OPEN)).order_by("-down", "-open", "account_id")
    return [Troubled(row["account_id"], row["account__name"], row["open"], row["down"]) for row in worst[:SHOWN]]


# A customer's own word is asked for first; then whether a solution helped.
_ON_CUSTOMER = models.Case(
    When(status=Status.WAITING, then=Value(0)), When(status=Status.SOLVED, then=Value(1)), default=Value(2)
)


def own_open(user: User, limit: int) -> Sequence[Case]:
    """Return the cases a contact filed that are not closed: those that wait for them first (case_contact_updated)."""
    cases: CaseQuerySet = Case.objects.visible_to(user).filed_by(user).not_closed().for_list()
    return list(cases.alias(turn=_ON_CUSTOMER).order_by("turn", "-public_updated_at", "-id")[:limit])
