"""For search engines: an index of site maps, a map for each block of ten thousand topic numbers, and robots.txt.

Block 0 of a community holds its own pages; block n the topics numbered from (n - 1) times ten thousand on. Numbers are
never given twice, so that a block that is full stays as it is but for what is hidden or renamed.
"""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from forums.models import Community, Tag, Topic
from forums.page_head import absolute

BLOCK = 10_000
TAGS_LISTED = 10_000
LARGEST_BLOCK = 2**31 // BLOCK

_XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ANYBODY = AnonymousUser()

Page = tuple[str, datetime | None]

_public = cache_control(public=True, max_age=3600)


@_public
@require_safe
def index(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """List the maps of every public community."""
    root = Element("sitemapindex", {"xmlns": _XMLNS})
    for slug, block in _blocks():
        sitemap = SubElement(root, "sitemap")
        SubElement(sitemap, "loc").text = absolute(reverse("sitemaps:block", args=[slug, block]))
    return _answer(root)


@_public
@require_safe
def block(request: HttpRequest, community: str, block: int) -> HttpResponse:  # noqa: ARG001
    """List the canonical addresses of one block; 404 where there is nothing."""
    found = get_object_or_404(Community.objects.visible_to(_ANYBODY), slug=community)
    if block > LARGEST_BLOCK:
        raise Http404
    root = Element("urlset", {"xmlns": _XMLNS})
    for path, changed_at in _pages(found) if block == 0 else _topics(found, block):
        url = SubElement(root, "url")
        SubElement(url, "loc").text = absolute(path)
        if changed_at is not None:
            SubElement(url, "lastmod").text = changed_at.isoformat(timespec="seconds")
    if not len(root):
        raise Http404
    return _answer(root)


@_public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say what is not worth a robot's time, and where the maps are (RFC 9309)."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS)]
    # People look for it by name.
    lines += [f"Allow: {reverse('account_login')}"]
    lines += ["", f"Sitemap: {absolute(reverse('sitemaps:index'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _pages(community: Community) -> Iterator[Page]:
    yield community.prefix, None
    for category in community.categories.all():
        yield community.url("category", category=category.slug), None
    used = Tag.objects.offered().filter(community=community, topic_count__gt=0)
    for slug in used.order_by("-topic_count", "-id").values_list("slug", flat=True)[:TAGS_LISTED]:
        yield community.url("tag", tag=slug), None


def _topics(community: Community, block: int) -> Iterator[Page]:
    """Yield the topics of a block that are worth finding: a duplicate leads to its question."""
    first = (block - 1) * BLOCK
    topics = (
        Topic.objects.visible_to(_ANYBODY)
        .listed()
        .filter(community=community, duplicate_of=None, pk__gte=first, pk__lt=first + BLOCK)
        .only("title", "community_id", "bumped_at", "edited_at")
    )
    for topic in topics.order_by("pk"):
        topic.community = community
        yield topic.get_absolute_url(), max(moment for moment in (topic.bumped_at, topic.edited_at) if moment)


def _blocks() -> list[tuple[str, int]]:
    """Return the blocks that exist: one look into the index for each, however many topics it holds."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, {"block": BLOCK})
        return [(slug, number) for slug, number in cursor.fetchall()]


_BLOCKS = """
SELECT community.slug, number.block
FROM forums_community community
CROSS JOIN LATERAL (
    SELECT min(id) AS first, max(id) AS last
    FROM forums_topic WHERE community_id = community.id AND state = 'published'
) topics
CROSS JOIN LATERAL (
    SELECT 0 AS block
    UNION ALL
    SELECT block + 1 FROM generate_series(topics.first / %(block)s, topics.last / %(block)s) block
    WHERE EXISTS (
        SELECT FROM forums_topic
        WHERE community_id = community.id AND state = 'published' AND duplicate_of_id IS NULL
          AND id >= block * %(block)s AND id < (block + 1) * %(block)s
    )
) number
WHERE community.is_public
ORDER BY community.id, number.block
"""

# Private rooms, search (each of its pages leads to a topic that is in a map), and acts, which take no GET.
_NOT_FOR_ROBOTS = (
    "/account/", "/accounts/", "/admin/", "/cases/", "/desk/", "/files/", "/moderation/", "/search/", "/*/search/",
    "/*/ask/", "/forums/posts/", "/forums/topics/", "/forums/read-all/", "/forums/watch/", "/forums/preview/",
    "/forums/drafts/",
)  # fmt: skip


def _answer(root: Element) -> HttpResponse:
    document = tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(document, content_type="application/xml; charset=utf-8")
