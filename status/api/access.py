"""Who may use the write API, and what its refusals look like."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.csrf import csrf_exempt

from accounts.api import ApiError, ApiRequest, authenticated
from accounts.api_scopes import register_scope
from status import policies
from status.changes import By
from status.constants import Origin
from status.errors import Changed, StatusError

P = ParamSpec("P")
View = Callable[Concatenate[ApiRequest, P], HttpResponse]

INCIDENTS, MAINTENANCE, COMPONENTS, ALERTS = (
    "status.incidents",
    "status.maintenance",
    "status.components",
    "status.alerts",
)


def register_scopes() -> None:
    """Tell the administration what tokens of the status site may be made for."""
    register_scope(INCIDENTS, _l("Read, open and update incidents"))
    register_scope(MAINTENANCE, _l("Read, schedule and move maintenance"))
    register_scope(COMPONENTS, _l("Read components and set their status"))
    register_scope(ALERTS, _l("Receive alerts of Prometheus' Alertmanager"))


def endpoint(scope: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let a token with ``scope`` in whose owner operates the status site; say in JSON what the verbs refuse."""

    def wrap(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @authenticated(scope)
        @wraps(view)
        def guarded(request: ApiRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            policies.operate(request.user).require()
            try:
                return view(request, *args, **kwargs)
            except Changed as error:
                raise ApiError(409, "changed", str(error)) from error
            except StatusError as error:
                raise ApiError(422, "refused", str(error)) from error
            except ObjectDoesNotExist as error:
                raise Http404 from error

        return guarded

    return wrap


def by(request: ApiRequest) -> By:
    """Return who acts: the token's owner, through the API."""
    return By(actor=request.user, origin=Origin.API)


@csrf_exempt
def unknown(_request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - of the address
    """Answer an address that there is not, in JSON."""
    return ApiError(404, "not_found", _("There is no such address. Every one ends with a slash.")).response()
