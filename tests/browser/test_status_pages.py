"""The public status pages in a browser: they keep themselves true, and leave alone what the reader does."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from status.snapshot import pages
from status.snapshot.store import Fresh, Store
from status.snapshot.work import Work
from status.state import AffectedState, DayState, Header, RegionState, State
from tests.browser.conftest import watch
from tests.status.states import API, GOING_ON, LOADER, PLANNED, STATE, component, update

pytestmark = pytest.mark.django_db

# As if time had passed: coming back to the tab asks at once.
ASK_NOW = "document.dispatchEvent(new Event('visibilitychange'))"
REGIONS = (RegionState("eu", "Europe"), RegionState("us", "United States"))
HEADER = Header(GOING_ON.id, 1, "2026-11")
COMPONENTS = (
    replace(API, status="operational", days=(DayState(timezone.now().date() - timedelta(days=3), 600, 0, 0, 0),)),
    replace(LOADER, region="us"),
    *(component(f"component{number:03}", f"Component {number}") for number in range(12)),
)
CALM = replace(STATE, version=1, regions=REGIONS, components=COMPONENTS, incidents=(PLANNED,))
OUTAGE = replace(
    CALM,
    version=2,
    components=(replace(COMPONENTS[0], status="partial_outage"), *COMPONENTS[1:]),
    incidents=(PLANNED, replace(GOING_ON, affected=(AffectedState(API.id, "partial_outage"),))),
)


@dataclass
class Site:
    """A published status site under a real server."""

    url: str
    directory: Path
    times: int = 0

    def publish(self, state: State, *, as_of: datetime | None = None, languages: Sequence[str] = ("en",)) -> None:
        moment = (as_of or timezone.now()).replace(microsecond=0)
        change = str(state.version)
        work = Work(state, moment, languages, "", {}, lambda _ids: (), change)
        documents = dict(pages.documents(work))
        told = f'{{"as_of": "{moment.isoformat()}", "change": "{change}"}}'
        documents["status/as-of.json"] = Fresh(told.encode(), told)
        # Each time newer than before, whatever its as-of time: readers never find the place empty.
        self.times += 1
        assert Store(self.directory).publish(documents, version=(self.times, 0), as_of=moment, change=change)


@pytest.fixture
def site(live_server: LiveServer) -> Site:
    return Site(live_server.url, Path(settings.STATUS_SNAPSHOT_DIR))


@pytest.fixture
def reading(browser: Browser, page_problems: list[str]) -> Iterator[Callable[..., Page]]:
    """Open pages as somebody in Vienna. These tests publish by themselves and need no whole portal running."""
    contexts: list[BrowserContext] = []

    def make(**arguments: Any) -> Page:
        # What is measured stands still.
        usual = {"locale": "en-GB", "timezone_id": "Europe/Vienna", "reduced_motion": "reduce"}
        context = browser.new_context(**{**usual, **arguments})
        contexts.append(watch(context, page_problems))
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not page_problems, "\n".join(page_problems)


@pytest.fixture
def page(reading: Callable[..., Page]) -> Page:
    return reading()


def test_the_page_changes_by_itself_and_says_so(site: Site, page: Page) -> None:
    site.publish(CALM)
    page.goto(f"{site.url}/status/")
    expect(page.get_by_role("heading", level=1)).to_have_text("All Systems Operational")
    page.get_by_label("Email").fill("reader@example.com")

    site.publish(OUTAGE)
    page.evaluate(ASK_NOW)
    expect(page.get_by_role("heading", level=1)).to_have_text("Partial System Outage")
    expect(page.get_by_role("link", name=GOING_ON.name)).to_be_visible()
    expect(page.locator("#announcements")).to_contain_text("Partial System Outage")
    expect(page).to_have_title(re.compile("Partial System Outage"))
    expect(page.get_by_label("Email")).to_have_value("reader@example.com")


def test_what_is_folded_focused_and_looked_at_stays(site: Site, page: Page) -> None:
    site.publish(CALM)
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(f"{site.url}/status/")
    page.get_by_text("Platform").click()
    expect(page.locator("#group-groupgroup01")).not_to_have_attribute("open", "")
    link = page.get_by_role("link", name="Component 9")
    link.focus()
    expect(link).to_be_in_viewport()
    before = link.bounding_box()

    site.publish(OUTAGE)
    page.evaluate(ASK_NOW)
    expect(page.get_by_role("link", name=GOING_ON.name)).to_be_attached()
    expect(page.locator("#group-groupgroup01")).not_to_have_attribute("open", "")
    expect(link).to_be_focused()
    after = link.bounding_box()
    assert before is not None
    assert after is not None
    # What came above it is 200 pixels high at the least.
    assert abs(before["y"] - after["y"]) < 60


def test_polls_are_cheap_while_nothing_changes(site: Site, page: Page) -> None:
    site.publish(CALM)
    page.goto(f"{site.url}/status/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    with page.expect_response("**/as-of.json"):
        page.evaluate(ASK_NOW)
    with page.expect_response("**/as-of.json"):
        page.evaluate(ASK_NOW)
    assert {path for path in asked if not path.startswith("/static/")} == {"/status/as-of.json"}


def test_a_hidden_page_asks_nothing(site: Site, page: Page) -> None:
    site.publish(CALM)
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.isAway === true})")
    page.clock.install()
    page.goto(f"{site.url}/status/")
    page.evaluate("window.isAway = true")
    page.evaluate(ASK_NOW)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(120_000)
    assert asked == []
    page.evaluate("window.isAway = false")
    with page.expect_response("**/as-of.json"):
        page.evaluate(ASK_NOW)


def test_green_goes_when_nobody_confirms_it_and_comes_back(site: Site, page: Page) -> None:
    site.publish(CALM)
    page.goto(f"{site.url}/status/")
    row = page.locator(".status-row").first
    expect(row).to_contain_text("Operational")

    long_ago = timezone.now() - timedelta(seconds=settings.STATUS_STALE_SECONDS + 60)
    site.publish(CALM, as_of=long_ago)
    page.evaluate(ASK_NOW)
    expect(page.get_by_text("The state is not known").first).to_be_visible()
    expect(row).to_contain_text("Not known")
    expect(page.locator("#announcements")).to_contain_text("not known")

    site.publish(CALM)
    page.evaluate(ASK_NOW)
    expect(page.get_by_role("heading", level=1)).to_have_text("All Systems Operational")
    expect(row).to_contain_text("Operational")


def test_a_page_that_came_stale_recovers(site: Site, page: Page) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.STATUS_STALE_SECONDS + 60)
    site.publish(CALM, as_of=long_ago)
    page.goto(f"{site.url}/status/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The state is not known")
    site.publish(CALM)
    page.evaluate(ASK_NOW)
    expect(page.get_by_role("heading", level=1)).to_have_text("All Systems Operational")


def test_an_incident_page_shows_the_next_update(site: Site, page: Page) -> None:
    headed = replace(OUTAGE, headers=(HEADER,))
    site.publish(headed)
    page.goto(f"{site.url}/status/incidents/{GOING_ON.id}/")
    expect(page.get_by_text("It is the cache.")).to_be_visible()
    newest = update("updateupdat9", "monitoring", "The cache answers again.", timezone.now())
    told = replace(OUTAGE.incidents[1], version=2, status="monitoring", updates=(newest, *GOING_ON.updates))
    site.publish(replace(headed, version=3, incidents=(PLANNED, told), headers=(replace(HEADER, version=2),)))
    page.evaluate(ASK_NOW)
    expect(page.get_by_text("The cache answers again.")).to_be_visible()


def test_times_are_the_readers(site: Site, page: Page) -> None:
    """The context's zone is Vienna's and its language British."""
    site.publish(CALM)
    page.goto(f"{site.url}/status/")
    window = page.locator("#status-now .moments")
    expect(window).to_have_text("1 Dec 2026, 19:20 CET \N{EN DASH} 21:20 CET")
    expect(window.locator("time").first).to_have_attribute("title", "1 Dec 2026, 18:20 UTC")


@pytest.mark.parametrize(
    ("locale", "path", "offered"),
    [
        ("de-AT", "", "Diese Seite auf Deutsch lesen"),
        ("pt-PT", "history/", "Ler esta página em português"),
        ("en-US", "de/", "Read this page in English"),
        ("en-US", "", ""),
        ("nl-NL", "", ""),
    ],
)
def test_a_page_offers_the_browsers_language(
    site: Site, reading: Callable[..., Page], locale: str, path: str, offered: str
) -> None:
    site.publish(CALM, languages=("en", "de", "pt-br"))
    page = reading(locale=locale)
    page.goto(f"{site.url}/status/{path}")
    link = page.locator(".status-offer a").filter(visible=True)
    if not offered:
        expect(link).to_have_count(0)
        return
    expect(link).to_have_text(offered)
    link.click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{locale[:2]}"))
    # Who goes back by the footer wants it so.
    name = "English" if not path.startswith("de") else "Deutsch"
    page.locator("footer").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if name == "English" else "de")
    expect(page.locator(".status-offer")).to_be_hidden()
    page.reload()
    expect(page.locator(".status-offer")).to_be_hidden()


def test_a_region_is_chosen_by_keyboard_and_without_a_script(site: Site, reading: Callable[..., Page]) -> None:
    site.publish(CALM)
    page = reading(java_script_enabled=False)
    page.goto(f"{site.url}/status/")
    page.get_by_label("All regions").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Europe")).to_be_checked()
    expect(page.locator(".status-row", has_text="API")).to_be_visible()
    expect(page.locator(".status-row", has_text="Data Loader")).to_be_hidden()
    expect(page.locator("#group-none")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["", f"incidents/{GOING_ON.id}/", f"components/{API.id}/", "history/"])
def test_no_page_scrolls_sideways(site: Site, page: Page, width: int, path: str) -> None:
    site.publish(replace(OUTAGE, headers=(HEADER,)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}/status/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_notice_of_an_incident_can_be_put_away_until_the_next(site: Site, page: Page) -> None:
    site.publish(OUTAGE)
    page.goto(f"{site.url}/support/")
    notice = page.get_by_role("region", name="Under way")
    expect(notice.get_by_role("link", name=GOING_ON.name)).to_be_visible()
    heading = page.get_by_role("heading", level=1)
    below = heading.bounding_box()
    height = notice.bounding_box()
    assert below is not None
    assert height is not None
    assert height["y"] + height["height"] <= below["y"]
    notice.get_by_role("button", name="Put this notice away").click()
    expect(notice).to_have_count(0)
    page.reload()
    expect(notice).to_have_count(0)
    site.publish(replace(OUTAGE, version=3, incidents=(replace(GOING_ON, id="anotheranoth", name="Another one"),)))
    page.reload()
    expect(notice.get_by_role("link", name="Another one")).to_be_visible()
