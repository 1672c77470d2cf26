"""The console as it is used on a bad day: from a phone, by keyboard, and where scripts do not run."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
OPERATOR = "operator@portal.example"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
THUMB = 44  # px
# Of the demo.
FIRST, SECOND = re.compile(r"^Gateway \(EU\)"), re.compile(r"^Developer portal")
TAB_STOPS = 120


def at_console(new_context: NewContext, portal: LivePortal, **context: object) -> Page:
    """Open the console in a browser of the operator's own."""
    page = new_context(**context).new_page()
    page.goto("/accounts/login/?next=/status/manage/")
    page.get_by_label("Email", exact=True).fill(OPERATOR)
    page.get_by_label("Password", exact=True).fill(portal.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/status/manage/")
    return page


def button(page: Page, name: str) -> Locator:
    """Return a button below the form, not the one of the text's own preview."""
    return page.locator(".console-bar, .console-foot").get_by_role("button", name=name, exact=True)


def components_on_public_page(page: Page, title: str) -> None:
    """Expect the incident's public page to be there by now."""
    page.get_by_role("link", name="Public page").click()
    expect(page.get_by_role("heading", name=title).first).to_be_visible()
    page.go_back()


def test_an_incident_from_a_phone(new_context: NewContext, live_portal: LivePortal) -> None:
    title = "The gateway in Europe answers with errors"
    page = at_console(new_context, live_portal, **PHONE)
    page.get_by_role("link", name="Open incident").tap()
    page.get_by_label("Title").fill(title)
    page.get_by_role("checkbox", name=FIRST).check()
    page.get_by_role("checkbox", name=SECOND).check()
    page.get_by_label("Status of Developer portal").select_option("degraded_performance")
    page.get_by_label("Text").fill("Calls fail **now and then**.")
    publish = button(page, "Publish incident")
    box = publish.bounding_box()
    assert box
    assert box["height"] >= THUMB
    assert box["y"] + box["height"] <= PHONE["viewport"]["height"]  # type: ignore[index]

    button(page, "Preview").tap()
    notice = page.locator("#notice")
    expect(notice.get_by_text(f"Investigating: {title}").first).to_be_visible()
    expect(notice).to_contain_text("Gateway (EU)")
    expect(notice).to_contain_text(re.compile("Degraded performance"))
    expect(page.get_by_label("Title")).to_have_value(title)
    publish.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    components_on_public_page(page, title)

    page.get_by_role("link", name="Post update").tap()
    text = page.get_by_label("Text")
    expect(text).to_have_value("We have found the cause and are working on a fix.")
    page.get_by_label("Monitoring").check()
    expect(text).to_have_value("A fix is in place. We are watching the results.")
    text.fill("Fewer errors since noon.")
    page.get_by_label("Identified").check()
    expect(text).to_have_value("Fewer errors since noon.")
    page.get_by_label("Monitoring").check()
    button(page, "Publish update").tap()
    expect(page.locator(".timeline")).to_contain_text("Fewer errors since noon.")

    button(page, "Resolve").tap()
    expect(page.locator(".timeline")).to_contain_text("This incident is resolved.")
    expect(page.get_by_role("link", name="Write a postmortem")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what ``selector`` finds has the focus; it must then be in sight, not behind the bar."""
    for _stop in range(TAB_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    else:
        pytest.fail(f"Tab does not reach {selector}")
    # The page may be on its way there.
    in_sight = """() => {
        const box = document.activeElement.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return document.activeElement === top || document.activeElement.contains(top)
            || !!document.activeElement.closest("label")?.contains(top);
    }"""
    page.wait_for_function(in_sight)


def test_an_incident_by_keyboard(new_context: NewContext, live_portal: LivePortal) -> None:
    title = "Reports are late"
    page = at_console(new_context, live_portal)
    tab_to(page, 'a[href$="/incidents/new/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/new/")
    tab_to(page, "input[name=name]")
    page.keyboard.type(title)
    # Enter shows what would be sent, and sends nothing.
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    # What is wrong has the focus and is in sight, although the address names the preview's place.
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(page.get_by_label("Title")).to_have_value(title)
    tab_to(page, "[data-console-filter]")
    page.keyboard.type("portal")
    expect(page.get_by_role("checkbox", name=FIRST)).to_be_hidden()
    tab_to(page, "[data-console-pick]:not([hidden]) input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "textarea[name=body]")
    page.keyboard.type("We look into it.")
    tab_to(page, ".console-bar .btn-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".console-affected")).to_contain_text("Developer portal")
    button(page, "Resolve").click()
    expect(page.locator(".timeline")).to_contain_text("This incident is resolved.")


def test_an_incident_without_scripts(new_context: NewContext, live_portal: LivePortal) -> None:
    title = "Mails are late"
    page = at_console(new_context, live_portal, java_script_enabled=False, **PHONE)
    page.get_by_role("link", name="Open incident").click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("checkbox", name=SECOND).check()
    page.get_by_label("Status of Developer portal").select_option("major_outage")
    page.get_by_label("Text").fill("We look into it.")
    button(page, "Preview").click()
    expect(page.locator("#notice")).to_contain_text(f"Investigating: {title}")
    expect(page.get_by_role("checkbox", name=SECOND)).to_be_checked()
    expect(page.get_by_label("Status of Developer portal")).to_have_value("major_outage")
    button(page, "Save as draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("button", name="Publish incident").click()
    button(page, "Resolve").click()
    expect(page.locator(".timeline")).to_contain_text("This incident is resolved.")


def test_what_was_typed_is_not_lost_by_a_slip(new_context: NewContext, live_portal: LivePortal) -> None:
    page = at_console(new_context, live_portal)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Open incident").click()
    # Nothing typed, nothing asked.
    page.locator("header").get_by_role("link", name="Status console").click()
    page.wait_for_url("**/status/manage/")
    page.get_by_role("link", name="Open incident").click()
    page.get_by_label("Title").press_sequentially("Reports")
    page.locator("header").get_by_role("link", name="Status console").click()
    expect(page.get_by_label("Title")).to_have_value("Reports")
    # A preview is no end of it either.
    button(page, "Preview").click()
    page.wait_for_load_state("load")
    page.locator("header").get_by_role("link", name="Status console").click()
    expect(page.get_by_label("Title")).to_have_value("Reports")
    assert asked == ["beforeunload", "beforeunload"]


def test_maintenance_is_announced_and_called_off(new_context: NewContext, live_portal: LivePortal) -> None:
    title = "New disks in the gateway"
    page = at_console(new_context, live_portal, **PHONE)
    page.get_by_role("link", name="Schedule maintenance").tap()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill("The gateway is away for some minutes.")
    page.get_by_role("checkbox", name=FIRST).check()
    button(page, "Preview").tap()
    expect(page.locator("#notice")).to_contain_text(title)
    button(page, "Announce maintenance").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="Cancel it").tap()
    button(page, "Cancel the maintenance").tap()
    expect(page.locator(".timeline")).to_contain_text("This maintenance was cancelled.")
