"""Forms in a browser: what is wrong takes the focus, what is typed outlives the page, what is done is taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.test_case_journey import CONTACT, ENGINEER, signed_in
from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
DRAFTS = "**/cases/drafts/"


def create_case(new_context: NewContext, portal: LivePortal) -> Page:
    page = signed_in(new_context, portal, CONTACT, "/support/")
    # A draft of the test before may have been on its way.
    portal.forget_drafts()
    page.goto("/cases/new/")
    return page


def test_the_summary_takes_the_focus_and_leads_to_the_field(new_context: NewContext, live_portal: LivePortal) -> None:
    page = create_case(new_context, live_portal)
    page.get_by_label("Subject").fill("Orders stop")
    page.get_by_role("button", name="Create case").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("not sent yet")
    summary.get_by_role("link", name="Description").focus()
    page.keyboard.press("Enter")
    description = page.get_by_label("Description")
    expect(description).to_be_focused()
    expect(description).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Subject")).to_have_value("Orders stop")


def test_a_case_is_there_after_a_reload_and_can_be_discarded_and_had_back(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    page = create_case(new_context, live_portal)
    page.get_by_label("Subject").press_sequentially("Agents restart each night")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("Agents restart each night")
    expect(page.get_by_text("Draft restored")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Subject")).to_have_value("")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Subject")).to_have_value("Agents restart each night")


def test_two_windows_do_not_overwrite_each_other(new_context: NewContext, live_portal: LivePortal) -> None:
    first = create_case(new_context, live_portal)
    second = first.context.new_page()
    second.goto("/cases/new/")
    first.get_by_label("Subject").fill("From the first window")
    expect(first.get_by_text("Draft saved")).to_be_visible()
    second.get_by_label("Subject").fill("From the second window")
    expect(second.get_by_text("newer draft from another window")).to_be_visible()
    second.get_by_role("link", name="Reload the page").click()
    expect(second.get_by_label("Subject")).to_have_value("From the first window")


def test_without_a_connection_it_says_so_and_saves_later(new_context: NewContext, live_portal: LivePortal) -> None:
    page = create_case(new_context, live_portal)

    def drop(route: Route) -> None:
        route.abort()

    page.route(DRAFTS, drop)
    page.get_by_label("Subject").fill("On the train")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.unroute(DRAFTS, drop)
    expect(page.get_by_text("Draft saved")).to_be_visible()


def test_a_draft_is_gone_once_its_case_is_filed(new_context: NewContext, live_portal: LivePortal) -> None:
    page = create_case(new_context, live_portal)
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Subject").fill("Invoices arrive twice a day")
    page.get_by_label("Description").fill("Since the last release.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_role("button", name="Create case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is filed")
    page.goto("/cases/new/")
    expect(page.get_by_label("Subject")).to_have_value("")


def test_a_note_never_turns_into_an_answer(new_context: NewContext, live_portal: LivePortal) -> None:
    page = signed_in(new_context, live_portal, ENGINEER, "/desk/?tab=all")
    page.locator(".queue-subject a").first.click()
    composer = page.locator("#composer")
    text = composer.locator("textarea[name=body]")
    composer.get_by_text("Internal note", exact=True).click()
    text.fill("They are behind on payment.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    composer.get_by_text("Public reply", exact=True).click()
    expect(text).to_have_value("")
    expect(page.get_by_text("Your internal note is kept as a draft.")).to_be_visible()
    text.fill("We look into it.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    composer.get_by_text("Internal note", exact=True).click()
    expect(text).to_have_value("They are behind on payment.")
    composer.get_by_text("Public reply", exact=True).click()
    expect(text).to_have_value("We look into it.")
    page.reload()
    expect(page.get_by_label("Public reply")).to_be_checked()
    expect(text).to_have_value("We look into it.")
    composer.get_by_text("Internal note", exact=True).click()
    expect(text).to_have_value("They are behind on payment.")


def test_a_vote_that_fails_is_taken_back_in_words(new_context: NewContext, live_portal: LivePortal) -> None:
    page = signed_in(new_context, live_portal, CONTACT, "/forums/")
    page.get_by_role("main").locator("a[href*='/t/']").first.click()
    page.route("**/bookmark/", lambda route: route.abort())
    bookmark = page.get_by_role("button", name="Bookmark").first
    bookmark.click()
    expect(page.locator("#messages")).to_contain_text("could not reach the server")
    expect(bookmark).to_have_attribute("aria-pressed", "false")
