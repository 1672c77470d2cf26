"""What a page asks for while somebody writes about a case: a place for what they have typed so far."""

from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import PersonalRequest
from cases import drafts
from files.views import signed_in
from lib import undoing
from lib.body_limit import accepts_files

_VERSION_MAX = 2**53  # what a browser counts exactly


@signed_in
@never_cache
@require_POST
def save_draft(request: PersonalRequest) -> HttpResponse:
    """Keep what somebody has typed so far; 409 when another window knows better, or the form has been sent.

    ``saved`` is what the page says about it.
    """
    key = _key(request)
    given = {name: request.POST.get(name, "").replace("\x00", "") for name in drafts.fields_of(key)}
    if any(len(text) > drafts.FIELD_MAX_LENGTH for text in given.values()):
        return _in_words(_("This text is too long to be kept as a draft."), status=413)
    try:
        draft = drafts.save(
            user=request.user, key=key, version=_version(request), fields=given, form=_form_token(request)
        )
    except drafts.StaleDraftError as stale:
        return JsonResponse({"message": str(stale)}, status=409)
    except drafts.DraftError as refusal:
        return _in_words(str(refusal), status=404)
    return JsonResponse({"version": draft.version if draft else 0, "saved": _("Draft saved") if draft else ""})


# The form's files come along when its button for this is pressed.
@accepts_files
@signed_in
@never_cache
@require_POST
def discard_draft(request: PersonalRequest) -> HttpResponse:
    """Let a draft of one's own go, and offer to take that back."""
    key = _key(request)
    if drafts.discard(user=request.user, key=key):
        undo_url = f"{reverse('cases:restore_draft')}?{urlencode({'key': key})}"
        undoing.offer(request, _("The draft is discarded."), undo_url=undo_url)
    return HttpResponseRedirect(_page_of(request, key))


@signed_in
@never_cache
@require_POST
def restore_draft(request: PersonalRequest) -> HttpResponse:
    """Take back that a draft was let go."""
    key = _key(request)
    if not drafts.restore(user=request.user, key=key):
        undoing.too_late(request)
    return HttpResponseRedirect(_page_of(request, key))


def _key(request: HttpRequest) -> str:
    key = request.POST.get("key") or request.GET.get("key", "")
    if not drafts.fields_of(key):
        raise BadRequest(_("This draft belongs to no form that we know."))
    return key


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= 16 and int(version) <= _VERSION_MAX):
        raise BadRequest(_("This draft belongs to no form that we know."))
    return int(version)


def _form_token(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("form", ""))
    except ValueError:
        return None


def _page_of(request: PersonalRequest, key: str) -> str:
    """Return where the form of a draft stands: the page that the person came from if it says so, with its own query."""
    kind, _sep, target = key.partition(":")
    places = {
        drafts.FILE: ("desk:file", ""),
        drafts.REPLY: ("cases:detail", "#reply"),
        drafts.ANSWER: ("desk:case", "#composer"),
        drafts.NOTE: ("desk:case", "#composer"),
    }
    if kind in places:
        name, anchor = places[kind]
        return f"{reverse(name, args=[int(target)])}{anchor}"
    came_from = request.headers.get("Referer", "")
    form = reverse("cases:create")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if is_ours and f"{form}?" in came_from else form


def _in_words(reason: str, *, status: int) -> HttpResponse:
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")
