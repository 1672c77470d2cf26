"""The desk's door."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from cases import policies

View = Callable[..., HttpResponse]


def at_desk(view: View) -> View:
    """Let in whoever works the desk: a visitor signs in first, everybody else gets 403 with the reason."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policies.work_desk(request.user).require()
        return view(request, *args, **kwargs)

    guarded_and_signed_in: View = never_cache(login_required(guarded))
    return guarded_and_signed_in
