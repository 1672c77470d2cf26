"""Keeping topics in order: their author closes, moderators do the rest. What cannot be taken back asks once more."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.http import PersonalRequest
from accounts.models import User
from forums import editing, organising, policies
from forums.errors import ForumError
from forums.forms import MoveForm, OtherTopicForm, RetagForm
from forums.models import Category, Community, Post, Topic
from forums.views.acting import act
from forums.views.returning import for_writers, way_back
from forums.views.writing import tag_options

_TOPIC_ADDRESS = re.compile(r"(?:\A#?|/t/)([0-9]{1,18})(?:/|\Z)", re.ASCII)
_POST_ADDRESS = re.compile(r"/p/([0-9]{1,18})(?:/|\Z)", re.ASCII)

Verb = Callable[..., Topic]
_STATES: dict[str, tuple[Verb, dict[str, bool], Any]] = {
    "close": (organising.set_closed, {"closed": True}, _l("The topic is closed: it takes no more replies.")),
    "reopen": (organising.set_closed, {"closed": False}, _l("The topic is open again.")),
    "lock": (organising.set_locked, {"locked": True}, _l("The topic is locked: only moderators write in it now.")),
    "unlock": (organising.set_locked, {"locked": False}, _l("The topic is unlocked.")),
    "pin": (organising.set_pinned, {"pinned": True}, _l("The topic is pinned above its community's lists.")),
    "unpin": (organising.set_pinned, {"pinned": False}, _l("The topic is back in its place.")),
}


@act
def change_state(request: PersonalRequest, pk: int) -> HttpResponse:
    """Close, lock or pin a topic, or take that back."""
    if request.POST.get("act") not in _STATES:
        raise BadRequest(_("Choose what to do with the topic."))
    verb, arguments, done = _STATES[request.POST["act"]]
    topic = _visible_topic(request.user, pk)
    try:
        topic = verb(topic_id=pk, actor=request.user, **arguments)
    except ForumError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(done))
    return HttpResponseRedirect(way_back(request, topic.get_absolute_url()))


@for_writers
def retag(request: PersonalRequest, pk: int) -> HttpResponse:
    """Change a topic's tags."""
    topic = _visible_topic(request.user, pk)
    policies.retag(request.user, topic).require()
    tags = " ".join(topic.tags.order_by("slug").values_list("slug", flat=True))
    form = RetagForm(request.POST if request.method == "POST" else None, initial={"tags": tags})
    if form.is_bound and form.is_valid():
        try:
            editing.retag(topic_id=pk, actor=request.user, tags=form.cleaned_data["tags"])
        except ForumError as refusal:
            form.add_error("tags", str(refusal))
        else:
            messages.success(request, _("The tags are changed."))
            return HttpResponseRedirect(topic.get_absolute_url())
    extra = {"tags_in_use": tag_options(topic.community)}
    return _page(request, topic, form, title=_("Change the tags"), button=_("Save tags"), **extra)


@for_writers
def move(request: PersonalRequest, pk: int) -> HttpResponse:
    """Move a topic to another category, of any community that the person moderates."""
    topic = _moderated_topic(request.user, pk)
    shelves = _shelves(request.user)
    data = request.POST if request.method == "POST" else None
    form = MoveForm(data, shelves=shelves, initial={"category": topic.category_id})
    if form.is_bound and form.is_valid():
        shelf = next(one for one in shelves if one.pk == form.cleaned_data["category"])
        try:
            topic = organising.move(topic_id=pk, actor=request.user, category=shelf)
        except ForumError as refusal:
            form.add_error("category", str(refusal))
        else:
            messages.success(request, _("The topic stands in %(category)s now.") % {"category": shelf.name})
            return HttpResponseRedirect(topic.get_absolute_url())
    return _page(request, topic, form, title=_("Move the topic"), button=_("Move topic"))


def _shelves(user: User) -> list[Category]:
    communities = [one for one in Community.objects.visible_to(user) if policies.moderate(user, one)]
    shelves = Category.objects.filter(community__in=communities).select_related("community")
    return list(shelves.order_by("community__position", "community_id", "position", "id"))


@for_writers
def merge(request: PersonalRequest, pk: int) -> HttpResponse:
    """Move every post of a topic behind those of another, once both have been shown."""
    return _join(
        request,
        _moderated_topic(request.user, pk),
        organising.merge,
        target_name="into_id",
        title=_("Merge into another topic"),
        lead=_("Every post of this topic moves behind those of the other. Its address leads there from then on."),
        question=_("This cannot be taken back."),
        button=_("Merge"),
        done=_("The topics are merged."),
        is_final=True,
    )


@for_writers
def duplicate(request: PersonalRequest, pk: int) -> HttpResponse:
    """Say which question a topic asks again, or take that back."""
    topic = _moderated_topic(request.user, pk)
    if request.method == "POST" and "take_back" in request.POST:
        organising.mark_duplicate(topic_id=pk, of_id=None, actor=request.user)
        messages.success(request, _("The topic is no duplicate any more."))
        return HttpResponseRedirect(topic.get_absolute_url())
    return _join(
        request,
        topic,
        organising.mark_duplicate,
        target_name="of_id",
        title=_("Mark as a duplicate"),
        lead=_("The topic stays where it is and points to the other one; searches show that one."),
        question=_("You can take this back later."),
        button=_("Mark as a duplicate"),
        done=_("The topic points to the other one now."),
        takes_back=topic.duplicate_of_id is not None,
    )


def _join(
    request: PersonalRequest, topic: Topic, verb: Verb, *, target_name: str, done: str, button: str, **words: Any
) -> HttpResponse:
    """Ask for the other topic, show both, and do it on the second press."""
    form = OtherTopicForm(request.POST if request.method == "POST" else None)
    target = None
    if form.is_bound and form.is_valid():
        try:
            target = _named_topic(request.user, form.cleaned_data["target"], other_than=topic)
            if "confirmed" in request.POST:
                verb(topic_id=topic.pk, actor=request.user, **{target_name: target.pk})
                messages.success(request, done)
                return HttpResponseRedirect((target if verb is organising.merge else topic).get_absolute_url())
        except Topic.DoesNotExist as error:
            raise Http404 from error
        except ForumError as refusal:
            form.add_error("target", str(refusal))
            target = None
    return _page(request, topic, form, target=target, button=button if target else _("Go on"), **words)


def _named_topic(user: User, text: str, *, other_than: Topic) -> Topic:
    """Return the topic that a moderator means: by its number, its address, or that of a post in it."""
    topics = Topic.objects.visible_to(user).listed().select_related("community", "category", "author")
    if match := _POST_ADDRESS.search(text):
        found = topics.filter(pk__in=Post.objects.visible_to(user).filter(pk=int(match[1])).values("topic")).first()
    else:
        match = _TOPIC_ADDRESS.search(text.strip())
        found = topics.filter(pk=int(match[1])).first() if match else None
    if found is None:
        raise ForumError(_("There is no such topic. Paste its address, or its number."))
    if found.pk == other_than.pk:
        raise ForumError(_("This is the same topic."))
    return found


def _visible_topic(user: User, pk: int) -> Topic:
    topics = Topic.objects.visible_to(user).select_related("community", "category", "author", "duplicate_of__community")
    return get_object_or_404(topics, pk=pk)


def _moderated_topic(user: User, pk: int) -> Topic:
    topic = _visible_topic(user, pk)
    policies.moderate(user, topic.community).require()
    return topic


def _page(request: HttpRequest, topic: Topic, form: Any, **extra: Any) -> HttpResponse:
    context = {"topic": topic, "form": form, **extra}
    return render(request, "forums/organise.html", context, status=422 if form.errors else 200)
