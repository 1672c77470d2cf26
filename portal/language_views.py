"""Choosing a language: a page of its own, since pages that anyone may cache hold no form."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import personal
from accounts.models import User
from lib import languages
from lib.addresses import is_of_this_site

NEXT_LIMIT = 2000  # characters; a longer address is nobody's


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Offer the languages; keep the choice in a cookie, and in the profile of somebody signed in."""
    wanted = request.POST.get("language")
    if request.method == "POST" and wanted is not None and wanted == languages.offered(wanted):
        if isinstance(request.user, User):
            personal.choose_language(user=request.user, language=wanted)
        return _remembering(HttpResponseRedirect(_target(request.POST.get("next", ""))), wanted)
    context = {
        "languages": languages.names().items(),
        "chosen": _chosen(request),
        "next": _target(request.POST.get("next", "") or request.GET.get("next", "")),
        "is_unknown": request.method == "POST",
    }
    return render(request, "portal/language.html", context, status=422 if request.method == "POST" else 200)


def _remembering(response: HttpResponse, wanted: str) -> HttpResponse:
    """Set the cookie that ``LocaleMiddleware`` reads; without a choice the browser's own wishes count again."""
    if not wanted:
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
            samesite="Lax",
        )
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        wanted,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _chosen(request: HttpRequest) -> str:
    """Return the choice that counts now; empty while it is the browser's."""
    profile = request.user.language if isinstance(request.user, User) else ""
    return languages.offered(profile) or languages.offered(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def _target(url: str) -> str:
    """Return a page of this site to go back to: the start page for anything else, and instead of this page itself."""
    is_ours = len(url) <= NEXT_LIMIT and is_of_this_site(url)
    return url if is_ours and not url.startswith("/language/") else "/"
