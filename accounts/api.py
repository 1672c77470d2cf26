"""JSON views for machines: a token in the Authorization header and nothing else opens them.

    @authenticated("status.incidents")
    def create_incident(request: ApiRequest) -> JsonResponse:
        data = read_json(request)

    path("incidents/", by_method(GET=list_incidents, POST=create_incident))

Every refusal has one shape: ``{"error": {"code": …, "message": …, "fields": {name: [sentences]}}}``.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts import api_tokens
from accounts.models import ApiToken, User
from accounts.networks import network_of
from lib import json_body

logger = logging.getLogger(__name__)
P = ParamSpec("P")

BODY_LIMIT = 1024 * 1024  # bytes
# Requests without a good token, per network address. Good tokens are never held up by their neighbours' bad ones.
FAILURES, FAILURES_SECONDS = 30, 60


class ApiRequest(HttpRequest):
    """A request that ``authenticated`` let through."""

    user: User
    token: ApiToken


View = Callable[Concatenate[ApiRequest, P], HttpResponse]


class ApiError(Exception):
    """A refusal, told in the shape that every refusal has. ``headers`` go with it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.fields, self.headers = dict(fields or {}), dict(headers or {})

    def response(self) -> JsonResponse:
        """Return it as the answer."""
        error = {"code": self.code, "message": self.message, "fields": self.fields}
        return JsonResponse({"error": error}, status=self.status, headers=self.headers)


def invalid(fields: Mapping[str, Sequence[str]], message: str = "") -> ApiError:
    """Return the refusal of what was sent, by field."""
    return ApiError(422, "invalid", message or _("Something in the request is not right."), fields=fields)


def authenticated(scope: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let a view be reached by a token with ``scope``; it acts as the token's owner, who is ``request.user``.

    A session does not count, so there is nothing for another site to forge. Whatever the view's policies, lookups and
    forms raise (``PermissionDenied``, ``Http404``, ``ValidationError``, ``ApiError``) is answered in JSON.
    """

    def wrap(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                response = view(_let_in(request, scope), *args, **kwargs)
            except (ApiError, PermissionDenied, Http404, ValidationError) as error:
                response = as_api_error(error).response()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return wrap


def by_method(**views: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Return one view of several, each for its method; any other method is 405 in JSON."""
    allowed = ", ".join(views)

    @csrf_exempt
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        view = views.get(method)
        if view is None:
            message = _("This address takes %(methods)s.") % {"methods": allowed}
            return ApiError(405, "method_not_allowed", message, headers={"Allow": allowed}).response()
        return view(request, *args, **kwargs)

    return dispatch


def read_json(request: HttpRequest, *, limit: int = BODY_LIMIT) -> dict[str, Any]:
    """Return the request's body, which must be one JSON object of at most ``limit`` bytes. Raises ``ApiError``."""
    kind = (request.content_type or "").lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ApiError(415, "not_json", _("Send JSON, with the header Content-Type: application/json."))
    try:
        body = request.body
    except UnreadablePostError as error:
        raise ApiError(400, "unreadable", _("The request's body broke off.")) from error
    if len(body) > limit:
        raise ApiError(413, "too_large", _("The body may have %(limit)d bytes at most.") % {"limit": limit})
    try:
        value = json_body.parse(body)
    except json_body.BadJson as error:
        raise ApiError(400, "bad_json", str(error)) from error
    if not isinstance(value, dict):
        raise ApiError(400, "bad_json", _("The body must be a JSON object."))
    return value


def as_api_error(error: Exception) -> ApiError:
    """Return what the site's own exceptions say, in the shape of the API."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            by_field = {name: list(said) for name, said in error.message_dict.items()}
            general = by_field.pop(NON_FIELD_ERRORS, [])
            return invalid(by_field, " ".join(general))
        return invalid({}, " ".join(error.messages))
    if isinstance(error, PermissionDenied):
        return ApiError(403, "forbidden", str(error) or _("The token's owner may not do this."))
    return ApiError(404, "not_found", _("There is no such thing."))


def _let_in(request: HttpRequest, scope: str) -> ApiRequest:
    plain = _bearer(request)
    token = api_tokens.find(plain) if plain else None
    if token is None:
        _count_failure(request)
        if plain:
            message, error = _("The token is unknown, expired or withdrawn."), ', error="invalid_token"'
        else:
            message, error = _("Send a token in the header Authorization: Bearer …"), ""
        raise ApiError(401, "unauthorized", message, headers={"WWW-Authenticate": _challenge(error)})
    api_tokens.note_use(token)
    if scope not in token.scopes:
        message = _("The token lacks the scope %(scope)s.") % {"scope": scope}
        challenge = _challenge(f', error="insufficient_scope", scope="{scope}"')
        raise ApiError(403, "missing_scope", message, headers={"WWW-Authenticate": challenge})
    let_in: Any = request
    let_in.user, let_in.token = token.owner, token
    known: ApiRequest = let_in
    return known


def _bearer(request: HttpRequest) -> str:
    kind, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if kind.lower() == "bearer" else ""


def _challenge(details: str) -> str:
    """Return what RFC 6750 says to a client without a good token."""
    realm = settings.PORTAL_NAME.encode("ascii", "ignore").decode().replace('"', "")
    return f'Bearer realm="{realm}"{details}'


def _count_failure(request: HttpRequest) -> None:
    """Raise the refusal of who fails too often. Without Redis nobody is counted: a token has 256 random bits."""
    key = f"accounts:api-failures:{network_of(request)}"
    try:
        cache.add(key, 0, FAILURES_SECONDS)
        failures = cache.incr(key)
    except ValueError:
        return
    if failures == FAILURES + 1:
        logger.warning("Too many API requests without a good token from %s.", network_of(request))
    if failures > FAILURES:
        raise ApiError(
            429,
            "too_many_failures",
            _("Too many requests without a good token. Wait a minute."),
            headers={"Retry-After": str(FAILURES_SECONDS)},
        )
