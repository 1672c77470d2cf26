"""What goes on now, what comes, and whether the public and the subscribers know of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PersonalRequest
from lib.keyset import paginate
from status.console import fanout, panels, rows
from status.console.access import operators_only
from status.models import Incident

PAGE_SIZE = 30
_ORDER = ("-started_at", "-id")


@operators_only
@require_GET
def overview(request: PersonalRequest) -> HttpResponse:
    """Show all that an operator asks first on a bad day."""
    going_on, drafts, planned = (found(request.user) for found in (rows.going_on, rows.drafts, rows.planned))
    known = {card.incident.pk: card for card in rows.cards([*going_on, *drafts, *planned])}
    context = {
        "going_on": [known[one.pk] for one in going_on],
        "drafts": [known[one.pk] for one in drafts],
        "planned": [known[one.pk] for one in planned],
        "limit": rows.SHOWN,
        "publication": rows.publication(),
        "fanouts": fanout.recent(),
        "waiting": fanout.waiting(),
        "fanout_limit": fanout.LIMIT,
        "panels": panels.panels(request.user),
    }
    return render(request, "status/console/overview.html", context)


@operators_only
@require_GET
def history(request: PersonalRequest) -> HttpResponse:
    """List everything, drafts as well, newest first."""
    page = paginate(Incident.objects.visible_to(request.user), order=_ORDER, query=request.GET, size=PAGE_SIZE)
    return render(request, "status/console/history.html", {"page": page})
