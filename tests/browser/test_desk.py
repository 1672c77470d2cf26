"""The desk with JavaScript: the sidebar changes the page beside what is being written."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
ENGINEER = "engineer@portal.example"
MANAGER = "manager@portal.example"


def at_desk(new_context: NewContext, portal: LivePortal, email: str) -> Page:
    """Open the queue in a browser of this person's own."""
    page = new_context().new_page()
    page.goto("/accounts/login/?next=/desk/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(portal.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/**")
    return page


def filed_case(page: Page, subject: str) -> str:
    """File a case for Acme's first contact and return its address."""
    page.goto("/desk/new/?q=acme")
    page.get_by_role("link", name="Acme", exact=True).click()
    page.get_by_label("Contact", exact=False).first.select_option(index=1)
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Description").fill("Told on the phone.")
    page.get_by_role("button", name="File the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    return page.url


def test_the_second_engineer_is_told_and_keeps_the_words(new_context: NewContext, live_portal: LivePortal) -> None:
    engineer = at_desk(new_context, live_portal, ENGINEER)
    url = filed_case(engineer, "Invoices arrive twice")
    manager = at_desk(new_context, live_portal, MANAGER)
    manager.goto(url)
    text = engineer.locator("#composer textarea[name=body]")
    text.fill("We are looking at it.")

    manager.locator("#escalate").click()
    expect(manager.locator("#escalate")).to_have_text("End escalation")
    engineer.locator("#move-in_progress").click()

    expect(engineer.get_by_role("alert")).to_contain_text("escalated the case")
    expect(text).to_have_value("We are looking at it.")
    engineer.locator("#move-in_progress").click()
    expect(engineer.locator("#move-waiting")).to_be_visible()
    expect(text).to_have_value("We are looking at it.")
    assert engineer.url == url

    engineer.get_by_role("button", name="Send public reply").click()
    expect(engineer.locator("#timeline")).to_contain_text("We are looking at it.")


def test_a_note_looks_and_reads_like_one(new_context: NewContext, live_portal: LivePortal) -> None:
    page = at_desk(new_context, live_portal, ENGINEER)
    filed_case(page, "Orders arrive without prices")
    page.get_by_label("Internal note").check()
    expect(page.get_by_role("button", name="Send public reply")).to_have_count(0)
    page.locator("#composer textarea[name=body]").fill("Ask Theo about this.")
    page.get_by_role("button", name="Save internal note").click()
    expect(page.locator(".entry-internal")).to_contain_text("Ask Theo about this.")


def test_a_note_begun_by_its_key_is_found_again_as_a_note(new_context: NewContext, live_portal: LivePortal) -> None:
    page = at_desk(new_context, live_portal, ENGINEER)
    filed_case(page, "Orders arrive in the wrong currency")
    page.keyboard.press("n")
    page.keyboard.type("They are behind on payment.")
    expect(page.locator("#composer [data-draft-status]")).to_have_text("Draft saved")
    page.reload()
    expect(page.get_by_label("Internal note")).to_be_checked()
    expect(page.locator("#composer textarea[name=body]")).to_have_value("They are behind on payment.")
    page.keyboard.press("r")
    expect(page.get_by_label("Public reply")).to_be_checked()
    expect(page.locator("#composer textarea[name=body]")).to_have_value("")


def test_an_alert_is_acknowledged_from_the_queue_and_a_case_taken_by_keyboard(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    page = at_desk(new_context, live_portal, ENGINEER)
    filed_case(page, "Production Down: the warehouse stands still")
    page.goto("/desk/?tab=unassigned")
    banner = page.locator(".production-down-banner").filter(has_text="the warehouse stands still")
    row = page.locator("tr").filter(has_text="the warehouse stands still")
    # Older ones stand above it: each press chooses the next row.
    for _above in range(row.evaluate("row => row.sectionRowIndex") + 1):
        page.keyboard.press("j")
    expect(row).to_have_class("is-production-down is-chosen")
    page.keyboard.press("t")
    expect(row).to_contain_text("You")
    banner.get_by_role("button").click()
    expect(page.get_by_text("You are on it")).to_be_visible()
