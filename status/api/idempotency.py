"""The same request twice is done once: the Idempotency-Key header.

Key and answer are written in the transaction of the act. Of two requests at once the second's INSERT waits for the
first's transaction, and then finds its answer, or, when the first came to nothing, does the act itself.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.api import ApiError, ApiRequest
from status.models import IdempotentRequest

KEPT = timedelta(hours=24)
KEY_LIMIT = 200
P = ParamSpec("P")

# An act on the database: status and answer. Whatever it refuses is raised, so that nothing is remembered of it.
Act = Callable[Concatenate[ApiRequest, P], tuple[int, dict[str, Any]]]


def once(act: Act[P]) -> Callable[Concatenate[ApiRequest, P], JsonResponse]:
    """Make a view of an act, which is done once for each key. Without a key it is done each time.

    Only what succeeded is remembered: a request that was refused may be corrected and sent again with its key.
    """

    @wraps(act)
    def view(request: ApiRequest, /, *args: P.args, **kwargs: P.kwargs) -> JsonResponse:
        key = _key(request)
        if not key:
            with transaction.atomic():
                status, answer = act(request, *args, **kwargs)
            return JsonResponse(answer, status=status)
        with transaction.atomic():
            row, is_known = _claim(request, key)
            if is_known:
                headers = {"Idempotent-Replayed": "true"}
                return JsonResponse(row.answer, status=row.status or 200, headers=headers)
            row.status, row.answer = act(request, *args, **kwargs)
            row.save(update_fields=["status", "answer"])
        return JsonResponse(row.answer, status=row.status)

    return view


def _key(request: ApiRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_LIMIT or not key.isascii() or not key.isprintable():
        message = _("A key has up to %(limit)d printable ASCII characters.") % {"limit": KEY_LIMIT}
        raise ApiError(400, "bad_idempotency_key", message)
    return key


def _claim(request: ApiRequest, key: str) -> tuple[IdempotentRequest, bool]:
    rows = IdempotentRequest.objects.filter(token=request.token, key=key)
    rows.filter(created_at__lt=timezone.now() - KEPT).delete()
    digest = hashlib.sha256(b"\0".join([(request.method or "").encode(), request.path.encode(), request.body]))
    mine = IdempotentRequest(token=request.token, key=key, digest=digest.hexdigest())
    IdempotentRequest.objects.bulk_create([mine], ignore_conflicts=True)
    row = rows.select_for_update().get()
    if row.digest != mine.digest:
        raise ApiError(409, "idempotency_key_reused", _("This key was used for another request."))
    return row, row.status is not None
