"""What is measured: who asks for which address, and what is to be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from benchmarks.filling import CONTACT_EMAIL, ENGINEER_EMAIL
from benchmarks.texts import COMMON_WORD, RARE_WORD, TWO_WORDS
from cases.constants import Status
from cases.desk_views import queue
from cases.models import Case, OnCallStep
from lib import keyset

FLOOR = "floor"
DEEP_PAGE = 5_000
QUERIES, MEDIAN, SEARCH_P95, DEEP = 15, 3.0, 10.0, 1.3  # the targets; all but the first are ratios


@dataclass(frozen=True, slots=True)
class Page:
    """One page as one person asks for it.

    ``against`` is the page whose p50 its own is divided by. ``page_size`` replaces the queue's.
    """

    title: str
    person: str
    url: str
    against: str = FLOOR
    max_queries: int | None = None
    max_median: float | None = None
    max_p95: float | None = None
    page_size: int = 0
    note: str = field(default="", compare=False)


def pages() -> list[Page]:
    """Return every page, the floors first."""
    floors = [
        Page(f"{FLOOR} {person}", person, reverse("benchmark_floor"), against=f"{FLOOR} {person}")
        for person in ("customer", "desk")
    ]
    return [*floors, *_my_cases(), *_desk(), *_one_case(), *_searches(), *_deep()]


def people() -> Mapping[str, User]:
    """Return who asks."""
    engineer = User.objects.get(email=ENGINEER_EMAIL)
    # A desk has somebody on call.
    OnCallStep.objects.get_or_create(position=1, defaults={"user": engineer})
    return {"customer": User.objects.get(email=CONTACT_EMAIL), "desk": engineer}


def _page(title: str, person: str, name: str, args: Sequence[Any] = (), **query: str) -> Page:
    url = reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")
    return Page(title, person, url, f"{FLOOR} {person}", max_queries=QUERIES, max_median=MEDIAN)


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
    customer = people()["customer"]
    cases = Case.objects.filter(account=customer.active_contacts[0].account, status=Status.WAITING)
    case = cases.order_by("id")[len(cases) // 2]
    size = f"{case.comments.count()} comments, {case.events.count()} events"
    return [
        replace(_page(f"Case page, {person}", person, name, [case.pk]), note=size)
        for person, name in (("customer", "cases:detail"), ("desk", "desk:case"))
    ]


def _searches() -> list[Page]:
    number = Case.objects.filter(contact__user=people()["customer"]).order_by("id")[0].number
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
    return found


def _deep() -> list[Page]:
    """Return first and last pages of the queue; the 5,000th by pages small enough that the cases are enough for it."""
    found = []
    active = queue.TABS["all"]
    last = (active.cases(people()["desk"]).count() - 1) // queue.PAGE_SIZE
    found += _first_and(last + 1, "all", queue.PAGE_SIZE)
    closed = queue.TABS["closed"].cases(people()["desk"]).count()
    size = min(closed // DEEP_PAGE, queue.PAGE_SIZE)
    if size:
        found += _first_and(DEEP_PAGE, "closed", size)
    return found


def _first_and(number: int, tab: str, size: int) -> list[Page]:
    first = _page(f"Queue, {tab}, page 1 of {size} rows", "desk", "desk:queue", tab=tab)
    row = queue.TABS[tab].cases(people()["desk"]).order_by(*queue.TABS[tab].order)[(number - 1) * size - 1]
    cursor = keyset.cursor_after(row, queue.TABS[tab].order)
    deep = _page(f"Queue, {tab}, page {number:,} of {size} rows", "desk", "desk:queue", tab=tab, after=cursor)
    return [
        replace(first, page_size=size, max_median=None),
        replace(deep, page_size=size, against=first.title, max_median=DEEP),
    ]
