"""What happens to every signed-in request: privacy, the person's time zone and language, staff's second factor."""

from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]

# Signing in, out and setting up the second factor itself; and what belongs to nobody.
_OPEN_TO_ALL = ("/accounts/", "/healthz", "/readyz", "/favicon.ico")


class PrivatePagesMiddleware:
    """Keeps every page of somebody signed in out of caches, unless its view has said otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:  # noqa: D102 - Django's protocol
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class PersonalTimeZoneMiddleware:
    """Shows times in the reader's zone and words in the language of their profile."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:  # noqa: D102 - Django's protocol
        user = request.user if isinstance(request.user, User) else None
        if user and user.language and translation.check_for_language(user.language):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        with timezone.override(user.zone if user else None):
            return self.get_response(request)


class StaffMfaMiddleware:
    """Sends staff without a second factor to set one up, where ``STAFF_MFA_REQUIRED`` demands it.

    Who has one was asked for it when they signed in: allauth lets nobody past that.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:  # noqa: D102 - Django's protocol
        if self._is_missing(request):
            messages.warning(request, _("Staff need a second factor to sign in. Set one up to go on."))
            url = reverse("mfa_index")
            if request.headers.get("HX-Request"):
                return HttpResponseClientRedirect(url)
            return HttpResponseRedirect(url)
        return self.get_response(request)

    @staticmethod
    def _is_missing(request: HttpRequest) -> bool:
        if not settings.STAFF_MFA_REQUIRED or request.path.startswith((*_OPEN_TO_ALL, settings.STATIC_URL)):
            return False
        user = request.user
        return isinstance(user, User) and user.is_staff and not get_adapter().is_mfa_enabled(user)
