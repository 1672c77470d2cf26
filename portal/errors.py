"""The pages people see when something is not right: plain words, the way back, and never a stack trace."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

REASON_MAX_LENGTH = 300


def _page(request: HttpRequest, template: str, status: int, reason: str = "") -> HttpResponse:
    return render(request, template, {"reason": reason[:REASON_MAX_LENGTH]}, status=status)


def _reason(exception: BaseException | None) -> str:
    """Return what the code that raised said to the reader.

    Only exceptions raised with one sentence speak to people; Django's own carry objects, dicts or nothing.
    """
    arguments = getattr(exception, "args", ())
    first = arguments[0] if arguments else ""
    return first if isinstance(first, str) else ""


@requires_csrf_token
def bad_request(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """400: the request itself is damaged, such as an address edited by hand."""
    # SuspiciousOperation and its kin describe the request to the log, not to its sender.
    return _page(request, "400.html", 400, _reason(exception) if isinstance(exception, BadRequest) else "")


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """403: signed in, and not allowed; the policy's reason is shown."""
    return _page(request, "403.html", 403, _reason(exception))


@requires_csrf_token
def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: there is no such page, or none that this person may know of."""
    return _page(request, "404.html", 404)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more bytes than the site takes."""
    return _page(request, "413.html", 413)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: the form was open for too long, or cookies are off."""
    return _page(request, "403_csrf.html", 403)


def unavailable(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - as the others
    """503: the database is away. Rendered without the request, for nothing that a page has may be asked for."""
    response = HttpResponse(loader.render_to_string("503.html"), status=503)
    response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponseServerError:  # noqa: ARG001 - Django's signature
    """500: our fault. Rendered without the request, so that a lost database cannot break this page as well."""
    try:
        body: str = loader.render_to_string("500.html")
    except Exception:  # noqa: BLE001 - the last page that can be shown must not fail
        body = f"<!doctype html><title>{_('Server error')}</title><h1>{_('Something broke on our side.')}</h1>"
    return HttpResponseServerError(body)
