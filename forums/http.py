"""What views of the forums share: the community of an address, and pages that a cache may keep."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers
from django.utils.http import urlencode

from forums.models import Community

View = Callable[..., HttpResponseBase]


def in_community(view: View) -> View:
    """Give ``view`` the community of its address in the place of the slug; 404 where the reader may not enter.

    A community that has an address of its own answers at ``/communities/<slug>/`` by leading there.
    """

    @wraps(view)
    def entered(request: HttpRequest, community: str, **arguments: Any) -> HttpResponseBase:
        found = get_object_or_404(Community.objects.visible_to(request.user), slug=community)
        elsewhere = _own_address(request, found)
        return moved_for_good(request, elsewhere) if elsewhere else view(request, found, **arguments)

    return entered


def _own_address(request: HttpRequest, community: Community) -> str:
    """Return the same page under the community's own address; empty when the reader is there."""
    match = request.resolver_match
    if match is None or match.namespace != "communities" or community.slug not in settings.COMMUNITY_MOUNTS:
        return ""
    return community.url(
        match.url_name or "home", **{key: value for key, value in match.kwargs.items() if key != "community"}
    )


def moved_for_good(request: HttpRequest, url: str) -> HttpResponse:
    """Lead to ``url`` for good, the query kept; asked again each time, for a title may change back."""
    query = request.GET.urlencode()
    is_read = request.method in ("GET", "HEAD")
    response = HttpResponsePermanentRedirect(f"{url}?{query}" if query else url, preserve_request=not is_read)
    patch_cache_control(response, max_age=0, must_revalidate=True)
    return response


def public_page(view: View) -> View:
    """Let caches keep what ``view`` shows to nobody in particular; they ask each time whether it still holds.

    Such a page must be the same for every visitor of a language: no form with a token, no nonce, no clock. Django's
    ``ConditionalGetMiddleware`` makes its validator of the page's bytes and answers 304. Whoever carries a session or
    a message gets a page of their own, which nobody keeps.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        if is_anybody(request):
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        else:
            add_never_cache_headers(response)
        return response

    return answered


def is_anybody(request: HttpRequest) -> bool:
    """Say whether the request tells nothing about who reads: neither a session nor a message is waiting."""
    return not {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name} & request.COOKIES.keys()


def sign_in_url(request: HttpRequest, anchor: str = "") -> str:
    """Return the address of the sign-in page that leads back to this one."""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path() + anchor})}"
