"""Search inside each community; and what the site's own search shows of them (``answer_everywhere``, ``answer_in``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import search_limit
from accounts.querysets import Someone
from forums.constants import TITLE_MAX_LENGTH
from forums.http import in_community, public_page
from forums.models import Community, Tag, Topic
from forums.models.topic import permalink
from forums.page_head import PageHead
from forums.rows import KIND_ICONS
from forums.search import finding, terms
from forums.search.excerpts import Excerpt, excerpts, surface
from forums.search.finding import Found
from forums.search.query import Scope
from forums.search.ranking import Hit
from forums.search_forms import NEWEST, PAGE_SIZE, PAGES, SearchForm, begins_everywhere, page_number

# Filters that leave topics out; some of them stand behind "More filters".
_NARROWING = ("community", "category", "tag", "kind", "answered", "author", "since", "until")
_MORE = ("tag", "author", "since", "until")


@dataclass(frozen=True, slots=True)
class Result:
    """A row of the results: the topic, or the very post of it that fits."""

    topic: Topic
    url: str
    title: SafeString | str
    text: SafeString | str
    kind_icon: str
    is_of_reply: bool
    asked_as: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of results, and what to say about how they were found."""

    rows: Sequence[Result] = ()
    total: int = 0
    number: int = 1
    corrections: Sequence[tuple[str, str]] = ()
    loosened: bool = False

    @property
    def next_number(self) -> int | None:
        """Return the number of the next page, if there is one."""
        return self.number + 1 if self.number < PAGES and self.total > self.number * PAGE_SIZE else None

    @property
    def previous_number(self) -> int | None:
        """Return the number of the page before, if there is one."""
        return self.number - 1 if self.number > 1 else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the templates of a search are given, and the status: 422 when a filter is wrong."""

    context: Mapping[str, Any]
    status: int


@public_page
@require_safe
@in_community
def community_search(request: HttpRequest, community: Community) -> HttpResponse:
    """Search one community, or from inside it every one."""
    if request.GET.get("q") and search_limit.is_reached(request):
        return search_limit.refusal(request)
    if begins_everywhere(request.GET, community):
        answer = _answer(request, community, terms.scope_everywhere(request.user), everywhere=True)
    else:
        answer = answer_in(request, community)
    return render(request, "forums/search.html", answer.context, status=answer.status)


def answer_everywhere(request: HttpRequest) -> Answer:
    """Search every community that the reader may enter."""
    return _answer(request, None, terms.scope_everywhere(request.user))


def answer_in(request: HttpRequest, community: Community) -> Answer:
    """Search one community, which the reader may enter."""
    return _answer(request, community, terms.scope_of([community]))


def ask_anywhere(request: HttpRequest, text: str) -> str:
    """Return where to ask what ``text`` says: in the first community that is open to the reader, empty without one."""
    communities = Community.objects.visible_to(request.user).order_by("position", "pk")
    return _ask_url(next((one for one in communities if one.is_open), None), text)


def _answer(request: HttpRequest, inside: Community | None, scope: Scope, *, everywhere: bool = False) -> Answer:
    here = None if everywhere else inside
    form = SearchForm(request.GET, here=here, communities=scope.communities)
    number = page_number(request.GET)
    valid = form.is_valid()
    shown = None
    wordless = False
    if valid:
        query = form.query()
        wordless = query.is_empty and bool(form.cleaned_data["q"])
        if not query.is_empty:
            scope = scope if form.only is None else _only(scope, form.only)
            found = finding.find(query, scope=scope, filters=form.filters(), user=request.user)
            shown = _page(found, number, newest=form.cleaned_data["sort"] == NEWEST, user=request.user)
    context = {
        "form": form,
        "community": inside,
        "everywhere": everywhere or inside is None,
        "shown": shown,
        "wordless": wordless,
        "asking": _ask_url(form.only or inside or _first(scope), request.GET.get("q", "")),
        "narrowed": [name for name in _NARROWING if form.data.get(name)],
        "more": [form[name] for name in _MORE],
        "more_open": any(form.data.get(name) for name in _MORE),
        "head": PageHead(
            title=_("Search"), path=inside.url("search") if inside else reverse("search"), is_indexed=False
        ),
    }
    return Answer(context, status=200 if valid else 422)


def _only(scope: Scope, community: Community) -> Scope:
    return Scope((community,), tuple(index for index in scope.indexes if index.community_id == community.pk))


def _first(scope: Scope) -> Community | None:
    return next((community for community in scope.communities if community.is_open), None)


def _ask_url(community: Community | None, text: str) -> str:
    if community is None or not community.is_open:
        return ""
    return f"{community.url('ask')}?{urlencode({'title': text[:TITLE_MAX_LENGTH]})}"


def _page(found: Found, number: int, *, newest: bool, user: Someone) -> Shown:
    hits = sorted(found.hits, key=lambda hit: -hit.topic_id) if newest else found.hits
    shown = hits[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    wanted = [hit.topic_id for hit in shown] + [pk for hit in shown for pk in hit.asked_as]
    topics = _topics(wanted, user)
    cut = excerpts([topics[hit.topic_id] for hit in shown if hit.topic_id in topics], found.resolved)
    return Shown(
        rows=[_result(topics, hit, cut.get(hit.topic_id)) for hit in shown if hit.topic_id in topics],
        total=len(hits),
        number=number,
        corrections=[
            (one.typed, ", ".join(dict.fromkeys(surface(cut, lexeme) for lexeme in one.lexemes)))
            for one in found.resolved.corrections
        ],
        loosened=found.loosened,
    )


def _topics(ids: Sequence[int], user: Someone) -> dict[int, Topic]:
    tags = Tag.objects.filter(topics=OuterRef("pk")).order_by("slug").values("slug")
    topics = Topic.objects.visible_to(user).listed().select_related("community", "category", "author")
    return topics.annotate(tag_slugs=ArraySubquery(tags)).in_bulk(ids)


def _result(topics: dict[int, Topic], hit: Hit, cut: Excerpt | None) -> Result:
    topic = topics[hit.topic_id]
    of_reply = cut is not None and cut.post_id is not None
    return Result(
        topic=topic,
        url=permalink(cut.post_id) if cut and cut.post_id else topic.get_absolute_url(),
        title=cut.title if cut else topic.title,
        text=cut.text if cut else "",
        kind_icon=KIND_ICONS[topic.kind],
        is_of_reply=of_reply,
        asked_as=[topics[pk].title for pk in hit.asked_as if pk in topics],
    )
