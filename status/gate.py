"""Who may post to pages that hold no token: people with a browser, from our own pages; programs after a second look.

Pages that every cache may keep cannot hold a CSRF token or anything else of their reader's. What tells a form of ours
from somebody else's are headers that browsers set and scripts on other sites cannot: Sec-Fetch-Site (all browsers since
2023), before it Origin and Referer. https://www.w3.org/TR/fetch-metadata/
"""

import enum
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts.networks import network_of

P = ParamSpec("P")

# No field that a browser fills in by itself; people do not see it.
HONEYPOT = "topic"
STAMP = "stamp"
STAMP_SECONDS = (2, 24 * 3600)
POSTS_PER_CLIENT = 60  # an hour
_SALT = "status.gate"


class Sender(enum.Enum):
    """What a post's headers say of where it comes from."""

    OURS = "ours"  # a browser says so
    UNKNOWN = "unknown"  # no browser of these years, or a program
    FOREIGN = "foreign"  # a browser says that another site's page sent it


def sender(request: HttpRequest) -> Sender:
    """Return what the request's headers say."""
    origin = request.headers.get("Origin", "")
    site = request.headers.get("Sec-Fetch-Site", "")
    if site and site != "none":
        # The status site on its own domain is a sibling of the portal, not a stranger.
        is_ours = site == "same-origin" or (site == "same-site" and origin in own_origins())
        return Sender.OURS if is_ours else Sender.FOREIGN
    source = origin if origin and origin != "null" else origin_of(request.headers.get("Referer", ""))
    if not source:
        return Sender.FOREIGN if origin == "null" else Sender.UNKNOWN
    # A program writes any Origin it likes: it only says that no other site's page is behind it.
    return Sender.UNKNOWN if source in {*own_origins(), origin_of(request.build_absolute_uri())} else Sender.FOREIGN


def own_origins() -> set[str]:
    """Return the portal's and the status site's."""
    return {origin_of(settings.PORTAL_URL), origin_of(settings.STATUS_URL)}


def origin_of(url: str) -> str:
    """Return scheme, host and port as a browser names them; nothing for what is no address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not parts.scheme or not host:
        return ""
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if port in {None, standard} else f":{port}")


def own_pages_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view be posted to without a CSRF token, but from no other site's pages."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and sender(request) is Sender.FOREIGN:
            raise PermissionDenied(_("This form was sent from another site. Please use the one here."))
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


def from_elsewhere(request: HttpRequest) -> bool:
    """Say whether another site's page is behind a request, for pages whose address is the key: they send no Origin."""
    return request.headers.get("Sec-Fetch-Site", "") == "cross-site"


def new_stamp() -> str:
    """Return what says when a form was drawn."""
    return signing.TimestampSigner(salt=_SALT).sign("form")


def is_stamped(request: HttpRequest) -> bool:
    """Say whether the form was drawn here, by somebody who took as long as a person and no longer than a day."""
    shortest, longest = STAMP_SECONDS
    stamp, signer = request.POST.get(STAMP, ""), signing.TimestampSigner(salt=_SALT)
    try:
        signer.unsign(stamp, max_age=longest)
    except signing.BadSignature:
        return False
    try:
        signer.unsign(stamp, max_age=shortest)
    except signing.SignatureExpired:
        return True
    return False


def is_person(request: HttpRequest) -> bool:
    """Say whether a sign-up counts at once: a browser of ours, or a form that was drawn for whoever sent it."""
    return sender(request) is Sender.OURS or is_stamped(request)


def is_trapped(request: HttpRequest) -> bool:
    """Say whether a field was filled in that people do not see."""
    return bool(request.POST.get(HONEYPOT))


def client_of(request: HttpRequest) -> str:
    """Return where a request comes from, as a hash that only this portal can make."""
    return salted_hmac("status.client", network_of(request)).hexdigest()[:32]


def posts_too_much(request: HttpRequest) -> bool:
    """Count a post. Without Redis nobody is counted here: the verbs' limits are in the database."""
    key = f"status:posts:{client_of(request)}"
    try:
        cache.add(key, 0, 3600)
        return int(cache.incr(key)) > POSTS_PER_CLIENT
    except ValueError:
        return False
