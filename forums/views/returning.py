"""What somebody wrote, given back when it cannot be sent: nobody's text is answered with a bare error page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from forums import drafts
from forums.forms import DRAFT_MAX_LENGTH
from forums.models import Topic

View = Callable[..., HttpResponseBase]


def for_writers(view: View) -> View:
    """A form for somebody signed in. Whoever was signed out while they wrote has their text given back."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST" and _written(request):
            context = {**_texts(request), "here": request.get_full_path()}
            return render(request, "forums/signed_out.html", context, status=403)
        return redirect_to_login(request.get_full_path())

    return guarded


def gone(request: PersonalRequest, key: str, *, moved_to: Topic | None = None) -> HttpResponse:
    """Say that the thing somebody wrote to is no longer there, keep the text as their draft, and show it to copy.

    The same for what never existed: the page tells nobody which of the two it is.
    """
    if request.method != "POST" or not _written(request) or not drafts.is_key(key):
        if moved_to is not None:
            return redirect(moved_to)
        raise Http404
    texts = _texts(request)
    draft = drafts.keep(request.user, drafts.reply_key(moved_to) if moved_to else key, **texts)
    reply_url = reverse("discuss:reply", args=[moved_to.pk]) if moved_to else ""
    context = {**texts, "draft": draft, "moved_to": moved_to, "reply_url": reply_url}
    return render(request, "forums/gone.html", context, status=404)


def way_back(request: HttpRequest, default: str) -> str:
    """Return where the page asked to be led, if that is on this site; else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and is_ours else default


def _written(request: HttpRequest) -> bool:
    return bool(request.POST.get("body", "").strip())


def _texts(request: HttpRequest) -> dict[str, str]:
    limits = {"title": 300, "body": DRAFT_MAX_LENGTH}
    return {name: request.POST.get(name, "").replace("\x00", "")[:limit] for name, limit in limits.items()}
