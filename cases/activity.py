"""How much an account asks and how soon it is answered: what a person may see of it, summed up by the database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone

from accounts.models import Account, User
from cases.constants import Severity
from cases.models import Case
from cases.querysets import CaseQuerySet
from lib.percentiles import Percentile

PERIODS = 12  # weeks or months, the present one included
WEEK, MONTH = "week", "month"
# Of fewer answers a percentile says more about chance than about us.
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A week or a month, by its first day in the reader's zone; ``closed`` counts cases that are closed still."""

    first_day: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How often the first answer came within the plan's target. ``due`` leaves out what still has time."""

    severity: Severity
    due: int
    met: int

    @property
    def percent(self) -> int | None:
        """Return the share in whole percent, rounded down: 100 is said of all alone."""
        return self.met * 100 // self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Activity:
    """An account's figures. ``median`` and ``slowest_tenth`` are of the time to the first answer, nights included."""

    periods: list[Period]
    open_now: int
    opened: int
    answered: int
    median: timedelta | None
    slowest_tenth: timedelta | None
    kept: list[Kept]

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to show."""
        return not (self.open_now or self.opened or any(period.closed for period in self.periods))


def of(account: Account, *, user: User, by: str = WEEK) -> Activity:
    """Return the figures of the last twelve weeks or months, of the cases of ``account`` that ``user`` may see.

    Weeks begin on Monday; days are those of the active time zone. Four queries, each along an index.
    """
    cases = Case.objects.visible_to(user).filter(account=account).order_by()
    starts = _starts(by)
    since = _midnight(starts[0])
    asked = cases.filter(opened_at__gte=since)
    opened, closed = _counted(asked, "opened_at", by), _counted(cases.filter(closed_at__gte=since), "closed_at", by)
    waited = F("first_responded_at") - F("opened_at")
    is_answered = Q(first_responded_at__isnull=False)
    # Only the cases that are in time to be missed: an answer that is not due yet counts for neither side.
    is_due = Q(first_response_due_at__isnull=False) & (is_answered | Q(first_response_due_at__lt=timezone.now()))
    is_met = is_due & Q(first_responded_at__lte=F("first_response_due_at"))
    figures = asked.aggregate(
        answered=Count("pk", filter=is_answered),
        median=Percentile(0.5, waited),
        slowest=Percentile(0.9, waited),
        **{f"{level}_due": Count("pk", filter=is_due & Q(severity=level)) for level in Severity.values},
        **{f"{level}_met": Count("pk", filter=is_met & Q(severity=level)) for level in Severity.values},
    )
    is_enough = figures["answered"] >= ENOUGH
    return Activity(
        periods=[Period(start, opened.get(start, 0), closed.get(start, 0)) for start in starts],
        open_now=cases.filter(closed_at=None).count(),
        opened=sum(opened.values()),
        answered=figures["answered"],
        median=figures["median"],
        slowest_tenth=figures["slowest"] if is_enough else None,
        kept=[Kept(level, figures[f"{level}_due"], figures[f"{level}_met"]) for level in Severity],
    )


def _counted(cases: CaseQuerySet, moment: str, by: str) -> dict[date, int]:
    begin = (TruncMonth if by == MONTH else TruncWeek)(moment)
    rows = cases.annotate(begin=begin).values_list("begin").annotate(Count("pk"))
    return {begin.date(): count for begin, count in rows}


def _starts(by: str) -> list[date]:
    """Return the first days of the last twelve periods, oldest first."""
    today = timezone.localdate()
    if by == MONTH:
        months = [today.year * 12 + today.month - 1 - back for back in reversed(range(PERIODS))]
        return [date(month // 12, month % 12 + 1, 1) for month in months]
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(PERIODS))]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here
