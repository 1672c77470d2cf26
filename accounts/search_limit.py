"""How often somebody may search: each search asks the database more than any other page.

Counted per person, and for visitors per network. Without Redis nobody is counted.
"""

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, get_urlconf

from accounts.networks import network_of

# One a second for as long as the page of the refusal asks to wait: nobody reads so fast.
SEARCHES, SECONDS = 300, 300


class TooManySearchesError(Exception):
    """Tells the page of the refusal what there was too much of."""


def is_reached(request: HttpRequest) -> bool:
    """Count a search, and say whether it is one too many."""
    who = f"user:{request.user.pk}" if request.user.is_authenticated else f"network:{network_of(request)}"
    key = f"accounts:searches:{who}"
    try:
        cache.add(key, 0, SECONDS)
        return int(cache.incr(key)) > SEARCHES
    except ValueError:
        return False


def refusal(request: HttpRequest) -> HttpResponse:
    """Answer 429, by the page that the site has for it."""
    handler: Callable[..., HttpResponse] = get_resolver(get_urlconf()).resolve_error_handler(429)
    return handler(request, TooManySearchesError())
