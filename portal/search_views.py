"""The page that searches every room, and the part of it that the command palette shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import search_limit
from accounts.models import User
from cases import policies as cases_policies
from cases.models.case import SUBJECT_MAX_LENGTH
from dataloader import searching as dataloader_searching
from dataloader.constants import SLUG as DATA_LOADER
from forums.http import public_page
from forums.models import Community
from forums.search_forms import SearchForm
from forums.views.searching import answer_everywhere, answer_in, ask_anywhere
from lib.search_hits import Findings, Hit, RankedPage, page_of
from portal import palette as commands
from portal import searching
from portal.palette import Command
from portal.searching import Count, Found, Source
from status import links

PAGE_SIZE = 20
PALETTE_TEXT = 200  # characters
PALETTE_HITS = 3  # of each room
PALETTE_MILLISECONDS = 600  # who types waits for no room longer than that
EVERYTHING, COMMUNITY, LOADER = "everything", "community", DATA_LOADER
# Who asks with one of the communities' filters, as an older link does, means the communities.
_OF_COMMUNITIES = frozenset(
    {"community", "category", "tag", "kind", "answered", "author", "since", "until", "sort", "exact", "page"}
)
_NAMES = {"": EVERYTHING, "everywhere": EVERYTHING}


@dataclass(frozen=True, slots=True)
class Facet:
    """One view of the results."""

    name: str
    label: str | Promise
    icon: str


_FACETS = {
    EVERYTHING: Facet(EVERYTHING, _l("Everything"), "search"),
    LOADER: Facet(LOADER, _l("Data Loader"), "data"),
    **{name: Facet(name, source.label, source.icon) for name, source in searching.SOURCES.items()},
}
_ORDER = (EVERYTHING, "cases", COMMUNITY, LOADER, "status", "codes")


@public_page
@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """Search every room, or one of them: ``in`` names it."""
    name = _asked_for(request.GET)
    if name not in _FACETS:
        raise BadRequest(_("This address holds a filter that we do not know. Start a new search."))
    if name == "cases":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        cases_policies.find_cases(request.user).require()
    if request.GET.get("q") and search_limit.is_reached(request):
        return search_limit.refusal(request)
    if name in (COMMUNITY, LOADER):
        return _in_communities(request, name)
    return _in_rooms(request, name)


def _asked_for(query: QueryDict) -> str:
    name = query.get("in", "")
    if not name and any(query.get(parameter) for parameter in _OF_COMMUNITIES):
        return COMMUNITY
    return _NAMES.get(name, name)


def _in_communities(request: HttpRequest, name: str) -> HttpResponse:
    """Show the communities' own search, with its filters and pages."""
    if name == LOADER:
        loader = get_object_or_404(Community.objects.visible_to(request.user), slug=DATA_LOADER)
        answer = answer_in(request, loader)
    else:
        answer = answer_everywhere(request)
    context = {**answer.context, **_around(request, name, searching.sources_for(request.user))}
    return render(request, "portal/search_community.html", context, status=answer.status)


def _in_rooms(request: HttpRequest, name: str) -> HttpResponse:
    form = SearchForm(_words_alone(request.GET), here=None, communities=())
    is_valid = form.is_valid()
    text = form.cleaned_data.get("q", "") if is_valid else ""
    offered = searching.sources_for(request.user)
    page = RankedPage(())
    found = None
    if text:
        if name == EVERYTHING:
            found = searching.find(text, user=request.user, sources=offered)
        else:
            found, page = _one(request, text, searching.SOURCES[name])
    context = {
        "form": form,
        "text": text,
        "found": found,
        "page": page,
        **_around(request, name, offered, found),
        **(_ways_on(request, text) if found is not None and not found.hits else {}),
    }
    return render(request, "portal/search.html", context, status=200 if is_valid else 422)


def _one(request: HttpRequest, text: str, source: Source) -> tuple[Found, RankedPage]:
    pages: list[RankedPage] = []

    def choose(findings: Findings) -> Sequence[int]:
        pages.append(page_of(findings, request.GET, size=PAGE_SIZE))
        return pages[0].keys

    found = searching.find(text, user=request.user, sources=[source], choose=choose)
    # In the order of the room's own ranking, which goes on from page to page.
    return Found(found.parts, found.parts[0].hits), pages[0] if pages else RankedPage(())


def _words_alone(query: QueryDict) -> QueryDict:
    alone = QueryDict(mutable=True)
    alone["q"] = query.get("q", "")
    return alone


def _around(request: HttpRequest, name: str, offered: Sequence[Source], found: Found | None = None) -> dict[str, Any]:
    """Return what stands around the results: the facets that this person has, each with its count where it is known."""
    counts: dict[str, Count] = {part.source.name: part.count for part in found.parts if part.findings} if found else {}
    community = next((part for part in found.parts if part.source.name == COMMUNITY), None) if found else None
    names = {EVERYTHING, *(source.name for source in offered)}
    if "codes" in names:
        names.add(LOADER)
        if community is not None and community.findings is not None:
            topics = dataloader_searching.topics_among([one.key for one in community.findings.ranked])
            counts[LOADER] = Count(topics, community.findings.is_cut)
    text = request.GET.get("q", "")
    tabs = [
        {
            "url": facet_url(facet.name, text),
            "label": facet.label,
            "icon": facet.icon,
            "active": facet.name == name,
            "count": str(counts[facet.name]) if facet.name in counts else None,
        }
        for facet in (_FACETS[one] for one in _ORDER if one in names)
    ]
    return {"facet": _FACETS[name], "tabs": tabs}


def facet_url(name: str, text: str) -> str:
    """Return the address of one view of the results."""
    query = {"q": text} if name == EVERYTHING else {"q": text, "in": name}
    return f"{reverse('search')}?{urlencode(query)}"


def _ways_on(request: HttpRequest, text: str) -> dict[str, str]:
    """Return what else to do about ``text`` when nothing was found."""
    user = request.user
    may_file = isinstance(user, User) and bool(cases_policies.may_file_for(user))
    subject = {"subject": text[:SUBJECT_MAX_LENGTH]}
    return {
        "asking": ask_anywhere(request, text),
        "filing": f"{reverse('cases:create')}?{urlencode(subject)}" if may_file else "",
        "status_url": links.page(),
    }


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the palette's list: commands, hits, or a person."""

    label: str | Promise
    commands: Sequence[Command] = ()
    hits: Sequence[Hit] = ()
    person: User | None = None

    def __len__(self) -> int:
        return len(self.commands) + len(self.hits) + bool(self.person)


@never_cache
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Return the command palette's list for what is typed: places and acts first, then what the rooms find."""
    text = " ".join(request.GET.get("q", "")[:PALETTE_TEXT].replace("\0", " ").split())
    acts, places = commands.commands(request)
    if text:
        sections = [Section(_l("Go to"), commands.matching([*acts, *places], text)[: commands.SHOWN])]
        sections += _found_while_typing(request, text)
    else:
        sections = [Section(_l("Do"), acts), Section(_l("Go to"), places)]
    context = {"sections": [one for one in sections if one], "number": sum(map(len, sections))}
    return render(request, "portal/_palette.html", context)


def _found_while_typing(request: HttpRequest, text: str) -> Sequence[Section]:
    """Return what the rooms find, the way to all of it before it, unless the very thing was named."""
    everywhere = Section(_l("Everywhere"), [commands.everywhere(text)])
    person = Section(_l("People"), person=commands.person_called(text))
    if (len(text) == 1 and not text.isdigit()) or search_limit.is_reached(request):
        return [everywhere]
    found = searching.find(
        text,
        user=request.user,
        sources=searching.sources_for(request.user),
        choose=lambda findings: [one.key for one in findings.ranked[:PALETTE_HITS]],
        is_typing=True,
        milliseconds=PALETTE_MILLISECONDS,
    )
    named = [part for part in found.parts if part.is_exact]
    others = [part for part in found.parts if not part.is_exact]
    first, last = ([Section(part.source.label, hits=part.hits) for part in parts] for parts in (named, others))
    return [person, *first, everywhere, *last]
