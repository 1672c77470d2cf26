"""What the Data Loader community has beside the pages of every community: a landing page, and one for each error."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dataloader import policies, recognising, spelling
from dataloader.constants import ERRORS_CATEGORY, START_CATEGORY
from dataloader.models import ErrorCode, TopicErrorCode
from forums.http import in_community, moved_for_good, public_page
from forums.models import Category, Community, Topic
from forums.page_head import PageHead, is_first_view
from forums.querysets import TopicQuerySet
from forums.rows import rows, with_tags
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
    surroundings = around(request, community)
    topics = Topic.objects.visible_to(request.user).listed().for_list().prefetch_related(None)
    topics = topics.filter(community=community)
    start = _start_here(topics, surroundings["categories"])
    others = topics.exclude(pk__in=[topic.pk for topic in start])
    latest = list(others.order_by("-bumped_at", "-id")[:LATEST_SHOWN])
    waiting = list(topics.unanswered().order_by("-id")[:UNANSWERED_SHOWN])
    shown = rows(request.user, with_tags([*latest, *waiting]))
    head = PageHead(
        title=community.name,
        description=community.tagline,
        path=community.prefix,
        feed=community.url("feed"),
        is_indexed=is_first_view(request),
    )
    context = {
        **surroundings,
        "head": head,
        "start": start,
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
    speaking = TopicErrorCode.objects.visible_to(request.user).listed().filter(code=found).for_list()
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
        "rows": rows(request.user, with_tags([row.topic for row in page])),
        "errors_category": ERRORS_CATEGORY,
        "may_edit": policies.edit_codes(request.user),
    }
    return render(request, "dataloader/error.html", context)


def _start_here(topics: TopicQuerySet, shelves: Sequence[Category]) -> Sequence[Topic]:
    """Return what a newcomer reads first: the pinned topics, then what is on the team's shelf."""
    shelf = [shelf.pk for shelf in shelves if shelf.slug == START_CATEGORY]
    pinned = topics.filter(pinned_at__isnull=False).order_by("-pinned_at")[:START_SHOWN]
    on_shelf = topics.filter(category__in=shelf, pinned_at=None).order_by("-bumped_at", "-id")[:START_SHOWN]
    return [*pinned, *on_shelf][:START_SHOWN]
