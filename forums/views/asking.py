"""Ask a question: what was asked before is shown while somebody writes, or on a step before it is posted."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import PersonalRequest
from accounts.models import User
from forums import drafts, policies, posting
from forums.constants import TITLE_MAX_LENGTH, PostKind, TopicKind
from forums.errors import ForumError
from forums.forms import TAGS_MAX_LENGTH, AskForm
from forums.http import in_community
from forums.models import Community, Post, Topic
from forums.posting import NewTopic
from forums.search.similar import TEXT_READ
from forums.search.similar import similar as find_similar
from forums.views.returning import for_writers
from forums.views.writing import renew, tag_options, tell_of
from lib.forms import put
from lib.markdown import excerpt, words_of

SIMILAR_SHOWN = 5
EXCERPT_LENGTH = 160
# With less written there is nothing to compare with.
_LEAST_TO_COMPARE = 8


@in_community
@for_writers
def ask(request: PersonalRequest, community: Community) -> HttpResponse:
    """Start a topic. Without a script what was asked before is shown once, before it is posted."""
    draft = drafts.of(request.user, drafts.ask_key(community))
    if request.method != "POST":
        policies.ask(request.user, community).require()
        form = AskForm(community=community, user=request.user, draft=draft, initial=_prefill(request))
        return _render(request, form)
    form = AskForm(request.POST, community=community, user=request.user, draft=draft)
    if not form.is_valid():
        return _render(request, form, status=422)
    given = form.cleaned_data
    if not given["similar_seen"]:
        put(form, "similar_seen", "1")
        if found := _similar(request.user, community, given["title"], given["body"]):
            return _render(request, form, similar=found, is_step=True)
    try:
        topic = _post(request.user, form)
    except ForumError as refusal:
        form.add_error(None, str(refusal))
    except IntegrityError:
        renew(form)
    else:
        opening = Post.objects.get(topic=topic, kind=PostKind.OPENING)
        tell_of(request, opening, _("It is posted. You are told by mail when somebody answers."))
        return HttpResponseRedirect(topic.get_absolute_url())
    return _render(request, form, status=422)


def _post(author: User, form: AskForm) -> Topic:
    given = form.cleaned_data
    return posting.ask(
        community=form.community,
        category=given["category"],
        author=author,
        new=NewTopic(title=given["title"], body=given["body"], kind=TopicKind(given["kind"]), tags=given["tags"]),
        hints=form.hints(),
        submission_token=given["submission_token"],
    )


@in_community
@login_required
@never_cache
@require_POST
def similar(request: PersonalRequest, community: Community) -> HttpResponse:
    """Show what was asked before and is like what is being typed: a part of the form."""
    title, body = (request.POST.get(name, "").replace("\x00", "") for name in ("title", "body"))
    found = _similar(request.user, community, title[:TITLE_MAX_LENGTH], body[:TEXT_READ])
    return render(request, "forums/_ask_similar.html", {"similar": found})


def _similar(user: User, community: Community, title: str, body: str) -> Sequence[Topic]:
    """Return the topics that may spare the question, each with the beginning of its text as ``excerpt``."""
    if len(f"{title} {body}".split()) < 2 or len(title) + len(body) < _LEAST_TO_COMPARE:
        return ()
    topics = find_similar(title=title, text=body, community=community, user=user, limit=SIMILAR_SHOWN)
    openings = Post.objects.visible_to(user).filter(topic__in=[topic.pk for topic in topics], kind=PostKind.OPENING)
    texts = dict(openings.values_list("topic_id", "body"))
    for topic in topics:
        topic.excerpt = excerpt(words_of(texts.get(topic.pk, "")), EXCERPT_LENGTH)  # type: ignore[attr-defined]
    return topics


def _prefill(request: HttpRequest) -> dict[str, Any]:
    """Take what a link to the form says already; anything odd is left out."""
    limits = {"title": TITLE_MAX_LENGTH, "tags": TAGS_MAX_LENGTH, "category": 40, "kind": 12}
    given = {name: request.GET.get(name, "").replace("\x00", "")[:limit] for name, limit in limits.items()}
    if given["kind"] not in TopicKind.values:
        del given["kind"]
    return {name: value for name, value in given.items() if value}


def _render(request: HttpRequest, form: AskForm, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "form": form,
        "community": form.community,
        "cards": form.kind_cards(),
        "tags_in_use": tag_options(form.community),
        **extra,
    }
    return render(request, "forums/ask.html", context, status=status)
