"""Lists of the write API: newest first, a page at a time, by keyset."""

from django.core.exceptions import BadRequest
from django.http import JsonResponse

from accounts.api import ApiError, ApiRequest
from lib import keyset
from status.api import showing
from status.querysets import IncidentQuerySet

PAGE = 50
ORDER = ["-started_at", "-id"]


def listed(request: ApiRequest, name: str, rows: IncidentQuerySet) -> JsonResponse:
    """Answer a page of ``rows``; ``next`` is the address of the one that follows."""
    if request.GET.get("open") == "true":
        rows = rows.unresolved()
    try:
        page = keyset.paginate(showing.joined(rows), order=ORDER, query=request.GET, size=PAGE)
    except BadRequest as error:
        raise ApiError(400, "bad_cursor", str(error)) from error
    return JsonResponse(showing.page(name, map(showing.incident, page.rows), page.next_url))
