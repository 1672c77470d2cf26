"""Signing in as people do it, and the content security policy of every page that has to do with it."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import BrowserContext, Page, expect

from accounts.demo_sign_ins import DEMO_SIGN_INS
from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
OwnPage = Callable[..., Page]
TOTP_SECONDS = 30
PASSWORD = "a long sentence nobody guesses"
# A browser's own device with a fingerprint reader: it keeps passkeys and always recognises its owner.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
VISITORS_PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/nonsense/",
    "/accounts/inactive/",
]
PEOPLES_PAGES = [
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
]


@pytest.fixture
def own_page(new_context: NewContext) -> OwnPage:
    """Open a page in a browser of its own."""

    def open_page(**arguments: object) -> Page:
        return new_context(**arguments).new_page()

    return open_page


def choose(page: Page, email: str) -> None:
    """Sign in with one click, as a demo's visitor does."""
    person = next(person for person in DEMO_SIGN_INS if person.email == email)
    page.goto("/accounts/login/")
    page.get_by_role("button", name=person.name).click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def confirm_password(page: Page, portal: LivePortal) -> None:
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(portal.password)
        page.get_by_role("button", name="Confirm", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_label("Account menu of").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True).first).to_be_visible()


def plug_in_device(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def totp(secret: str) -> str:
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_SECONDS))
    return code


def test_a_passkey_signs_in_without_a_password(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page()
    plug_in_device(page)
    choose(page, "admin@portal.example")
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page, live_portal)
    page.get_by_label("Name").first.fill("Fingerprint of this laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("main")).to_contain_text("Fingerprint of this laptop")
    sign_out(page)

    page.goto("/accounts/login/?next=/support/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/support/")
    expect(page.get_by_label("Account menu of")).to_be_visible()


def test_a_device_that_knows_no_passkey_is_told_so(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page()
    page.goto("/accounts/login/")
    page.evaluate(
        "() => { navigator.credentials.get = async () => { throw new DOMException('no', 'NotAllowedError') } }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("no passkey of this site was found")


def test_an_authenticator_app_is_asked_for_at_sign_in(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page()
    choose(page, "moderator@portal.example")
    page.goto("/accounts/2fa/totp/activate/")
    confirm_password(page, live_portal)
    page.get_by_text("Cannot scan it?").click()
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("Authenticator code", exact=True).fill(totp(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    recovery_code = page.locator("#recovery-codes li").first.inner_text()
    sign_out(page)

    choose(page, "moderator@portal.example")
    expect(page).to_have_url(f"{live_portal.url}/accounts/2fa/authenticate/")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Code", exact=True).fill(recovery_code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Account menu of")).to_be_visible()


def test_signing_up_confirms_the_address_by_mail(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page()
    email = f"newcomer-{time.time_ns()}@example.com"
    page.goto("/accounts/signup/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Display name", exact=True).fill("New Comer")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()

    (mail,) = live_portal.mail.wait_for(1, address=email)
    link = re.search(rf"{re.escape(live_portal.url)}/accounts/confirm-email/\S+", mail.text)
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Yes, confirm it").click()
    page.goto("/accounts/login/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Account menu of New Comer")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_a_visitor_breaks_the_policy_or_scrolls_sideways(
    theme: str, own_page: OwnPage, live_portal: LivePortal
) -> None:
    page = own_page(color_scheme=theme, viewport={"width": 320, "height": 640})
    for address in VISITORS_PAGES:
        looks_right(page, address)


def test_no_page_of_a_person_breaks_the_policy_or_scrolls_sideways(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page(viewport={"width": 320, "height": 640})
    choose(page, "colleague@acme.example")
    for address in PEOPLES_PAGES:
        page.goto(address)
        confirm_password(page, live_portal)
        looks_right(page, address)


def looks_right(page: Page, address: str) -> None:
    """Check the parts that every page has; what breaks the policy fails the test by itself (``page_problems``)."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.title().endswith("Harbor Support"), address
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, address


def test_the_menu_works_without_javascript(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page(java_script_enabled=False, viewport={"width": 375, "height": 700})
    choose(page, "contact@acme.example")
    page.get_by_role("link", name="Menu", exact=True).click()
    expect(page.get_by_role("navigation", name="Your places").get_by_role("link", name="My Cases")).to_be_visible()
    sign_out(page)


def test_a_chosen_theme_is_remembered(own_page: OwnPage, live_portal: LivePortal) -> None:
    page = own_page(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/support/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
