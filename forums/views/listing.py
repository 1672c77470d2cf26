"""Lists of topics: a community's home, its categories and tags."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from accounts.querysets import Someone
from forums import policies, tagging
from forums.constants import State
from forums.http import in_community, moved_for_good, public_page
from forums.models import Category, Community, Tag, Topic, TopicTag
from forums.page_head import PageHead, is_first_view
from forums.querysets import TopicQuerySet
from forums.rows import rows, values_of, values_of_tagged
from lib import keyset

PAGE_SIZE = 30
TAGS_PAGE_SIZE = 60
PINNED_SHOWN = 5
TAGS_SHOWN = 15
TAG_SEARCH_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Tab:
    """One way of looking at a community or category. Each order is that of an index of ``forums.models.topic``."""

    label: str | Promise
    order: Sequence[str]


LATEST, UNANSWERED, TOP, MINE = "latest", "unanswered", "top", "mine"
TABS = {
    LATEST: Tab(_l("Latest"), ("-bumped_at", "-id")),
    UNANSWERED: Tab(_l("Unanswered"), ("-id",)),
    TOP: Tab(_l("Top"), ("-score", "-id")),
    MINE: Tab(_l("My topics"), ("-bumped_at", "-id")),
}


@public_page
@require_safe
@in_community
def home(request: HttpRequest, community: Community) -> HttpResponseBase:
    """Show a community: what is new, what waits for an answer, what was found useful, what one asked oneself."""
    show = _shown(request, TABS)
    if show == MINE and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    head = PageHead(
        title=community.name,
        description=community.tagline,
        path=community.topics_url,
        feed=community.url("feed"),
        is_indexed=is_first_view(request),
    )
    return _render_topics(request, "forums/home.html", community, None, show, head)


@public_page
@require_safe
@in_community
def category(request: HttpRequest, community: Community, category: str) -> HttpResponse:
    """Show one shelf of a community."""
    shelf = get_object_or_404(Category, community=community, slug=category)
    show = _shown(request, (LATEST, UNANSWERED, TOP))
    head = PageHead(
        title=shelf.name,
        description=shelf.description,
        path=community.url("category", category=shelf.slug),
        feed=community.url("category_feed", category=shelf.slug),
        is_indexed=is_first_view(request),
    )
    return _render_topics(request, "forums/category.html", community, shelf, show, head)


@public_page
@require_safe
@in_community
def tag(request: HttpRequest, community: Community, tag: str) -> HttpResponse:
    """Show the topics of one tag; another spelling and a synonym lead to the tag that is meant."""
    named = get_object_or_404(
        Tag.objects.select_related("synonym_of"), community=community, slug=tagging.spell(tag) or None
    )
    meant = named.synonym_of or named
    if meant.slug != tag:
        return moved_for_good(request, community.url("tag", tag=meant.slug))
    tagged = values_of_tagged(TopicTag.objects.visible_to(request.user).listed().filter(tag=meant))
    page = keyset.paginate(tagged, order=("-bumped_at", "-topic_id"), query=request.GET, size=PAGE_SIZE)
    head = PageHead(
        title=meant.slug,
        description=meant.description,
        path=community.url("tag", tag=meant.slug),
        feed=community.url("tag_feed", tag=meant.slug),
        is_indexed=is_first_view(request),
    )
    context = {
        **around(request, community),
        "head": head,
        "tag": meant,
        "crumbs": [(community.name, community.prefix), (_("Tags"), community.url("tags")), (meant.slug, "")],
        "synonyms": list(meant.synonyms.values_list("slug", flat=True)),
        "page": page,
        "rows": rows(request.user, [row[2:] for row in page]),
    }
    return render(request, "forums/tag.html", context)


@public_page
@require_safe
@in_community
def tags(request: HttpRequest, community: Community) -> HttpResponse:
    """Show a community's tags, most used first, or those that begin with what was typed."""
    begins = request.GET.get("q", "")[:TAG_SEARCH_LENGTH]
    found = Tag.objects.offered().filter(community=community, topic_count__gt=0)
    if begins:
        found = found.filter(slug__startswith=tagging.spell(begins) or begins.replace("\x00", ""))
    head = PageHead(
        title=_("Tags"),
        path=community.url("tags"),
        is_indexed=is_first_view(request),
    )
    context = {
        "community": community,
        "head": head,
        "page": keyset.paginate(found, order=("-topic_count", "-id"), query=request.GET, size=TAGS_PAGE_SIZE),
        "begins": begins,
    }
    return render(request, "forums/tags.html", context)


def _shown(request: HttpRequest, offered: Collection[str]) -> str:
    show = request.GET.get("show", LATEST)
    if show not in offered:
        raise Http404
    return show


def _render_topics(
    request: HttpRequest,
    template: str,
    community: Community,
    shelf: Category | None,
    show: str,
    head: PageHead,
) -> HttpResponse:
    topics = Topic.objects.visible_to(request.user)
    topics = topics.filter(category=shelf) if shelf else topics.filter(community=community)
    pinned = _pinned(topics) if show == LATEST else []
    chosen = _chosen(topics, show, request.user).exclude(pk__in=[row.id for row in pinned])
    page = keyset.paginate(values_of(chosen), order=TABS[show].order, query=request.GET, size=PAGE_SIZE)
    shown = [*page] if page.previous_url else [*pinned, *page]
    context = {
        **around(request, community),
        "head": head,
        "shelf": shelf,
        "show": show,
        "tabs": _tabs(request.user, show, shelf),
        "page": page,
        "rows": rows(request.user, shown),
    }
    return render(request, template, context)


def _chosen(topics: TopicQuerySet, show: str, user: Someone) -> TopicQuerySet:
    if show == UNANSWERED:
        return topics.unanswered()
    if show == MINE:
        return topics.filter(author=user.pk, state__in=(State.PUBLISHED, State.HELD))
    return topics.listed()


def _pinned(topics: TopicQuerySet) -> list[Any]:
    pinned = topics.listed().filter(pinned_at__isnull=False).order_by("-pinned_at")
    return list(values_of(pinned)[:PINNED_SHOWN])


def _tabs(user: Someone, show: str, shelf: Category | None) -> list[dict[str, Any]]:
    offered = [name for name in TABS if name != MINE or (user.is_authenticated and shelf is None)]
    return [
        {
            "url": "?" if name == LATEST else f"?show={name}",
            "label": TABS[name].label,
            "active": name == show,
        }
        for name in offered
    ]


def around(request: HttpRequest, community: Community) -> dict[str, Any]:
    """Return what stands around every list of a community's topics."""
    used = Tag.objects.offered().filter(community=community, topic_count__gt=0)
    return {
        "community": community,
        "categories": list(community.categories.values_list("slug", "name", "description", named=True)),
        "most_used_tags": list(
            used.order_by("-topic_count", "-id").values_list("slug", "topic_count", named=True)[:TAGS_SHOWN]
        ),
        "ask_url": community.url("ask"),
        "may_ask": community.is_open or bool(policies.moderate(request.user, community)),
    }
