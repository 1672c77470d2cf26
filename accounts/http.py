"""The request of a view behind sign-in, for type checkers: ``request.user`` is a ``User`` there."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class PersonalRequest(HttpRequest):
    """A request that ``login_required`` let through."""

    user: User
    htmx: "HtmxDetails"
