"""The review queue, its decisions, and the trail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonalRequest
from accounts.models import User
from forums import moderating, policies, standing
from forums.errors import ForumError
from forums.models import Community, ModerationEvent, Post, Review
from forums.moderation_forms import CLEAN_UP, KEEP, DecideForm, NoteForm, QueueFilter, TrailFilter
from forums.review_queue import Card, cards, for_cards, for_lines
from forums.views.acting import act
from forums.views.returning import way_back
from forums.views.topic import visible_post
from lib import keyset

QUEUE_PAGE_SIZE = 20
TRAIL_PAGE_SIZE = 50

View = Callable[..., HttpResponse]


def for_moderators(view: View) -> View:
    """Let in whoever moderates a community: a visitor signs in first, everybody else gets 403 with the reason."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policies.moderate_any(request.user).require()
        return view(request, *args, **kwargs)

    guarded_and_signed_in: View = never_cache(login_required(guarded))
    return guarded_and_signed_in


@for_moderators
@require_safe
def queue(request: PersonalRequest) -> HttpResponse:
    """Show what waits for a decision, oldest first."""
    communities = moderated_communities(request.user)
    filters = QueueFilter(request.GET, communities=communities)
    if not filters.is_valid():
        raise Http404
    reviews = Review.objects.visible_to(request.user).waiting()
    if slug := filters.cleaned_data["community"]:
        reviews = reviews.filter(community=next(one for one in communities if one.slug == slug))
    if reason := filters.cleaned_data["reason"]:
        reviews = reviews.filter(reason=reason)
    page = keyset.paginate(for_cards(reviews), order=("id",), query=request.GET, size=QUEUE_PAGE_SIZE)
    context = {
        "page": page,
        "cards": cards(request.user, page.rows),
        "community_choices": filters.fields["community"].choices,  # type: ignore[attr-defined]
        "reason_choices": filters.fields["reason"].choices,  # type: ignore[attr-defined]
        "community": slug,
        "reason": reason,
        "tabs": tabs("queue"),
    }
    return render(request, "forums/moderation/queue.html", context)


@for_moderators
@require_POST
def decide(request: PersonalRequest, pk: int) -> HttpResponse:
    """Decide one review; a colleague's decision meanwhile stands, and is told."""
    form = DecideForm(request.POST, auto_id=f"%s-{pk}")
    if "act" in form.errors:
        raise BadRequest(_("Choose what to do with the post."))
    card = _get_card(request.user, pk)
    if not form.is_valid():
        return _render_card(request, card, form)
    try:
        sentence = _decide(request.user, card, form.cleaned_data["act"], form.cleaned_data["note"])
    except moderating.DecidedError as decided:
        sentence = str(decided)
    except Review.DoesNotExist as error:
        raise Http404 from error
    except ForumError as refusal:
        form.add_error(None, str(refusal))
        return _render_card(request, card, form)
    if request.htmx:
        return render(request, "forums/moderation/_decided.html", {"card": card, "sentence": sentence})
    messages.info(request, sentence)
    return HttpResponseRedirect(way_back(request, reverse("moderation:queue")))


def _decide(user: User, card: Card, what: str, note: str) -> str:
    author = card.post.author
    if what == KEEP:
        moderating.keep(review_id=card.review.pk, actor=user)
        return _("You keep this post: everybody can read it.")
    if what == CLEAN_UP:
        policies.moderate_person(user, author).require()
    moderating.refuse(review_id=card.review.pk, actor=user, note=note)
    if what != CLEAN_UP:
        return _("You have hidden this post.")
    if standing.clean_up(person=author, actor=user, reason=note):
        return _("Everything by %(name)s is hidden, and they are suspended.") % {"name": author}
    return _("%(name)s is suspended. They wrote a lot: the rest is being hidden.") % {"name": author}


def _get_card(user: User, pk: int) -> Card:
    review = get_object_or_404(for_cards(Review.objects.visible_to(user)), pk=pk)
    return cards(user, [review])[0]


def _render_card(request: PersonalRequest, card: Card, form: DecideForm) -> HttpResponse:
    template = "forums/moderation/_review.html" if request.htmx else "forums/moderation/review.html"
    return render(request, template, {"card": card, "form": form, "is_open": True}, status=422)


@act
def hide(request: PersonalRequest, pk: int) -> HttpResponse:
    """Hide a post from its page, with a note to its author."""
    post = _moderated_post(request.user, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            moderating.hide(post_id=pk, actor=request.user, note=form.cleaned_data["note"])
        except ForumError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The post is hidden: only moderators see it, and its author is told."))
        return HttpResponseRedirect(way_back(request, post.get_absolute_url()))
    context = {"post": post, "topic": post.topic, "form": form}
    return render(request, "forums/moderation/hide.html", context, status=422)


@act
def restore(request: PersonalRequest, pk: int) -> HttpResponse:
    """Show a hidden or held post to everybody again."""
    post = _moderated_post(request.user, pk)
    try:
        moderating.restore(post_id=pk, actor=request.user)
    except ForumError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Everybody can read the post."))
    return HttpResponseRedirect(way_back(request, post.get_absolute_url()))


def _moderated_post(user: User, pk: int) -> Post:
    post = visible_post(user, pk)
    policies.moderate(user, post.topic.community).require()
    return post


@for_moderators
@require_safe
def trail(request: PersonalRequest) -> HttpResponse:
    """Show what was decided, by whom and why. Nobody changes it."""
    communities = moderated_communities(request.user)
    filters = TrailFilter(request.GET, communities=communities)
    if not filters.is_valid():
        raise Http404
    chosen = filters.cleaned_data
    events = ModerationEvent.objects.visible_to(request.user)
    if chosen["act"]:
        events = events.filter(act=chosen["act"])
    if chosen["community"]:
        events = events.filter(community=next(one for one in communities if one.slug == chosen["community"]))
    if chosen["person"]:
        people = list(User.objects.filter(handle__iexact=chosen["person"]).values_list("pk", flat=True))
        events = events.filter(Q(subject__in=people) | Q(actor__in=people))
    rows = events.select_related("actor", "subject", "community", "topic")
    page = keyset.paginate(rows, order=("-id",), query=request.GET, size=TRAIL_PAGE_SIZE)
    context = {"page": page, "lines": for_lines(page.rows), "filters": filters, "tabs": tabs("trail")}
    return render(request, "forums/moderation/trail.html", context)


def moderated_communities(user: User) -> list[Community]:
    """Return the communities that ``user`` moderates, in their order."""
    return [one for one in Community.objects.all() if policies.moderate(user, one)]


def tabs(active: str) -> list[dict[str, Any]]:
    """Return the sibling pages of moderation."""
    pages = (("queue", _("Review queue"), "shield"), ("trail", _("Trail"), "list"))
    return [
        {"url": reverse(f"moderation:{name}"), "label": label, "icon": icon, "active": name == active}
        for name, label, icon in pages
    ]
