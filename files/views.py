"""Staging files while a form is being filled."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import PersonalRequest
from files import staging
from lib.body_limit import accepts_files

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Ask for sign-in; a script gets 401 and one sentence, for it would take the sign-in page for an answer."""
    for_people = login_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated and request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return HttpResponse(_("Please sign in again."), status=401, content_type="text/plain; charset=utf-8")
        return for_people(request, *args, **kwargs)

    return guarded


@accepts_files
@signed_in
@never_cache
@require_POST
def stage(request: PersonalRequest) -> HttpResponse:
    """Stage one file and answer its chip, or 422 with the reason as plain text."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _refused(_("Choose a file."))
    try:
        upload = staging.stage(owner=request.user, file=file, name=file.name or "")
    except staging.UploadRefused as refusal:
        return _refused(refusal.reason)
    return render(request, "files/_staged.html", {"upload": upload}, status=201)


@signed_in
@never_cache
@require_POST
def discard(request: PersonalRequest, token: str) -> HttpResponse:
    """Delete one of the person's own staged files."""
    if not staging.discard(owner=request.user, token=token):
        raise Http404
    return HttpResponse(status=204)


def _refused(reason: str) -> HttpResponse:
    return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
