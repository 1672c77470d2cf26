"""Create Case while something is wrong: it is shown first, and the case can be linked to it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_customer_pages import sign_in
from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
# Of the demo: an incident that goes on, of a product.
PRODUCT = "Integration Cloud"
INCIDENT = "Events arrive late at listeners in Europe"


def at_create_case(new_context: NewContext, portal: LivePortal, **options: object) -> Page:
    page = new_context(**options).new_page()
    sign_in(page, portal, "contact@acme.example", "/cases/new/")
    return page


def test_a_known_incident_is_shown_first_and_the_case_is_linked_to_it(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    page = at_create_case(new_context, live_portal)
    panels = page.locator("#filing-panels")
    # The form begins with the product of the person's last case.
    page.get_by_label("Product").select_option("")
    expect(panels.get_by_role("radio")).to_have_count(0)
    page.get_by_label("Product").select_option(label=PRODUCT)
    expect(panels).to_contain_text(INCIDENT)
    page.get_by_label("Description").fill("My own words.")
    page.get_by_label(f"This affects me: {INCIDENT}").check()
    expect(page.get_by_label("Subject")).to_have_value(INCIDENT)
    expect(page.get_by_label("Description")).to_have_value("My own words.")
    page.get_by_label("My case is about something else").check()
    expect(page.get_by_label("Subject")).to_have_value("")
    page.get_by_label(f"This affects me: {INCIDENT}").check()
    page.get_by_label("Subject").fill("Our events are late")
    page.get_by_role("button", name="Create case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"CS-\d{6} is filed"))
    page.get_by_role("link", name="Open the case").click()
    expect(page.locator("#incidents")).to_contain_text("Half of the queues have been moved")
    expect(page.locator(".timeline")).to_contain_text(f"linked this case to the incident {INCIDENT}")
    page.locator("#incidents").get_by_role("link", name=INCIDENT).click()
    expect(page).to_have_url(re.compile(r"/status/incidents/[a-z0-9]{12}/$"))


def test_another_product_has_other_news(new_context: NewContext, live_portal: LivePortal) -> None:
    page = at_create_case(new_context, live_portal)
    page.get_by_label("Product").select_option(label=PRODUCT)
    page.get_by_label(f"This affects me: {INCIDENT}").check()
    page.get_by_label("Product").select_option(label="API Gateway")
    expect(page.locator("#filing-panels")).to_contain_text("Database upgrade of API analytics")
    expect(page.locator("#filing-panels")).not_to_contain_text(INCIDENT)
    expect(page.get_by_label("My case is about something else")).to_be_checked()


def test_without_scripts_nothing_is_lost_and_nothing_is_in_the_way(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    page = at_create_case(new_context, live_portal, java_script_enabled=False)
    page.get_by_label("Product").select_option(label=PRODUCT)
    page.get_by_label("Description").fill("My own words.")
    page.get_by_role("button", name="Look for known problems").click()
    expect(page.get_by_label("Description")).to_have_value("My own words.")
    page.get_by_label(f"This affects me: {INCIDENT}").check()
    page.get_by_role("button", name="Create case").click()
    expect(page.get_by_label("Subject")).to_have_value(INCIDENT)
    expect(page.get_by_label(f"This affects me: {INCIDENT}")).to_be_checked()
    page.get_by_role("button", name="Create case").click()
    page.get_by_role("link", name="Open the case").click()
    expect(page.locator("#incidents")).to_contain_text(INCIDENT)
    page.goto("/cases/new/")
    page.get_by_label("Product").select_option(label=PRODUCT)
    page.get_by_label("Subject").fill("A question")
    page.get_by_label("Description").fill("How do I rename a flow?")
    page.get_by_role("button", name="Create case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"CS-\d{6} is filed"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_with_an_incident_fits_a_phone(new_context: NewContext, live_portal: LivePortal, scheme: str) -> None:
    page = at_create_case(new_context, live_portal, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page.get_by_label("Product").select_option(label=PRODUCT)
    expect(page.locator("#filing-panels")).to_contain_text(INCIDENT)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_an_engineer_links_and_unlinks_at_the_desk(new_context: NewContext, live_portal: LivePortal) -> None:
    customer = at_create_case(new_context, live_portal)
    customer.get_by_label("Product").select_option(label=PRODUCT)
    customer.get_by_label("Subject").fill("Listeners are slow")
    customer.get_by_label("Description").fill("Since an hour.")
    customer.get_by_role("button", name="Create case").click()
    customer.get_by_role("link", name="Open the case").click()
    number = re.search(r"CS-\d{6}", customer.url).group()  # type: ignore[union-attr]
    desk = new_context().new_page()
    sign_in(desk, live_portal, "engineer@portal.example", f"/desk/{number}/")
    desk.get_by_role("link", name="Link an incident").click()
    desk.get_by_role("button", name=f"Link {INCIDENT}").click()
    expect(desk.locator("#incidents")).to_contain_text(INCIDENT)
    customer.reload()
    expect(customer.locator("#incidents")).to_contain_text(INCIDENT)
    desk.get_by_role("button", name=f"Unlink {INCIDENT}").click()
    expect(desk.locator("#timeline")).to_contain_text(f"ended this case's link to the incident {INCIDENT}")
    expect(desk.locator("#incidents")).not_to_contain_text(INCIDENT)
