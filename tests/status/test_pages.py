"""The status site's HTML: what a visitor reads, what is rendered again and what is left alone."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from csp.utils import build_policy
from django.conf import settings
from django.utils.html import escape
from pytest_django import Settings

from status.snapshot import pages, shown
from status.snapshot.store import Fresh
from status.snapshot.work import Work
from status.state import DayState, GroupState, Header, IncidentState, RegionState, State
from tests.status.states import (
    API,
    CANCELLED,
    DOCS,
    EMPTY,
    GOING_ON,
    LOADER,
    NOW,
    PLANNED,
    RESOLVED,
    STATE,
    UNDER_WAY,
    component,
    incident,
    kept,
    rendered,
    with_incidents,
)

REGIONS = (RegionState("eu", "Europe"), RegionState("us", "United States"))


def header(one: IncidentState) -> Header:
    return Header(one.id, one.version, f"{one.started_at:%Y-%m}")


def with_headers(state: State) -> State:
    return replace(state, headers=tuple(header(one) for one in state.incidents))


FULL = with_headers(replace(STATE, regions=REGIONS))


def pages_of(state: State, **options: Sequence[str]) -> dict[str, str]:
    return {path: content.decode() for path, content in rendered(pages.documents, state, **options).items()}


def home(state: State = FULL) -> str:
    return pages_of(state)["status/index.html"]


def text_of(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<(?:svg.*?</svg|[^>]+)>", " ", main, flags=re.DOTALL))


# --- What there is ------------------------------------------------------------------------------------------------


def test_each_page_stands_at_its_address() -> None:
    incidents = {f"status/incidents/{one.id}/index.html" for one in STATE.incidents}
    components = {f"status/components/{one.id}/index.html" for one in STATE.components}
    assert set(pages_of(FULL)) == incidents | components | {
        "status/index.html",
        "status/index.stale.html",
        "status/history/index.html",
        "status/history/2026-11/index.html",
        "status/history/2026-12/index.html",
        "status/banner.json",
    }


def test_another_language_has_all_pages_under_its_code() -> None:
    found = pages_of(FULL, languages=("en", "de"))
    english = {path.removeprefix("status/") for path in pages_of(FULL)} - {"banner.json"}
    assert {path.removeprefix("status/de/") for path in found if path.startswith("status/de/")} == english
    page = found["status/de/index.html"]
    assert '<html lang="de"' in page
    assert f'href="/status/de/incidents/{GOING_ON.id}/"' in page
    assert f'hreflang="en" href="{settings.STATUS_URL}/"' in page
    assert 'href="/status/as-of.json"' not in page
    assert 'data-as-of-url="/status/as-of.json"' in page


@pytest.mark.parametrize("state", [FULL, EMPTY], ids=["full", "empty"])
def test_no_page_depends_on_a_person_or_breaks_the_policy(state: State) -> None:
    """One frame for everybody: no token, no nonce, no menu of one's own; and nothing inline."""
    assert "unsafe-inline" not in build_policy()
    for path, page in pages_of(state).items():
        if path.endswith(".json"):
            continue
        assert "csrfmiddlewaretoken" not in page, path
        assert "nonce" not in page, path
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<[^>]+\s(?:style|on\w+)=", page), path
        assert "Sign in</a>" in page, path
        assert 'aria-current="page"' in page, path
        assert page.count("<h1") == 1, path


def test_pages_are_the_same_whenever_they_are_rendered() -> None:
    assert pages_of(FULL) == pages_of(FULL)
    later = Work(FULL, NOW + timedelta(minutes=5), ("en",), "", {}, lambda _ids: ())
    again = {path: one.content.decode() for path, one in pages.documents(later) if isinstance(one, Fresh)}
    before = pages_of(FULL)
    assert {path for path in before if before[path] != again[path]} == {"status/index.html", "status/index.stale.html"}


def test_on_its_own_domain_links_lead_back_to_the_portal(settings: Settings) -> None:
    settings.STATUS_URL = "https://status.example.com"
    settings.PORTAL_URL = "https://portal.example.com"
    page = home()
    assert 'href="https://portal.example.com/forums/"' in page
    assert 'href="https://portal.example.com/accounts/login/"' in page
    assert f'href="https://status.example.com/incidents/{GOING_ON.id}/"' in page
    assert 'action="https://status.example.com/subscribe/"' in page
    assert not re.search(r'<a [^>]*href="/(?!static)', page)


# --- The first page -----------------------------------------------------------------------------------------------


def test_the_first_page_says_how_everything_is() -> None:
    page = home()
    assert "Partial System Outage</h1>" in page
    assert "<title>Partial System Outage" in re.sub(r"\s+", " ", page)
    assert 'class="status-overall is-major"' in page
    assert "29 Nov 2026, 18:20 UTC" in page


def test_what_goes_on_shows_its_newest_words_and_what_it_affects() -> None:
    page = text_of(home())
    assert "It is the cache." in page
    assert "We are looking." not in page
    assert re.search(r"API Europe\s+Partial outage", page)


def test_maintenance_under_way_and_planned_has_its_window() -> None:
    page = home()
    text = text_of(page)
    assert UNDER_WAY.name in text
    assert "1 Dec 2026, 18:20 UTC \N{EN DASH} 20:20 UTC" in text
    assert 'href="/status/calendar.ics"' in page
    assert text.index(UNDER_WAY.name) < text.index(PLANNED.name)


def test_what_was_cancelled_is_neither_planned_nor_past() -> None:
    assert CANCELLED.name not in home()
    assert "Moving house" in pages_of(FULL)[f"status/incidents/{CANCELLED.id}/index.html"]


def test_the_last_two_weeks_show_what_is_over() -> None:
    long_ago = incident(
        "longagolonga",
        "Long ago",
        status="resolved",
        started_at=NOW - timedelta(days=14),
        resolved_at=NOW - timedelta(days=13),
    )
    text = text_of(home(with_incidents(*STATE.incidents, long_ago)))
    assert "26 November 2026" in text
    assert escape(RESOLVED.name) in text
    assert "Long ago" not in text


def test_words_in_the_history_are_escaped_once() -> None:
    said = replace(RESOLVED.updates[0], body_html="<p>R&amp;D waits &lt;5 ms, not <em>more</em>.</p>")
    state = with_headers(with_incidents(replace(RESOLVED, updates=(said, *RESOLVED.updates[1:]))))
    page = pages_of(state)["status/history/index.html"]
    assert "R&amp;D waits &lt;5 ms, not more." in page


def test_who_shows_only_when_unwell_is_hidden_while_well() -> None:
    assert "Docs" not in text_of(home())
    broken = replace(STATE, components=(API, replace(DOCS, status="major_outage")))
    assert "Docs" in text_of(home(broken))


def test_a_component_without_uptime_shows_neither_bars_nor_figure() -> None:
    silent = replace(STATE, components=(replace(API, showcase=False),))
    assert 'class="bars' not in home(silent)
    assert "%" not in text_of(home(silent)).replace("30 %", "")


def test_regions_can_be_chosen_without_a_script() -> None:
    two = replace(FULL, components=(API, replace(LOADER, region="us")))
    page = home(two)
    assert re.findall(r'<input type="radio" name="region" id="(region-\d)"', page) == [
        "region-0",
        "region-1",
        "region-2",
    ]
    assert re.search(r'class="status-row in-1">.*?API.*?Europe', page, re.DOTALL)
    assert re.search(r'class="status-row in-2">.*?Data Loader.*?United States', page, re.DOTALL)


def test_one_region_or_too_many_offer_no_choice() -> None:
    assert 'name="region"' not in home()
    many = [RegionState(f"r{number}", f"Region {number}") for number in range(shown.MAX_REGIONS + 1)]
    components = [component(f"component{n:03}", f"C {n}", region=one.slug) for n, one in enumerate(many)]
    crowded = home(replace(EMPTY, regions=tuple(many), components=tuple(components)))
    assert 'name="region"' not in crowded
    assert "Region 12" in crowded


def test_the_stylesheet_knows_as_many_regions_as_the_page_offers() -> None:
    css = (settings.BASE_DIR / "static/css/status.css").read_text()
    numbers = {int(number) for number in re.findall(r":has\(#region-(\d+):checked\)", css)}
    assert numbers == set(range(1, shown.MAX_REGIONS + 1))


def test_few_components_are_all_open_and_many_only_where_something_is_wrong() -> None:
    assert home().count('<details class="status-group"') == home().count(" open>")
    page = home(big_state(500, broken=77))
    folded = re.findall(r'<details class="status-group" id="group-(\w+)"( open)?>', page)
    assert [group for group, is_open in folded if is_open] == ["biggroup0003"]
    assert page.count('<svg class="bars" ') == 1
    assert len(page) < 400_000


def big_state(number: int, *, broken: int) -> State:
    groups = [GroupState(f"biggroup{n:04}", f"Group {n}", "", n, NOW, NOW) for n in range(number // 20)]
    components = [
        component(
            f"big{n:09}",
            f"Component {n}",
            group=groups[n // 20].id,
            status="partial_outage" if n == broken else "operational",
        )
        for n in range(number)
    ]
    return replace(EMPTY, groups=tuple(groups), components=tuple(components))


def test_a_stale_page_claims_nothing() -> None:
    page = pages_of(FULL)["status/index.stale.html"]
    text = text_of(page)
    assert "The state is not known</h1>" in page
    assert "Last confirmed: 29 Nov 2026, 18:20 UTC" in text
    rows = re.findall(r'<li class="status-row.*?</li>', page, re.DOTALL)
    assert len(rows) == 3
    assert all("Not known" in row and "tag-green" not in row for row in rows)
    assert "is-none" not in page
    assert " operational" not in text


def test_without_anything_the_page_still_stands() -> None:
    text = text_of(home(EMPTY))
    assert "All Systems Operational" in text
    assert "Nothing is watched here yet." in text
    assert "In the last two weeks there were no incidents." in text


def test_the_form_asks_for_an_email_and_holds_no_token() -> None:
    page = home()
    start = page.index('<form class="status-subscribe"')
    form = page[start : page.index("</form>", start)]
    assert 'method="post"' in form
    assert 'action="/status/subscribe/"' in form
    assert "Email</label>" in form
    assert re.search(r"<button[^>]*>Subscribe</button>", form)


# --- The others ---------------------------------------------------------------------------------------------------


def test_an_incident_tells_everything_newest_first() -> None:
    text = text_of(pages_of(FULL)[f"status/incidents/{GOING_ON.id}/index.html"])
    assert text.index("It is the cache.") < text.index("We are looking.")
    assert re.search(r"API\s+Operational\s+Partial outage", text)
    assert "Major impact" in text
    assert "Ended" not in text


def test_what_is_over_says_how_long_it_lasted() -> None:
    text = text_of(pages_of(FULL)[f"status/incidents/{RESOLVED.id}/index.html"])
    assert re.search(r"Lasted\s+24 h", text)
    assert "Slow pages &lt;again&gt;" in text


def test_a_component_that_is_gone_keeps_its_name_and_loses_its_link() -> None:
    gone = with_headers(replace(STATE, components=(LOADER,)))
    page = pages_of(gone)[f"status/incidents/{GOING_ON.id}/index.html"]
    assert "API" in text_of(page)
    assert f"/status/components/{API.id}/" not in page


def test_a_month_lists_its_incidents_and_leads_to_its_neighbours() -> None:
    before = replace(RESOLVED, id="octoberoctob", started_at=NOW - timedelta(days=40))
    found = pages_of(with_headers(with_incidents(*STATE.incidents, before)))
    november = found["status/history/2026-11/index.html"]
    assert "November 2026" in november
    assert escape(RESOLVED.name) in november
    assert 'rel="prev" href="/status/history/2026-10/"' in november
    assert 'rel="next" href="/status/history/2026-12/"' in november
    assert "octoberoctob" not in november
    assert "octoberoctob" in found["status/history/2026-10/index.html"]


def test_history_begins_with_the_newest_month_that_has_come() -> None:
    assert "November 2026</h1>" in pages_of(FULL)["status/history/index.html"]
    assert "December 2026</h1>" in pages_of(with_headers(with_incidents(PLANNED)))["status/history/index.html"]


def test_without_incidents_history_says_so() -> None:
    assert "No history yet" in pages_of(EMPTY)["status/history/index.html"]


def test_a_component_lists_its_bad_days_and_its_incidents() -> None:
    day = DayState(NOW.date() - timedelta(days=2), major=3600, partial=60, degraded=0, maintenance=0)
    state = replace(FULL, components=(replace(API, days=(day,)), LOADER))
    page = pages_of(state)[f"status/components/{API.id}/index.html"]
    assert re.search(r"27 November 2026\s+Major outage\s+Major outage 1 h\s+Partial outage 1 min", text_of(page))
    assert "None in the last 90 days." in text_of(pages_of(state)[f"status/components/{LOADER.id}/index.html"])
    assert GOING_ON.name in page
    assert escape(RESOLVED.name) not in page
    assert "Platform · Europe" in text_of(page)


def test_incidents_that_the_state_leaves_out_are_loaded_many_at_once() -> None:
    older = [replace(RESOLVED, id=f"older{number:07}", version=1) for number in range(250)]
    state = replace(EMPTY, headers=tuple(header(one) for one in older))
    asked: list[int] = []

    def load(ids: Sequence[str]) -> list[IncidentState]:
        asked.append(len(ids))
        return [one for one in older if one.id in ids]

    work = Work(state, NOW, ("en",), "", {}, load)
    written = dict(pages.documents(work))
    assert f"status/incidents/{older[-1].id}/index.html" in written
    # Its month twice, for both of its addresses; then the pages.
    assert asked == [250, 250, 100, 100, 50]


def test_an_incident_that_vanished_meanwhile_has_no_page() -> None:
    state = replace(EMPTY, headers=(Header("gonegonegone", 1, "2026-11"),))
    assert "status/incidents/gonegonegone/index.html" not in pages_of(state)


# --- What is left alone -------------------------------------------------------------------------------------------


def test_an_unchanged_state_renders_nothing_again() -> None:
    assert kept(pages.documents, FULL, FULL) == set(pages_of(FULL))


def test_a_changed_incident_renders_its_page_its_month_its_components_and_the_first() -> None:
    changed = replace(GOING_ON, version=2)
    after = with_headers(
        replace(FULL, version=8, incidents=tuple(changed if one is GOING_ON else one for one in FULL.incidents))
    )
    assert set(pages_of(FULL)) - kept(pages.documents, FULL, after) == {
        "status/banner.json",
        "status/index.html",
        "status/index.stale.html",
        f"status/incidents/{GOING_ON.id}/index.html",
        f"status/components/{API.id}/index.html",
        "status/history/index.html",
        "status/history/2026-11/index.html",
    }


def test_a_new_day_renders_components_and_no_incident() -> None:
    first = Work(FULL, NOW, ("en",), "", {}, lambda _ids: ())
    sources = {path: document.source for path, document in pages.documents(first)}
    second = Work(FULL, NOW + timedelta(days=1), ("en",), "", sources, lambda _ids: ())
    fresh = {path for path, document in pages.documents(second) if isinstance(document, Fresh)}
    components = {f"status/components/{one.id}/index.html" for one in FULL.components}
    assert fresh == components | {"status/index.html", "status/index.stale.html"}


# --- Uptime -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("down", "said"),
    [(0, "100%"), (1, "99.99%"), (778, "99.98%"), (90 * 86400, "0.00%")],
    ids=["never", "a second", "thirteen minutes", "always"],
)
def test_uptime_is_never_rounded_up(down: int, said: str) -> None:
    day = DayState(NOW.date() - timedelta(days=1), down, 0, 0, 0)
    old = component("component001", "Old", start_date=NOW.date() - timedelta(days=400), days=(day,))
    assert shown.percent(old, NOW.replace(hour=23, minute=59, second=59)) == said


def test_uptime_of_what_begins_tomorrow_is_not_said() -> None:
    assert shown.percent(component("component001", "New", start_date=NOW.date() + timedelta(days=1)), NOW) == ""


def test_headings_step_down_one_by_one() -> None:
    for path, page in pages_of(FULL).items():
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_a_title_that_looks_like_markup_or_a_slot_is_only_text() -> None:
    odd = replace(GOING_ON, name="</title><b>SlotOfcontentInTheFrame {{ x }}")
    page = pages_of(with_headers(with_incidents(odd)))[f"status/incidents/{GOING_ON.id}/index.html"]
    assert "<title>&lt;/title&gt;&lt;b&gt;SlotOfcontentInTheFrame {{ x }}" in re.sub(r">\s+", ">", page)
    assert page.count("<main") == 1
    assert page.count("Updates</h2>") == 1


def test_each_page_names_its_own_address() -> None:
    page = pages_of(FULL)[f"status/incidents/{GOING_ON.id}/index.html"]
    assert f'<link rel="canonical" href="{settings.STATUS_URL}/incidents/{GOING_ON.id}/">' in page
    assert "SlotOf" not in page


def test_a_change_of_the_frame_renders_every_page_again(settings: Settings) -> None:
    """A deployment that renames a stylesheet must not leave pages behind that ask for the old one."""
    first = Work(FULL, NOW, ("en",), "", {}, lambda _ids: ())
    sources = {path: document.source for path, document in pages.documents(first)}
    settings.STATIC_URL = "/elsewhere/"
    second = Work(FULL, NOW, ("en",), "", sources, lambda _ids: ())
    kept_ones = {path for path, document in pages.documents(second) if not isinstance(document, Fresh)}
    assert kept_ones == {"status/banner.json"}
