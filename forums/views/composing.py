"""What a page asks for while somebody writes: a preview, a place for an image, a place for what they have typed."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonalRequest
from files.http import inline_response
from files.images import stage_image as stage
from files.models import Upload
from files.staging import UploadRefused
from files.views import signed_in
from forums import drafts, images, policies
from forums.errors import ForumError, StaleError
from forums.forms import SavedDraftForm
from forums.models import Community, Post
from forums.rendering import render as render_markdown
from forums.seeds import MAIN
from forums.views.returning import way_back
from lib import undoing
from lib.body_limit import accepts_files
from lib.markdown import MAX_LENGTH
from lib.tokens import is_token

ALT_MAX_LENGTH = 60
# A browser asks again after these seconds: the post of an image may be hidden.
IMAGE_SECONDS = 300
_ALT_SIGNS = str.maketrans("", "", "[]()<>\\`*_!\n\r\t")


@signed_in
@never_cache
@require_POST
def preview(request: PersonalRequest) -> HttpResponse:
    """Render Markdown as it would be shown in one community."""
    text = request.POST.get("text", "")
    slug = request.POST.get("community") or MAIN
    community = get_object_or_404(Community.objects.visible_to(request.user), slug=slug.replace("\x00", ""))
    is_too_long = len(text) > MAX_LENGTH
    html = "" if is_too_long else render_markdown(text, community)
    context = {"html": mark_safe(html), "is_too_long": is_too_long, "limit": MAX_LENGTH}  # noqa: S308 - sanitised by render
    return render(request, "forums/_preview.html", context, status=422 if is_too_long else 200)


@accepts_files
@signed_in
@never_cache
@require_POST
def stage_image(request: PersonalRequest) -> HttpResponse:
    """Take an image in for a post that is being written, and answer the Markdown that shows it, or why not."""
    decision = policies.write(request.user)
    if not decision:
        return _in_words(str(decision.reason), status=403)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _in_words(_("Choose an image."), status=422)
    try:
        upload = stage(owner=request.user, file=file, name=file.name or "")
    except UploadRefused as refusal:
        return _in_words(refusal.reason, status=422)
    return JsonResponse({"markdown": f"![{_alt(file.name or '')}](/forums/images/{upload.token}/)"}, status=201)


def _alt(name: str) -> str:
    """Return a file's name as the words that stand for its image, without what Markdown would read into them."""
    words = " ".join(name.rpartition(".")[0].translate(_ALT_SIGNS).split())
    return words[:ALT_MAX_LENGTH] or _("Image")


def _in_words(reason: str, *, status: int) -> HttpResponse:
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")


@require_safe
def image(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show an image to whoever sees its post; before its post is sent, to the person who pasted it."""
    if not is_token(token):
        raise Http404
    try:
        upload, post = images.visible_image(request.user, token)
    except Upload.DoesNotExist as error:
        raise Http404 from error
    response = inline_response(upload)
    is_public = post is not None and Post.objects.visible_to(AnonymousUser()).filter(pk=post.pk).exists()
    response["Cache-Control"] = f"{'public' if is_public else 'private'}, max-age={IMAGE_SECONDS}"
    return response


@signed_in
@never_cache
@require_POST
def save_draft(request: PersonalRequest) -> HttpResponse:
    """Keep what somebody has typed so far; 409 when another window knows better, or the form has been sent.

    ``saved`` is what the page says about it.
    """
    form = SavedDraftForm(_without_nul(request))
    if not form.is_valid():
        return _in_words(_first_error(form), status=400)
    given = form.cleaned_data
    key, version = given.pop("key"), given.pop("version")
    try:
        draft = drafts.save(user=request.user, key=key, version=version, fields=given, **_sent_as(request))
    except StaleError as stale:
        return JsonResponse({"message": str(stale)}, status=409)
    except ForumError as refusal:
        return _in_words(str(refusal), status=404)
    return JsonResponse({"version": draft.version if draft else 0, "saved": _("Draft saved") if draft else ""})


@signed_in
@never_cache
@require_POST
def discard_draft(request: PersonalRequest) -> HttpResponse:
    """Let a draft go: one's own, whatever it belonged to. A page is led back to its empty form."""
    key = request.POST.get("key", "").replace("\x00", "")
    if not key or len(key) > 60:
        raise BadRequest(_("Say which draft to discard."))
    place = drafts.places(request.user, [key]).get(key)
    is_discarded = drafts.discard(user=request.user, key=key)
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({"version": 0, "saved": ""})
    back = way_back(request, place.url if place else reverse("forum_account:drafts"))
    if is_discarded:
        undo_url = f"{reverse('discuss:restore_draft')}?{urlencode({'key': key, 'next': back})}"
        undoing.offer(request, _("The draft is discarded."), undo_url=undo_url)
    return HttpResponseRedirect(back)


@signed_in
@never_cache
@require_POST
def restore_draft(request: PersonalRequest) -> HttpResponse:
    """Take back that a draft of one's own was let go."""
    key = request.GET.get("key", "")
    if not drafts.is_key(key):
        raise BadRequest(_("Say which draft to bring back."))
    if not drafts.restore(user=request.user, key=key):
        undoing.too_late(request)
    return HttpResponseRedirect(way_back(request, reverse("forum_account:drafts")))


def _without_nul(request: HttpRequest) -> dict[str, Any]:
    return {name: value.replace("\x00", "") for name, value in request.POST.items() if isinstance(value, str)}


def _sent_as(request: HttpRequest) -> dict[str, Any]:
    """Return what the form that is typed into was to become: see ``forms.DraftForm.becomes``."""
    found: dict[str, Any] = {}
    try:
        found["form"] = UUID(request.GET["form"]) if "form" in request.GET else None
    except ValueError:
        found["form"] = None
    edits = request.GET.get("edits", "")
    found["edits"] = int(edits) if edits.isascii() and edits.isdigit() and len(edits) < 10 else None
    return found


def _first_error(form: SavedDraftForm) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)
