"""The pages people see when something is not right: plain words, the way on, and never a stack trace.

A request of htmx gets one message instead, for the place where the page shows messages.
"""

import math
import re
from collections.abc import Callable
from functools import wraps
from urllib.parse import unquote

from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from accounts.search_limit import TooManySearchesError
from lib import languages
from portal.maintenance import Maintenance

REASON_MAX_LENGTH = 300
# What the limits of sign-in look back on, in seconds: ACCOUNT_RATE_LIMITS.
TRY_AGAIN_SECONDS = 300
DATABASE_RETRY_SECONDS = 10
_WORDS_SUGGESTED = 4
_WORD = re.compile(r"[^\W\d_]{3,30}")

Handler = Callable[..., HttpResponse]


def in_readers_language(handler: Handler) -> Handler:
    """Speak the language that the browser asks for where no middleware has found one yet."""

    @wraps(handler)
    def speaking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if hasattr(request, "LANGUAGE_CODE"):
            return handler(request, *args, **kwargs)
        with translation.override(translation.get_language_from_request(request)):
            return handler(request, *args, **kwargs)

    return speaking


def _page(
    request: HttpRequest, template: str, status: int, said: str, *, reason: str = "", **context: object
) -> HttpResponse:
    reason = reason[:REASON_MAX_LENGTH]
    if is_part(request):
        return message(reason or said, status)
    return render(request, template, {"reason": reason, **context}, status=status)


def is_part(request: HttpRequest) -> bool:
    """Say whether the answer becomes a part of a page that is there already."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def message(text: str, status: int) -> HttpResponse:
    """Answer htmx with one sentence; static/js/portal.js puts it with the page's other messages."""
    body = loader.render_to_string("components/message.html", {"message": Message(constants.ERROR, text)})
    return HttpResponse(body, status=status, headers={"HX-Retarget": "#messages", "HX-Reswap": "beforeend"})


def _reason(exception: BaseException | None) -> str:
    """Return what the code that raised said to the reader.

    Only exceptions raised with one sentence speak to people; Django's own carry objects, dicts or nothing.
    """
    arguments = getattr(exception, "args", ())
    first = arguments[0] if arguments else ""
    return first if isinstance(first, str) else ""


@in_readers_language
@requires_csrf_token
def bad_request(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """400: the request itself is damaged, such as an address edited by hand."""
    # SuspiciousOperation and its kin describe the request to the log, not to its sender.
    reason = _reason(exception) if isinstance(exception, BadRequest) else ""
    return _page(request, "400.html", 400, _("That request does not make sense to us."), reason=reason)


@in_readers_language
@requires_csrf_token
def permission_denied(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """403: signed in, and not allowed; the policy's reason is shown."""
    return _page(request, "403.html", 403, _("You may not do this."), reason=_reason(exception))


@in_readers_language
@requires_csrf_token
def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: there is no such page, or none that this person may know of. It depends on the address alone."""
    words = _words_of(request.path)
    return _page(request, "404.html", 404, _("This is no longer here. Reload the page."), words=words)


def _words_of(path: str) -> str:
    """Return what an address seems to be about, for a search: the words of its last part."""
    last = unquote(path[:500]).rstrip("/").rpartition("/")[2]
    return " ".join(_WORD.findall(last)[:_WORDS_SUGGESTED])


@in_readers_language
def too_large(request: HttpRequest) -> HttpResponse:
    """413: more bytes than the site takes."""
    return _page(request, "413.html", 413, _("That is more than we can take at once."))


@in_readers_language
def too_many(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """429: too many tries or searches in a short time; it says when to try again."""
    minutes = math.ceil(TRY_AGAIN_SECONDS / 60)
    is_search = isinstance(exception, TooManySearchesError)
    said = _("Too many searches in a short time.") if is_search else _("Too many tries in a short time.")
    response = _page(request, "429.html", 429, said, minutes=minutes, is_search=is_search)
    response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return response


@in_readers_language
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: the form was open for too long, or cookies are off."""
    return _page(request, "403_csrf.html", 403, _("This page was open for too long. Reload it and try again."))


@in_readers_language
def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database is away. Rendered without the request, for nothing that a page has may be asked for."""
    said = _("This page is away for a moment. Try again in a few minutes.")
    return _away(request, "503.html", said, DATABASE_RETRY_SECONDS, {})


@in_readers_language
def in_maintenance(request: HttpRequest, maintenance: Maintenance) -> HttpResponse:
    """503: whoever runs the portal has switched it off for a while, and says until when."""
    said = _("We are working on the portal. Try again in a few minutes.")
    return _away(request, "maintenance.html", said, maintenance.retry_after, {"maintenance": maintenance})


def _away(request: HttpRequest, template: str, said: str, retry_after: int, context: dict[str, object]) -> HttpResponse:
    response = message(said, 503) if is_part(request) else HttpResponse(_standing_alone(template, said, context))
    response.status_code = 503
    response["Retry-After"] = str(retry_after)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@in_readers_language
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Rendered without the request, so that a lost database cannot break this page as well."""
    said = _("Something broke on our side.")
    if is_part(request):
        return message(said, 500)
    return HttpResponseServerError(_standing_alone("500.html", said, {}))


def _standing_alone(template: str, said: str, context: dict[str, object]) -> str:
    """Render a page of its own, or, where even that fails (a style sheet that was never collected), its sentence."""
    try:
        body: str = loader.render_to_string(template, context)
    except Exception:  # noqa: BLE001 - the last page that can be shown must not fail
        body = format_html(
            '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            '<title>{}</title><h1>{}</h1><p><a href="{}/">{}</a></p></html>',
            languages.tag(languages.active()),
            said,
            said,
            settings.STATUS_URL,
            _("See the system status"),
        )
    return body
