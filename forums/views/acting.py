"""One press: vote, accept, bookmark, read, watch, delete. A POST each, answered by a part of the page or a way back."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import PersonalRequest
from forums import editing, organising, reading, voting, watching
from forums.constants import Level
from forums.errors import ForumError
from forums.forms import ReadForm, WatchForm
from forums.models import Bookmark, Category, Community, Post, Tag, Topic, Vote, Watch
from forums.models.topic import permalink
from forums.views.returning import way_back
from lib import undoing

View = Callable[..., HttpResponse]

_WATCHED: Mapping[str, type[watching.Target]] = {
    "community": Community, "category": Category, "tag": Tag, "topic": Topic,
}  # fmt: skip


def act(view: View) -> View:
    """A POST by somebody signed in; what is gone for them while they act is 404.

    A visitor is led back to the page after signing in and not to the act, which takes no GET.
    """

    @never_cache
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            to_sign_in = redirect_to_login(way_back(request, _page_of(request)))
            return HttpResponseClientRedirect(to_sign_in.url) if cast("PersonalRequest", request).htmx else to_sign_in
        try:
            return view(cast("PersonalRequest", request), **kwargs)
        except (Post.DoesNotExist, Topic.DoesNotExist, Community.DoesNotExist) as error:
            raise Http404 from error

    return guarded


def _page_of(request: HttpRequest) -> str:
    """Return the page on which the act of this address is pressed; it decides for itself who may see it."""
    match = request.resolver_match
    if match is not None and "pk" in match.kwargs:
        if "/posts/" in request.path:
            return permalink(match.kwargs["pk"])
        return reverse("forums:topic_by_number", args=[match.kwargs["pk"]])
    return reverse("forums:home")


@act
def vote(request: PersonalRequest, pk: int) -> HttpResponse:
    """Say that a post is useful."""
    return _act_on_post(request, pk, lambda: voting.vote(post_id=pk, user=request.user))


@act
def unvote(request: PersonalRequest, pk: int) -> HttpResponse:
    """Take a vote back."""
    return _act_on_post(request, pk, lambda: voting.unvote(post_id=pk, user=request.user))


@act
def bookmark(request: PersonalRequest, pk: int) -> HttpResponse:
    """Keep a post to find it again."""
    return _act_on_post(request, pk, lambda: organising.bookmark(post_id=pk, user=request.user))


@act
def unbookmark(request: PersonalRequest, pk: int) -> HttpResponse:
    """Let a bookmark go, of a post that may be gone as well."""
    if not request.htmx:
        back = way_back(request, permalink(pk))
        if organising.unbookmark(post_id=pk, user=request.user):
            undo_url = f"{reverse('discuss:bookmark', args=[pk])}?{urlencode({'next': back})}"
            undoing.offer(request, _("The bookmark is removed."), undo_url=undo_url)
        return HttpResponseRedirect(back)
    return _act_on_post(request, pk, lambda: organising.unbookmark(post_id=pk, user=request.user))


def _act_on_post(request: PersonalRequest, pk: int, verb: Callable[[], object]) -> HttpResponse:
    refusal = ""
    try:
        verb()
    except ForumError as error:
        refusal = str(error)
    if request.htmx:
        return _render_acts(request, pk, refusal)
    if refusal:
        messages.error(request, refusal)
    return HttpResponseRedirect(way_back(request, permalink(pk)))


def _render_acts(request: PersonalRequest, pk: int, refusal: str) -> HttpResponse:
    posts = Post.objects.visible_to(request.user).select_related("author", "parent", "topic__community")
    post = get_object_or_404(posts.defer("search", "body", "body_html"), pk=pk)
    mine = {"user": request.user, "post": post}
    context = {
        "post": post,
        "topic": post.topic,
        "voted_ids": set(Vote.objects.filter(**mine).values_list("post_id", flat=True)),
        "bookmarked_ids": set(Bookmark.objects.filter(**mine).values_list("post_id", flat=True)),
        "refusal": refusal,
        "is_part": True,
    }
    return render(request, "forums/_post_acts.html", context, status=422 if refusal else 200)


@act
def accept(request: PersonalRequest, pk: int) -> HttpResponse:
    """Accept an answer, in the place of another if there is one."""
    try:
        voting.accept(post_id=pk, actor=request.user)
    except ForumError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The answer is accepted: whoever has this question next finds it at once."))
    return HttpResponseRedirect(way_back(request, permalink(pk)))


@act
def unaccept(request: PersonalRequest, pk: int) -> HttpResponse:
    """Withdraw the acceptance of a topic's answer."""
    topic = _visible_topic(request, pk)
    try:
        voting.unaccept(topic_id=pk, actor=request.user)
    except ForumError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("No answer is accepted any more."))
    return HttpResponseRedirect(way_back(request, topic.get_absolute_url()))


@act
def delete(request: PersonalRequest, pk: int) -> HttpResponse:
    """Take one's own post back."""
    try:
        post = editing.delete_post(post_id=pk, author=request.user)
    except ForumError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(permalink(pk))
    undoing.offer(request, _("It is deleted."), undo_url=reverse("discuss:undelete", args=[pk]))
    topic = post.topic
    return HttpResponseRedirect(topic.community.get_absolute_url() if post.is_opening else topic.get_absolute_url())


@act
def undelete(request: PersonalRequest, pk: int) -> HttpResponse:
    """Take the deletion of one's own post back."""
    try:
        post = editing.undelete_post(post_id=pk, author=request.user)
    except ForumError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(way_back(request, reverse("forums:home")))
    messages.success(request, _("It is back."))
    return HttpResponseRedirect(post.get_absolute_url())


@act
def mark_read(request: PersonalRequest, pk: int) -> HttpResponse:
    """Note how far somebody has read in a topic."""
    topic = _visible_topic(request, pk)
    form = ReadForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Send the number of the last reply that was read."))
    reading.mark(user=request.user, topic=topic, number=form.cleaned_data["number"])
    if request.htmx:
        return HttpResponse(status=204)
    return HttpResponseRedirect(way_back(request, topic.get_absolute_url()))


@act
def mark_all_read(request: PersonalRequest) -> HttpResponse:
    """Count everything up to now as read."""
    reading.mark_all(user=request.user)
    messages.success(request, _("Everything is marked as read."))
    return HttpResponseRedirect(way_back(request, reverse("forums:home")))


@act
def watch(request: PersonalRequest) -> HttpResponse:
    """Be told of news about a community, category, tag or topic, sooner or later or not at all."""
    # "Undo" says in its address what is watched again.
    form = WatchForm(request.POST if "kind" in request.POST else request.GET)
    if not form.is_valid():
        raise BadRequest(_("Choose what to watch, and how soon you want to be told."))
    kind, level = form.cleaned_data["kind"], form.cleaned_data["level"]
    target = _target(request, kind, form.cleaned_data["id"])
    try:
        if level == WatchForm.OFF:
            _unwatch(request, kind, target)
        else:
            watching.watch(user=request.user, target=target, level=Level(int(level)))
    except ForumError as refusal:
        if request.htmx:
            raise PermissionDenied(str(refusal)) from refusal
        messages.error(request, str(refusal))
    if request.htmx:
        return render(request, "forums/_watch.html", _watch_context(request, target))
    return HttpResponseRedirect(way_back(request, _address(target)))


def _unwatch(request: PersonalRequest, kind: str, target: watching.Target) -> None:
    before = Watch.objects.filter(user=request.user, **{kind: target.pk}).values_list("level", flat=True).first()
    if watching.unwatch(user=request.user, target=target) and before is not None and not request.htmx:
        again = {"kind": kind, "id": target.pk, "level": before, "next": way_back(request, "")}
        undo_url = f"{reverse('discuss:watch')}?{urlencode(again)}"
        undoing.offer(request, _("You are told no more of it."), undo_url=undo_url)


def _target(request: PersonalRequest, kind: str, pk: int) -> watching.Target:
    """Return what is watched; 404 unless the person may see it, or watches it from a time when they could."""
    model: Any = _WATCHED[kind]
    target: watching.Target = get_object_or_404(model, pk=pk)
    if isinstance(target, Topic):
        is_seen = Topic.objects.visible_to(request.user).filter(pk=pk).exists()
    else:
        community_id = target.pk if isinstance(target, Community) else target.community_id
        is_seen = Community.objects.visible_to(request.user).filter(pk=community_id).exists()
    if not is_seen and not Watch.objects.filter(user=request.user, **{kind: pk}).exists():
        raise Http404
    return target


def _watch_context(request: PersonalRequest, target: watching.Target) -> dict[str, Any]:
    return {
        "target": target,
        "kind": type(target).__name__.lower(),
        "level": watching.level_of(request.user, [target]).get(target),
        "levels": Level.choices,
        "next": request.POST.get("next", ""),
        "focus": True,
    }


def _address(target: watching.Target) -> str:
    if isinstance(target, Category):
        return target.community.url("category", category=target.slug)
    if isinstance(target, Tag):
        return target.community.url("tag", tag=target.slug)
    return target.get_absolute_url()


def _visible_topic(request: PersonalRequest, pk: int) -> Topic:
    return get_object_or_404(Topic.objects.visible_to(request.user).select_related("community"), pk=pk)
