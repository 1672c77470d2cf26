"""What goes on in a community, week by week."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from forums import activity as counted
from forums.http import in_community, public_page
from forums.models import ActivityWeek, Community
from forums.page_head import PageHead, is_first_view
from lib import charts
from lib.charts import Chart, Kind, Series, Value
from lib.moments import long_day, short_day

_HOUR = 3600  # seconds


@public_page
@require_safe
@in_community
def activity(request: HttpRequest, community: Community) -> HttpResponse:
    """Show what was asked, answered and solved in half a year."""
    weeks = counted.weeks(community)
    context = {
        "community": community,
        "head": PageHead(
            title=_("Activity"),
            description=_("Questions, answers and how soon they come in %(community)s.")
            % {"community": community.name},
            path=community.url("activity"),
            is_indexed=is_first_view(request),
        ),
        "charts": [_questions(weeks), _answers(weeks), _waiting(weeks)] if _has_any(weeks) else [],
    }
    return render(request, "forums/activity.html", context)


def _has_any(weeks: Sequence[ActivityWeek]) -> bool:
    return any(week.questions or week.answers for week in weeks)


def _drawn(
    kind: Kind, weeks: Sequence[ActivityWeek], *, title: str, finding: str, series: Sequence[Series], unit: str = ""
) -> Chart:
    days = [week.monday for week in weeks]
    return charts.draw(
        kind,
        title=title,
        finding=finding,
        head=_("Week"),
        labels=[_("Week of %(day)s") % {"day": long_day(day)} for day in days],
        series=series,
        say=lambda value: unit % {"hours": number_format(f"{value:g}")} if unit else f"{value:.0f}",
        edges=[short_day(days[at], with_year=False) for at in (0, len(days) // 2, -1)],
    )


def _questions(weeks: Sequence[ActivityWeek]) -> Chart:
    asked, solved = sum(week.questions for week in weeks), sum(week.solved for week in weeks)
    finding = ngettext("%(count)d question was asked.", "%(count)d questions were asked.", asked) % {"count": asked}
    if asked:
        share = _("%(percent)d %% of them are solved.") % {"percent": solved * 100 // asked}
        finding = f"{finding} {share}"
    return _drawn(
        Kind.STACKED,
        weeks,
        title=_("Questions"),
        finding=finding,
        series=[
            Series(pgettext("questions", "Solved"), [week.solved for week in weeks]),
            Series(_("Not solved yet"), [week.questions - week.solved for week in weeks]),
        ],
    )


def _answers(weeks: Sequence[ActivityWeek]) -> Chart:
    written = sum(week.answers for week in weeks)
    return _drawn(
        Kind.BARS,
        weeks,
        title=_("Answers"),
        finding=ngettext("%(count)d answer was written.", "%(count)d answers were written.", written)
        % {"count": written},
        series=[Series(_("Answers"), [week.answers for week in weeks])],
    )


def _waiting(weeks: Sequence[ActivityWeek]) -> Chart:
    hours: list[Value] = [
        None if week.waited is None else round(week.waited.total_seconds() / _HOUR, 1) for week in weeks
    ]
    return _drawn(
        Kind.LINES,
        weeks,
        title=_("Time to the first answer"),
        finding=_("Half of the questions of a week had their first answer within this time."),
        series=[Series(_("Median"), hours)],
        unit=_("%(hours)s h"),
    )
