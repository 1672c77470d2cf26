"""Atom feeds: the newest topics of a community, a category or a tag."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from forums import tagging
from forums.atom import Feed
from forums.constants import PostKind
from forums.http import in_community, moved_for_good, public_page
from forums.models import Category, Community, Post, Tag, Topic
from forums.querysets import TopicQuerySet

TOPICS_SHOWN = 30


@public_page
@require_safe
@in_community
def community_feed(request: HttpRequest, community: Community) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Answer the newest topics of a community."""
    return _answer(
        community,
        _public_topics(community),
        key=f"community:{community.pk}",
        title=community.name,
        subtitle=community.tagline,
        url=community.url("feed"),
        page_url=community.prefix,
    )


@public_page
@require_safe
@in_community
def category_feed(request: HttpRequest, community: Community, category: str) -> HttpResponse:  # noqa: ARG001
    """Answer the newest topics of a category."""
    shelf = get_object_or_404(Category, community=community, slug=category)
    return _answer(
        community,
        _public_topics(community).filter(category=shelf),
        key=f"category:{shelf.pk}",
        title=f"{community.name}: {shelf.name}",
        subtitle=shelf.description,
        url=community.url("category_feed", category=shelf.slug),
        page_url=community.url("category", category=shelf.slug),
    )


@public_page
@require_safe
@in_community
def tag_feed(request: HttpRequest, community: Community, tag: str) -> HttpResponse:
    """Answer the newest topics of a tag; another spelling and a synonym lead to the tag that is meant."""
    tags = Tag.objects.select_related("synonym_of").filter(community=community)
    named = get_object_or_404(tags, slug=tagging.spell(tag) or None)
    meant = named.synonym_of or named
    url = community.url("tag_feed", tag=meant.slug)
    if meant.slug != tag:
        return moved_for_good(request, url)
    return _answer(
        community,
        _public_topics(community).filter(topic_tags__tag=meant),
        key=f"tag:{meant.pk}",
        title=f"{community.name}: {meant.slug}",
        subtitle=meant.description,
        url=url,
        page_url=community.url("tag", tag=meant.slug),
    )


def _public_topics(community: Community) -> TopicQuerySet:
    """Return what everybody may read, whoever asks. Raises ``Http404`` for a private community."""
    if not community.is_public:
        raise Http404
    return Topic.objects.visible_to(AnonymousUser()).listed().filter(community=community)


def _answer(
    community: Community, topics: TopicQuerySet, *, key: str, title: str, subtitle: str, url: str, page_url: str
) -> HttpResponse:
    newest = list(topics.for_list().order_by("-id")[:TOPICS_SHOWN])
    posts = Post.objects.filter(topic__in=newest, kind=PostKind.OPENING).only("topic", "body", "body_html", "edited_at")
    feed = Feed(
        key=key,
        title=title,
        subtitle=subtitle,
        url=url,
        page_url=page_url,
        community=community,
        topics=newest,
        openings={post.topic_id: post for post in posts},
    )
    response = HttpResponse(feed.to_xml(), content_type="application/atom+xml; charset=utf-8")
    response["Last-Modified"] = http_date(feed.updated.timestamp())
    return response
