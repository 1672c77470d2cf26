"""What is measured: who asks for which address, and what is to be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse

from accounts.models import User
from benchmarks import forum_pages
from benchmarks.filling import CONTACT_EMAIL, ENGINEER_EMAIL
from benchmarks.forum_filling import MEMBER_EMAIL
from benchmarks.page import DEEP, DEEP_PAGE, FLOOR, MEDIAN, QUERIES, SEARCH_P95, Page
from benchmarks.texts import COMMON_WORD, RARE_WORD, TWO_WORDS
from cases.constants import Status
from cases.desk_views import queue
from cases.models import Case, OnCallStep
from lib import keyset

# Of every source its own few, within a savepoint each.
SEARCH_QUERIES, PALETTE_QUERIES = 40, 45


def pages() -> list[Page]:
    """Return every page, the floors first."""
    floors = [
        Page(f"{FLOOR} {person}", person, reverse("benchmark_floor"), against=f"{FLOOR} {person}")
        for person in ("customer", "desk", "member")
    ]
    visitor = f"{FLOOR} visitor"
    floors.append(Page(visitor, "visitor", reverse("benchmark_public_floor"), against=visitor))
    return [*floors, *_homes(), *_my_cases(), *_desk(), *_one_case(), *_searches(), *_deep(), *forum_pages.pages()]


def people() -> Mapping[str, User | None]:
    """Return who asks; nobody for the visitor."""
    engineer = _engineer()
    # A desk has somebody on call.
    OnCallStep.objects.get_or_create(position=1, defaults={"user": engineer})
    return {
        "customer": User.objects.get(email=CONTACT_EMAIL),
        "desk": engineer,
        "member": User.objects.get(email=MEMBER_EMAIL),
        "visitor": None,
    }


def _engineer() -> User:
    return User.objects.get(email=ENGINEER_EMAIL)


def _page(title: str, person: str, name: str, args: Sequence[Any] = (), **query: str) -> Page:
    url = reverse(name, args=args)
    return Page(title, person, url, f"{FLOOR} {person}", query, max_queries=QUERIES, max_median=MEDIAN)


def _homes() -> list[Page]:
    return [_page(f"Home, {person}", person, "home") for person in ("visitor", "member", "customer", "desk")]


def _my_cases() -> list[Page]:
    return [
        _page("My Cases, team's open", "customer", "cases:list", whose="team", state="open"),
        _page("My Cases, team's, all", "customer", "cases:list", whose="team", state="all"),
        _page("My Cases, mine", "customer", "cases:list", whose="mine", state="all"),
        _page("My Cases, by priority", "customer", "cases:list", whose="team", state="all", sort="priority"),
        _page("My Cases, team's closed", "customer", "cases:list", whose="team", state="closed"),
        _page("Create Case", "customer", "cases:create"),
    ]


def _desk() -> list[Page]:
    return [_page(f"Queue, {tab}", "desk", "desk:queue", tab=tab) for tab in queue.TABS]


def _one_case() -> list[Page]:
    customer = User.objects.get(email=CONTACT_EMAIL)
    cases = Case.objects.filter(account=customer.active_contacts[0].account, status=Status.WAITING)
    case = cases.order_by("id")[len(cases) // 2]
    size = f"{case.comments.count()} comments, {case.events.count()} events"
    return [
        replace(_page(f"Case page, {person}", person, name, [case.pk]), note=size)
        for person, name in (("customer", "cases:detail"), ("desk", "desk:case"))
    ]


def _searches() -> list[Page]:
    number = Case.objects.filter(contact__user__email=CONTACT_EMAIL).order_by("id")[0].number
    words = {"common word": COMMON_WORD, "rare word": RARE_WORD, "two words": TWO_WORDS, "number": number}
    found = []
    for person, name, query in (
        ("customer", "cases:list", {"whose": "team", "state": "all"}),
        ("desk", "desk:queue", {"tab": "all"}),
        ("desk", "desk:queue", {"tab": "closed"}),
    ):
        where = "My Cases" if person == "customer" else f"queue, {query['tab']}"
        for kind, word in words.items():
            page = _page(f"Search, {where}: {kind}", person, name, q=word, **query)
            found.append(replace(page, max_median=None, max_p95=SEARCH_P95))
    return [*found, *_everywhere(number)]


def _everywhere(number: str) -> list[Page]:
    """Return the page that searches every room: it asks several searches, each of which has its queries."""
    words = {"common word": COMMON_WORD, "rare word": RARE_WORD, "two words": TWO_WORDS, "number": number}
    found = []
    for person in ("customer", "desk"):
        for kind, word in words.items():
            page = _page(f"Search of everything, {person}: {kind}", person, "search", q=word)
            found.append(replace(page, max_median=None, max_p95=SEARCH_P95, max_queries=SEARCH_QUERIES))
        page = _page(f"Palette, {person}", person, "palette", q=COMMON_WORD[:-1])
        found.append(replace(page, max_median=None, max_p95=SEARCH_P95, max_queries=PALETTE_QUERIES))
    return found


def _deep() -> list[Page]:
    """Return first and last pages of the queue; the 5,000th by pages small enough that the cases are enough for it."""
    found = []
    active = queue.TABS["all"]
    last = (active.cases(_engineer()).count() - 1) // queue.PAGE_SIZE
    found += _first_and(last + 1, "all", queue.PAGE_SIZE)
    closed = queue.TABS["closed"].cases(_engineer()).count()
    size = min(closed // DEEP_PAGE, queue.PAGE_SIZE)
    if size:
        found += _first_and(DEEP_PAGE, "closed", size)
    return found


def _first_and(number: int, tab: str, size: int) -> list[Page]:
    first = _page(f"Queue, {tab}, page 1 of {size} rows", "desk", "desk:queue", tab=tab)
    row = queue.TABS[tab].cases(_engineer()).order_by(*queue.TABS[tab].order)[(number - 1) * size - 1]
    cursor = keyset.cursor_after(row, queue.TABS[tab].order)
    deep = _page(f"Queue, {tab}, page {number:,} of {size} rows", "desk", "desk:queue", tab=tab, after=cursor)
    return [
        replace(first, patch=(queue, "PAGE_SIZE", size), max_median=None),
        replace(deep, patch=(queue, "PAGE_SIZE", size), against=first.title, max_median=DEEP),
    ]
