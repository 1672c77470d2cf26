"""The command palette and the header's search, by keyboard and by mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]


@pytest.fixture
def contact(new_context: NewContext, live_portal: LivePortal) -> Page:
    """A page of Acme's contact, who is signed in, at an address without a search of its own."""
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto("/accounts/login/?next=/support/")
    page.get_by_label("Email", exact=True).fill("contact@acme.example")
    page.get_by_label("Password", exact=True).fill(live_portal.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/support/")
    return page


def test_keys_alone_reach_a_place(contact: Page) -> None:
    contact.keyboard.press("Control+k")
    field = contact.get_by_role("combobox", name="Search, or type what you want to do")
    expect(field).to_be_focused()
    options = contact.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")

    contact.keyboard.type("bookm")
    expect(options.first).to_have_text("Bookmarks")
    contact.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id") or "none")
    contact.keyboard.press("ArrowUp")
    contact.keyboard.press("Enter")
    contact.wait_for_url("**/account/bookmarks/")


def test_escape_closes_it_and_gives_the_focus_back(contact: Page) -> None:
    link = contact.get_by_role("link", name="My Cases").first
    link.focus()
    contact.keyboard.press("Control+k")
    expect(contact.get_by_role("option").first).to_be_visible()
    contact.keyboard.press("Escape")
    expect(contact.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()


def test_the_last_words_win(contact: Page) -> None:
    contact.keyboard.press("Control+k")
    expect(contact.get_by_role("option").first).to_be_visible()

    def late(route: object) -> None:
        contact.wait_for_timeout(600)
        route.continue_()  # type: ignore[attr-defined]

    contact.route("**/palette/?q=create", late)
    contact.keyboard.type("create")
    contact.wait_for_timeout(250)
    contact.get_by_role("combobox").fill("bookmarks")
    expect(contact.get_by_role("option").first).to_have_text("Bookmarks")
    contact.wait_for_timeout(900)
    expect(contact.get_by_role("option").first).to_have_text("Bookmarks")


def test_enter_does_nothing_of_a_list_that_answers_other_words(contact: Page) -> None:
    contact.keyboard.press("Control+k")
    expect(contact.get_by_role("option").first).to_be_visible()
    # Asked, and not answered while this page is there.
    contact.route("**/palette/?q=netsuite", lambda _route: None)
    with contact.expect_request("**/palette/?q=netsuite"):
        contact.keyboard.type("netsuite")
    contact.keyboard.press("Enter")
    contact.wait_for_url("**/search/?q=netsuite")


def test_its_button_opens_it_and_acts_are_done(contact: Page) -> None:
    contact.get_by_role("button", name="Go to a place or do something").click()
    before = contact.locator("html").get_attribute("data-bs-theme")
    contact.get_by_role("option", name="Switch between light and dark").click()
    expect(contact.locator("#palette")).to_be_hidden()
    expect(contact.locator("html")).not_to_have_attribute("data-bs-theme", before or "")

    contact.keyboard.press("Control+k")
    contact.keyboard.type("sign out")
    contact.get_by_role("option", name="Sign out").click()
    expect(contact.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_slash_goes_to_the_header_and_from_there_to_the_results(contact: Page) -> None:
    contact.locator("#main").click()
    contact.keyboard.press("/")
    expect(contact.locator("#header-q")).to_be_focused()
    contact.keyboard.type("netsuite")
    contact.keyboard.press("Enter")
    contact.wait_for_url("**/search/?q=netsuite")
    # The page's own field comes first where there is one.
    contact.locator("h1").click()
    contact.keyboard.press("/")
    expect(contact.locator("#search-q")).to_be_focused()


def test_a_visitor_has_it_too(page: Page) -> None:
    page.goto("/support/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Sign in")).to_be_visible()
    expect(page.get_by_role("option", name="Create Case")).to_have_count(0)
    page.keyboard.type("lock row")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=lock+row")
