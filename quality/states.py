"""Pages that no address leads to by itself: errors, and answers to what a demo cannot be asked."""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import search_limit
from portal import errors
from portal.maintenance import Maintenance


@require_safe
def error(request: HttpRequest, code: int) -> HttpResponse:
    """Answer with the page of an error, as its own handler makes it."""
    pages: dict[int, Callable[[], HttpResponse]] = {
        400: lambda: errors.bad_request(request, BadRequest("The date in the address is none.")),
        403: lambda: errors.permission_denied(request, PermissionDenied("Only the support team may do this.")),
        404: lambda: errors.not_found(request),
        413: lambda: errors.too_large(request),
        419: lambda: errors.csrf_failure(request),
        429: lambda: errors.too_many(request),
        430: lambda: search_limit.refusal(request),
        500: lambda: errors.server_error(request),
        503: lambda: errors.unavailable(request),
        599: lambda: errors.in_maintenance(request, _announced()),
    }
    return pages[code]() if code in pages else errors.not_found(request)


def _announced() -> Maintenance:
    return Maintenance(until=timezone.now() + timedelta(hours=1), message="We move the database to larger machines.")


@require_safe
def template(request: HttpRequest, name: str) -> HttpResponse:
    """Show a template that asks for nothing but what every page has."""
    try:
        return render(request, name)
    except TemplateDoesNotExist:
        return errors.not_found(request)
