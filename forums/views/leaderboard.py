"""Who helped most in a community. The rows are written each hour: see ``forums.counting``."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forums.http import in_community, public_page
from forums.models import Community, Standing
from forums.page_head import PageHead, is_first_view
from forums.rows import members_prefix


@public_page
@require_safe
@in_community
def leaderboard(request: HttpRequest, community: Community) -> HttpResponse:
    """Show who earned most reputation in a community, lately or ever."""
    period = request.GET.get("period", Standing.Period.MONTH)
    if period not in Standing.Period.values:
        raise Http404
    standings = Standing.objects.filter(community=community, period=period, user__erased_at=None)
    context = {
        "community": community,
        "head": PageHead(
            title=_("Leaderboard"),
            description=_("Who helped most in %(community)s.") % {"community": community.name},
            path=community.url("leaderboard"),
            is_indexed=is_first_view(request),
        ),
        "standings": list(standings.select_related("user").order_by("rank")),
        "members_prefix": members_prefix(),
        "tabs": [
            {
                "url": "?" if value == Standing.Period.MONTH else f"?period={value}",
                "label": label,
                "active": value == period,
            }
            for value, label in Standing.Period.choices
        ],
    }
    return render(request, "forums/leaderboard.html", context)
