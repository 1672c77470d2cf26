"""A topic's page, and the addresses of its posts: permalink, comments, earlier versions."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from accounts.querysets import Someone
from forums import hooks, policies, topic_page
from forums.http import moved_for_good, public_page
from forums.models import Post, Topic
from forums.page_head import PageHead, is_first_view
from forums.places import comments_of, place_of
from forums.rows import KIND_ICONS, members_prefix
from forums.shown_posts import draw_comments
from forums.structured_data import json_ld, plain
from forums.topic_page import TopicPage
from forums.versions import versions
from forums.views.writing import new_reply_form
from lib import keyset

PAGE_SIZE = 20
COMMENTS_PAGE_SIZE = 50
SORTS = (
    (topic_page.BEST, _l("Best")),
    (topic_page.OLDEST, _l("Oldest")),
    (topic_page.NEWEST, pgettext_lazy("replies", "Newest")),
)


@public_page
@require_safe
def topic(request: HttpRequest, community: str, pk: int, slug: str = "") -> HttpResponse:  # noqa: ARG001 - the number says all; the rest is for the reader of the address
    """Show a topic at its canonical address; every other one that means it leads there."""
    try:
        found = topic_page.find(request.user, pk)
    except Topic.DoesNotExist:
        found = None
    if found is None or found.merged_into_id is not None:
        found = topic_page.merged_into(request.user, pk)
        if found is None:
            raise Http404
    if request.path != found.get_absolute_url():
        return moved_for_good(request, found.get_absolute_url())
    return render_topic(request, found)


def render_topic(request: HttpRequest, topic: Topic, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Render the page of a topic that ``topic_page.find`` returned; ``extra`` may bring a form back with its errors."""
    sort = request.GET.get("sort", topic_page.default_sort(topic))
    if sort not in topic_page.ORDERS:
        raise Http404
    page = TopicPage(request.user, topic, sort=sort, query=request.GET, size=PAGE_SIZE)
    if page.opening is None:
        raise Http404
    opening = page.opening.post
    accepted = page.accepted.post if page.accepted else None
    head = PageHead(
        title=topic.title,
        description=plain(opening.body_html),
        path=topic.get_absolute_url(),
        og_type="article",
        feed=topic.community.url("feed"),
        is_indexed=is_first_view(request) and topic.is_published,
    )
    user = request.user
    may_reply = policies.reply(user, topic)
    context = {
        "head": head,
        "community": topic.community,
        "topic": topic,
        "shown": page,
        "page": page.page,
        "voted_ids": page.voted_ids,
        "bookmarked_ids": page.bookmarked_ids,
        "crumbs": _crumbs(topic),
        "kind_icon": KIND_ICONS[topic.kind],
        "sort": sort,
        "sorts": SORTS,
        "may_reply": may_reply,
        "reply_form": new_reply_form(user, topic) if isinstance(user, User) and may_reply else None,
        "moderates": bool(policies.moderate(user, topic.community)),
        "panels": hooks.panels(user, topic),
        # For search engines, none of which is signed in.
        "json_ld": ""
        if user.is_authenticated
        else json_ld(topic, opening, accepted, [one.post for one in page.replies]),
        **extra,
    }
    return render(request, "forums/topic.html", context, status=status)


def _crumbs(topic: Topic) -> list[tuple[str, str]]:
    community, shelf = topic.community, topic.category
    return [(community.name, community.prefix), (shelf.name, f"{community.prefix}c/{shelf.slug}/")]


def visible_post(user: Someone, pk: int) -> Post:
    """Return the post with its topic, author and the post above it. Raises ``Http404`` if it is none for ``user``."""
    posts = Post.objects.visible_to(user).select_related("author", "topic__community", "topic__category", "parent")
    return get_object_or_404(posts.defer("search"), pk=pk)


@public_page
@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to where the post stands now, whatever was renamed, moved or merged since."""
    post = visible_post(request.user, pk)
    return HttpResponseRedirect(place_of(request.user, post, replies_size=PAGE_SIZE, comments_size=COMMENTS_PAGE_SIZE))


@public_page
@vary_on_headers("HX-Request")
@require_safe
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every comment under a post, oldest first: as a page, or in the place of the few under the post."""
    post = visible_post(request.user, pk)
    if post.is_comment:
        raise Http404
    rows = comments_of(request.user, post).for_page()  # type: ignore[attr-defined]
    page = keyset.paginate(rows, order=("number",), query=request.GET, size=COMMENTS_PAGE_SIZE)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(draw_comments(request.user, post, page.rows, next_url=page.next_url))
    context = {
        "head": _head_of_post(post, _("Comments"), reverse("discuss:comments", args=[pk])),
        "community": post.topic.community,
        "topic": post.topic,
        "post": post,
        "page": page,
        "comments": draw_comments(request.user, post, page.rows) if page.rows else "",
    }
    return render(request, "forums/comments.html", context)


@public_page
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a post said before, and what each edit changed."""
    post = visible_post(request.user, pk)
    policies.see_history(request.user, post).require()
    shown, page = versions(post, request.GET)
    context = {
        "head": _head_of_post(post, _("Versions"), reverse("discuss:history", args=[pk])),
        "community": post.topic.community,
        "topic": post.topic,
        "post": post,
        "versions": shown,
        "page": page,
        "members_prefix": members_prefix(),
    }
    return render(request, "forums/history.html", context)


def _head_of_post(post: Post, what: str, path: str) -> PageHead:
    # The topic's page is what search engines are to find.
    return PageHead(title=f"{what} · {post.topic.title}", path=path, is_indexed=False)
