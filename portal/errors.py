"""The pages of what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """400: the request makes no sense."""
    return HttpResponse(_("This request makes no sense to us."), status=400, content_type="text/plain")


def permission_denied(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """403: known, and not allowed."""
    return HttpResponse(_("You may not do this."), status=403, content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """404: no such page, or none for this person."""
    return HttpResponse(_("There is no such page."), status=404, content_type="text/plain")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return HttpResponse(_("Something went wrong on our side."), status=500, content_type="text/plain")


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was sent than this address takes."""
    return HttpResponse(_("That is more than this page takes."), status=413, content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is too old, or was not sent from our page."""
    return HttpResponse(
        _("This form has expired. Go back, reload and send it again."), status=403, content_type="text/plain"
    )
