"""An account's activity as its pages show it: figures in words, a chart, and what was promised and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Account, User
from cases import activity, promises
from cases.activity import MONTH, WEEK, Activity, Kept
from lib import charts
from lib.charts import Chart, Kind, Series
from lib.moments import long_day, month, short_day

_HOUR, _DAY = 60, 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Promise:
    """A severity's line: what the plan promises, and how often it was kept."""

    kept: Kept
    target: str

    @property
    def width(self) -> int:
        """Return how much of a bar of 100 units is filled."""
        return self.kept.percent or 0


def context(account: Account, *, user: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``cases/_activity.html`` shows of an account; ``query`` may ask for months."""
    by = MONTH if query.get("by") == MONTH else WEEK
    found = activity.of(account, user=user, by=by)
    return {
        "account": account,
        "activity": found,
        "by": by,
        "by_options": [(WEEK, _("12 weeks")), (MONTH, _("12 months"))],
        "median": duration(found.median),
        "slowest_tenth": duration(found.slowest_tenth),
        "chart": volume(found, by=by),
        "promises": [
            Promise(kept, promises.first_response_in_words(account.plan, kept.severity)) for kept in found.kept
        ],
        "enough": activity.ENOUGH,
    }


def volume(found: Activity, *, by: str) -> Chart:
    """Return the chart of cases opened and closed."""
    days = [period.first_day for period in found.periods]
    labels = [month(day) if by == MONTH else _("Week of %(day)s") % {"day": long_day(day)} for day in days]
    return charts.draw(
        Kind.BARS,
        title=_("Cases opened and closed"),
        finding=_finding(found, by=by),
        head=_("Month") if by == MONTH else _("Week"),
        labels=labels,
        series=[
            Series(pgettext("cases", "Opened"), [period.opened for period in found.periods]),
            Series(pgettext("cases", "Closed"), [period.closed for period in found.periods]),
        ],
        say=lambda count: f"{count:.0f}",
        edges=[month(days[at]) if by == MONTH else short_day(days[at], with_year=False) for at in (0, -1)],
    )


def _finding(found: Activity, *, by: str) -> str:
    closed = sum(period.closed for period in found.periods)
    if by == MONTH:
        opened_words = ngettext(
            "%(count)d case was opened in the last 12 months.",
            "%(count)d cases were opened in the last 12 months.",
            found.opened,
        )
    else:
        opened_words = ngettext(
            "%(count)d case was opened in the last 12 weeks.",
            "%(count)d cases were opened in the last 12 weeks.",
            found.opened,
        )
    closed_words = ngettext("%(count)d was closed.", "%(count)d were closed.", closed)
    return f"{opened_words % {'count': found.opened}} {closed_words % {'count': closed}}"


def duration(length: timedelta | None) -> str:
    """Return a length of time in its two largest units, to the minute; empty for none."""
    if length is None:
        return ""
    minutes = max(round(length.total_seconds() / 60), 0)
    if minutes < _HOUR:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes < _DAY:
        hours, rest = divmod(minutes, _HOUR)
        if not rest:
            return _("%(hours)d h") % {"hours": hours}
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    days, hours = divmod(round(minutes / _HOUR), 24)
    if not hours:
        return _("%(days)d d") % {"days": days}
    return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
