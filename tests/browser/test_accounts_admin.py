"""A CSM decides who the authorized contacts are, in a browser."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.live import LivePortal

Contexts = Callable[..., BrowserContext]


def sign_in(contexts: Contexts, email: str, password: str) -> Page:
    page = contexts().new_page()
    page.goto("/accounts/login/?next=/admin/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    return page


def test_csm_authorizes_a_colleague_and_takes_it_back(new_context: Contexts, live_portal: LivePortal) -> None:
    page = sign_in(new_context, "csm@portal.example", live_portal.password)
    page.get_by_role("link", name="Accounts", exact=True).last.click()
    page.get_by_role("link", name="Acme", exact=True).click()
    row = page.locator("#contacts tr", has_text="colleague@acme.example")

    row.get_by_role("button", name=re.compile("^Authorize:")).click()

    expect(page.locator(".messagelist")).to_contain_text("is authorized.")
    expect(page.locator("#history li").first).to_contain_text("authorized")
    row.get_by_role("button", name=re.compile("^Withdraw authorization:")).click()
    expect(page.locator(".messagelist")).to_contain_text("is no longer authorized.")


def test_csm_adds_by_email_and_withdraws_the_invitation(new_context: Contexts, live_portal: LivePortal) -> None:
    page = sign_in(new_context, "csm@portal.example", live_portal.password)
    page.goto("/admin/accounts/account/?q=Acme")
    page.get_by_role("link", name="Acme", exact=True).click()

    page.get_by_label("E-mail", exact=True).fill("browser.test@acme.example")
    page.get_by_label("E-mail", exact=True).press("Enter")

    row = page.locator("#invitations tr", has_text="browser.test@acme.example")
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile("^Withdraw:")).click()
    expect(row).to_have_count(0)


def test_the_administration_and_the_site_have_one_theme(new_context: Contexts, live_portal: LivePortal) -> None:
    page = sign_in(new_context, "admin@portal.example", live_portal.password)
    page.emulate_media(color_scheme="dark")
    root = page.locator("html")
    # The administration now says "auto", which is no theme of the site.
    page.goto("/support/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.locator("[data-theme-toggle]").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.goto("/admin/")
    expect(root).to_have_attribute("data-theme", "light")


def test_no_page_of_the_administration_breaks_the_policy(new_context: Contexts, live_portal: LivePortal) -> None:
    page = sign_in(new_context, "admin@portal.example", live_portal.password)
    for path in ("account", "contact", "invitation", "contactrequest", "auditevent", "user", "supportplan", "product"):
        page.goto(f"/admin/accounts/{path}/")
        expect(page.locator("#changelist")).to_be_visible()
        link = page.locator("#result_list tbody th a").first
        if link.count():
            link.click()
            expect(page.locator("#content-main form").first).to_be_visible()
    page.goto("/admin/accounts/user/add/")
    expect(page.get_by_label("E-mail:")).to_be_visible()
