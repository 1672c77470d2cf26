"""The customer's pages as a browser sees them: hints while one writes, preview, files, filters."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import LivePortal

NewContext = Callable[..., BrowserContext]


def sign_in(page: Page, portal: LivePortal, email: str, to: str) -> None:
    page.goto(f"/accounts/login/?next={to}")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(portal.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


@pytest.fixture
def acme(page: Page, live_portal: LivePortal) -> Page:
    sign_in(page, live_portal, "contact@acme.example", "/cases/new/")
    return page


@pytest.fixture
def screenshot(tmp_path: Path) -> Path:
    path = tmp_path / "screen.log"
    path.write_text("503\n")
    return path


def test_subject_that_means_production_down_lists_what_to_include(acme: Page) -> None:
    acme.get_by_label("Subject").press_sequentially("Production is down")
    expect(acme.locator("#subject-hints")).to_contain_text("Write the words Production Down")
    acme.get_by_label("Subject").fill("Production down")
    for words in ("contact details", "the product", "the endpoints", "the impact"):
        expect(acme.locator("#subject-hints")).to_contain_text(words)
    acme.get_by_label("Subject").fill("A question")
    expect(acme.locator("#subject-hints .callout")).to_have_count(0)


def test_preview_shows_the_description_as_it_will_read(acme: Page) -> None:
    acme.get_by_label("Description").fill("It is **broken**.")
    acme.get_by_role("tab", name="Preview").click()
    expect(acme.locator("[data-md-preview] strong")).to_have_text("broken")
    acme.get_by_role("tab", name="Write").click()
    expect(acme.get_by_label("Description")).to_have_value("It is **broken**.")


def test_wrong_form_keeps_words_and_files(acme: Page, screenshot: Path) -> None:
    acme.get_by_label("Subject").fill("Orders stop")
    acme.get_by_label("Attachments").set_input_files(screenshot)
    expect(acme.locator(".upload .chip input[type=hidden]")).to_have_count(1)
    acme.get_by_role("button", name="Create case").click()
    expect(acme.get_by_role("alert")).to_contain_text("not sent yet")
    expect(acme.get_by_label("Subject")).to_have_value("Orders stop")
    expect(acme.locator(".upload .chip")).to_contain_text("screen.log")


def test_form_works_without_javascript(new_context: NewContext, live_portal: LivePortal, screenshot: Path) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, live_portal, "contact@acme.example", "/cases/new/")
    page.get_by_label("Attachments").set_input_files(screenshot)
    page.get_by_label("Subject").fill("Written without scripts")
    page.get_by_role("button", name="Create case").click()
    expect(page.locator(".upload .chip")).to_contain_text("screen.log")
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Description").fill("Some **words**.")
    page.get_by_role("button", name="Create case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"CS-\d{6} is filed"))
    page.get_by_role("link", name="Open the case").click()
    expect(page.locator("#description .chip")).to_contain_text("screen.log")
    page.goto("/cases/?q=scripts")
    expect(page.locator(".row-title")).to_have_text("Written without scripts")


def test_filters_live_in_the_address(acme: Page) -> None:
    acme.goto("/cases/?whose=team")
    acme.get_by_role("link", name="Closed", exact=True).click()
    expect(acme).to_have_url(re.compile(r"whose=team&state=closed"))
    acme.get_by_label("Sort by").select_option("priority")
    expect(acme).to_have_url(re.compile(r"sort=priority"))
    acme.get_by_label("Search cases").fill("no such words anywhere")
    acme.get_by_label("Search cases").press("Enter")
    expect(acme.get_by_text("Nothing found")).to_be_visible()
    acme.go_back()
    expect(acme.locator(".row-title").first).to_be_visible()


@pytest.mark.parametrize("address", ["/cases/?whose=team", "/cases/new/"])
def test_phone_of_320_pixels_needs_no_sideways_scroll(acme: Page, address: str) -> None:
    acme.set_viewport_size({"width": 320, "height": 640})
    acme.goto(address)
    assert acme.evaluate("document.documentElement.scrollWidth") == 320
