"""Components over the write API."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse

from accounts.api import ApiRequest, by_method, read_json
from status import components
from status.api import showing
from status.api.access import COMPONENTS, by, endpoint
from status.api.fields import Fields
from status.api.idempotency import once
from status.constants import ComponentStatus
from status.models import Component


def _joined() -> QuerySet[Component]:
    return Component.objects.present().in_order().select_related("group", "region")


@endpoint(COMPONENTS)
def list_components(_request: ApiRequest) -> HttpResponse:
    """List the components in service: those there are, for they are few."""
    return JsonResponse({"components": [showing.component(row) for row in _joined()]})


@endpoint(COMPONENTS)
def show_component(_request: ApiRequest, component: str) -> HttpResponse:
    """Show one component."""
    return JsonResponse(showing.component(_joined().get(public_id=component)))


@endpoint(COMPONENTS)
@once
def set_status(request: ApiRequest, component: str) -> tuple[int, dict[str, Any]]:
    """Set a component's own status; what open incidents give it holds where that is worse."""
    fields = Fields(read_json(request))
    status = fields.choice("status", ComponentStatus.values)
    deliver = fields.flag("deliver_notifications", default=True)
    fields.check()
    components.set_status(by=by(request), public_id=component, status=status, deliver=deliver)
    return 200, showing.component(_joined().get(public_id=component))


collection = by_method(GET=list_components)
one = by_method(GET=show_component, PATCH=set_status)
