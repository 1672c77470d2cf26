"""Answering a Production Down alert from the link in its mail."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from cases import oncall
from cases.desk_views.access import at_desk
from cases.models import Alert
from lib.tokens import is_token


@at_desk
@require_http_methods(["GET", "POST"])
def acknowledge(request: PersonalRequest, token: str) -> HttpResponse:
    """Show whose production is down and ask; only the answer (POST) stops the alert."""
    alerts = Alert.objects.select_related(
        "acknowledged_by", "case__account__plan", "case__contact__user", "case__product", "case__owner"
    )
    alert = alerts.filter(token=token).first() if is_token(token) else None
    if alert is None:
        raise Http404
    if request.method == "POST":
        answered = oncall.acknowledge(token=token, actor=request.user)
        if answered.acknowledged_by_id == request.user.pk:
            messages.success(request, _("You are on it: the on-call list is not alerted any further."))
        else:
            messages.info(request, _("%(name)s acknowledged this alert before.") % {"name": answered.acknowledged_by})
        return HttpResponseRedirect(alert.case.get_desk_url())
    return render(request, "cases/desk/alert.html", {"alert": alert, "case": alert.case})
