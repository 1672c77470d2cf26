"""What the Data Loader community has beside the pages of every community: a landing page, and one for each error."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dataloader import policies, recognising, spelling
from dataloader.constants import ERRORS_CATEGORY, START_CATEGORY
from dataloader.models import ErrorCode, TopicErrorCode
from forums.http import in_community, moved_for_good, public_page
from forums.models import Community, Topic
from forums.page_head import PageHead, is_first_view
from forums.querysets import TopicQuerySet
from forums.rows import rows, values_of
from forums.views.listing import PAGE_SIZE, around
from lib import keyset

START_SHOWN = 4
LATEST_SHOWN = 8
UNANSWERED_SHOWN = 5
CODES_SHOWN = 8
CODES_PAGE_SIZE = 100


@public_page
@require_safe
@in_community
def landing(request: HttpRequest, community: Community) -> HttpResponse:
    """Welcome whoever comes from Data Loader: where to begin, known errors, what is new, what waits for an answer."""
    seen = Topic.objects.visible_to(request.user).listed()
    topics = seen.filter(community=community)
    start = _start_here(seen, community)
    others = topics.exclude(pk__in=[row.id for row in start])
    latest = list(values_of(others.order_by("-bumped_at", "-id"))[:LATEST_SHOWN])
    waiting = values_of(topics.unanswered().order_by("-id"))[:UNANSWERED_SHOWN]
    shown = rows(request.user, [*start, *latest, *waiting])
    shown, first = shown[len(start) :], shown[: len(start)]
    head = PageHead(
        title=community.name,
        description=community.tagline,
        path=community.prefix,
        feed=community.url("feed"),
        is_indexed=is_first_view(request),
    )
    context = {
        **around(request, community),
        "head": head,
        "start": [row.topic for row in first],
        "latest": shown[: len(latest)],
        "waiting": shown[len(latest) :],
        "codes": ErrorCode.objects.most_discussed().for_list()[:CODES_SHOWN],
        "write_url": f"{community.url('ask')}?kind=discussion",
    }
    return render(request, "dataloader/landing.html", context)


@public_page
@require_safe
@in_community
def errors(request: HttpRequest, community: Community) -> HttpResponse:
    """Show every known code, or those that a word or a pasted line of an error file leads to."""
    asked = request.GET.get("q", "")[: recognising.MAX_READ].replace("\x00", "").strip()
    codes = ErrorCode.objects.for_list()
    if asked:
        named = [code.pk for code in recognising.known_in(asked)]
        codes = codes.filter(pk__in=named) if named else codes.like(asked)
    head = PageHead(
        title=_("Error codes of Salesforce"),
        description=_("What each error code of a data load means, and what to do about it."),
        path=community.url("errors"),
        is_indexed=is_first_view(request),
    )
    context = {
        "community": community,
        "head": head,
        "asked": asked,
        "search_url": f"{community.url('search')}?{urlencode({'q': asked})}",
        "page": keyset.paginate(codes, order=("code",), query=request.GET, size=CODES_PAGE_SIZE),
        "may_edit": policies.edit_codes(request.user),
    }
    return render(request, "dataloader/errors.html", context)


@public_page
@require_safe
@in_community
def error(request: HttpRequest, community: Community, code: str) -> HttpResponse:
    """Show what a code means, what to do, and the topics that speak of it; another spelling leads here."""
    spelt = spelling.spell(code)
    found = ErrorCode.objects.filter(code=spelt).first() if spelling.is_spelt(spelt) else None
    if found is None:
        raise Http404
    if found.code != code:
        return moved_for_good(request, found.get_absolute_url())
    speaking = TopicErrorCode.objects.visible_to(request.user).listed().filter(code=found)
    page = keyset.paginate(speaking, order=("-topic_id",), query=request.GET, size=PAGE_SIZE)
    head = PageHead(
        title=f"{found.code}: {found.title}",
        description=f"{found.title}. {found.first_step}",
        path=found.get_absolute_url(),
        og_type="article",
        is_indexed=is_first_view(request),
    )
    context = {
        **around(request, community),
        "head": head,
        "code": found,
        "crumbs": [(community.name, community.prefix), (_("Errors"), community.url("errors")), (found.code, "")],
        "related": found.related.for_list(),
        "page": page,
        "rows": rows(request.user, _topics_of(page)),
        "errors_category": ERRORS_CATEGORY,
        "may_edit": policies.edit_codes(request.user),
    }
    return render(request, "dataloader/error.html", context)


def _start_here(topics: TopicQuerySet, community: Community) -> Sequence[Any]:
    """Return what a newcomer reads first: the pinned topics, then what is on the team's shelf."""
    # The category alone, and as a value of its own to PostgreSQL, so that its own list is read, not the community's.
    shelf = community.categories.filter(slug=START_CATEGORY).values("pk")[:1]
    pinned = topics.filter(community=community, pinned_at__isnull=False).order_by("-pinned_at")
    on_shelf = topics.filter(category=shelf, pinned_at=None).order_by("-bumped_at", "-id")
    return [*values_of(pinned)[:START_SHOWN], *values_of(on_shelf)[:START_SHOWN]][:START_SHOWN]


def _topics_of(page: Iterable[TopicErrorCode]) -> Sequence[Any]:
    """Read what a list shows of the topics of one page, in its order."""
    ids = [row.topic_id for row in page]
    found = {row.id: row for row in values_of(Topic.objects.listed().filter(pk__in=ids))}
    return [found[pk] for pk in ids if pk in found]
