"""Where Prometheus' Alertmanager posts to."""

from django.http import HttpResponse, JsonResponse

from accounts.api import ApiRequest, by_method, invalid, read_json
from status import alert_payload, alerts
from status.api.access import ALERTS, endpoint

# A group of two thousand alerts with their annotations.
BODY_LIMIT = 8 * 1024 * 1024  # bytes


@endpoint(ALERTS)
def receive(request: ApiRequest) -> HttpResponse:
    """Bring incidents to what a group of alerts says. Answers 200 with what became of it, also when no rule fits."""
    data = read_json(request, limit=BODY_LIMIT)
    try:
        webhook = alert_payload.read(data, source=request.GET.get("source", ""))
    except alert_payload.BadPayload as error:
        raise invalid({error.field: [error.message]}) from error
    row = alerts.receive(webhook=webhook, owner=request.user, token=request.token)
    return JsonResponse(
        {
            "outcome": row.outcome,
            "incident": row.incident.public_id if row.incident else None,
            "alerts": row.alert_count,
            "ignored": row.ignored,
            "note": row.note,
        }
    )


view = by_method(POST=receive)
