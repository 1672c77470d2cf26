"""The portal's main job, as people do it: a case from the customer's form to the engineer's desk and back by mail."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import LivePortal
from tests.mail_sink import Received
from tests.servers import wait_until

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
CONTACT = "contact@acme.example"
COLLEAGUE = "colleague@acme.example"
STRANGER = "contact@globex.example"
PARTNER_CONTACT = "contact@initech.example"
MEMBER = "member@community.example"
ENGINEER = "engineer@portal.example"
CSM = "csm@portal.example"


def signed_in(new_context: NewContext, portal: LivePortal, email: str, to: str = "/", **context: bool) -> Page:
    """Open a browser of this person's own and sign in on the way to ``to``."""
    page = new_context(**context).new_page()
    page.goto(f"/accounts/login/?next={to}")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(portal.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    return page


def mail_about(portal: LivePortal, address: str, *words: str) -> Received:
    """Wait for the worker to send ``address`` a mail with all of these words, once."""

    def found() -> list[Received]:
        mails = portal.mail.to(address)
        return [
            mail for mail in mails if all(word in f"{mail.subject} {' '.join(mail.text.split())}" for word in words)
        ]

    wait_until(
        lambda: bool(found()),
        seconds=40,
        what=f"a mail to {address} about {words}",
        detail=lambda: "\n".join(mail.subject for mail in portal.mail.to(address)),
    )
    assert len(found()) == 1
    return found()[0]


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    path = tmp_path / "sync.log"
    path.write_text("2026-11-03 08:12:01 ERROR 429 Too Many Requests\n")
    return path


def file_case(page: Page, subject: str, attachment: Path | None = None) -> str:
    """Fill in Create Case and return the new case's number."""
    page.goto("/cases/new/")
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Description").fill("Orders **stop** after an hour.\n\n```\n429 Too Many Requests\n```")
    if attachment is not None:
        page.locator("input[type=file]").set_input_files(attachment)
        expect(page.get_by_text(attachment.name).first).to_be_visible()
    page.get_by_role("button", name="Create case", exact=True).click()
    number = re.search(r"CS-\d{6,}", page.get_by_role("main").inner_text())
    assert number, page.url
    return number[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_case_goes_from_the_form_to_the_desk_and_back_by_mail(
    javascript: bool, new_context: NewContext, live_portal: LivePortal, log_file: Path
) -> None:
    subject = f"NetSuite orders stop after an hour, {'enhanced' if javascript else 'plain'}"
    contact = signed_in(new_context, live_portal, CONTACT, java_script_enabled=javascript)
    number = file_case(contact, subject, log_file if javascript else None)
    if not javascript:
        contact.goto(f"/cases/{number}/")
        contact.locator("input[type=file]").first.set_input_files(log_file)
        contact.get_by_label("Reply", exact=False).first.fill("The log is attached.")
        contact.get_by_role("button", name="Send reply").click()

    contact.get_by_role("link", name="My Cases").first.click()
    expect(contact.get_by_role("main").get_by_text(subject)).to_be_visible()
    contact.goto(f"/cases/{number}/")
    attachment = contact.get_by_role("link", name=re.compile("sync.log")).first.get_attribute("href")
    assert attachment

    before = len(live_portal.mail.to(CONTACT))
    engineer = signed_in(new_context, live_portal, ENGINEER, f"/desk/{number}/", java_script_enabled=javascript)
    expect(engineer.get_by_role("heading", name=re.compile(re.escape(subject))).first).to_be_visible()
    engineer.get_by_role("button", name="In Progress", exact=True).click()
    expect(engineer.get_by_role("button", name="Waiting on Customer", exact=True)).to_be_visible()

    mails = [
        mail
        for mail in live_portal.mail.wait_for(before + 1, address=CONTACT)
        if number in mail.subject and "In Progress" in mail.subject
    ]
    assert len(mails) == 1
    assert f"{live_portal.url}/cases/{number}/" in mails[0].text

    stranger = signed_in(new_context, live_portal, STRANGER, java_script_enabled=javascript)
    assert stranger.goto(f"/cases/{number}/").status == 404  # type: ignore[union-attr]
    assert stranger.request.get(attachment).status == 404
    assert contact.request.get(attachment).headers["content-disposition"].startswith("attachment")


def test_the_link_in_a_mail_leads_through_sign_in_to_the_case(new_context: NewContext, live_portal: LivePortal) -> None:
    contact = signed_in(new_context, live_portal, CONTACT)
    number = file_case(contact, "Agent cannot reach its endpoint")
    created = mail_about(live_portal, CONTACT, number)
    link = re.search(r"http://\S+/cases/CS-\d+/", created.text)
    assert link
    reader = new_context().new_page()
    reader.goto(link[0])
    reader.get_by_label("Email", exact=True).fill(CONTACT)
    reader.get_by_label("Password", exact=True).fill(live_portal.password)
    reader.get_by_role("button", name="Sign in", exact=True).click()
    reader.wait_for_url(f"**/cases/{number}/")


def test_a_partners_customer_is_sent_to_the_partner(new_context: NewContext, live_portal: LivePortal) -> None:
    page = signed_in(new_context, live_portal, PARTNER_CONTACT, "/cases/new/")
    expect(page.get_by_role("main").get_by_text("BMC").first).to_be_visible()
    expect(page.get_by_role("button", name="Create case")).to_have_count(0)


def test_a_member_is_told_how_to_become_a_contact(new_context: NewContext, live_portal: LivePortal) -> None:
    page = signed_in(new_context, live_portal, MEMBER)
    expect(page.get_by_role("banner").get_by_role("link", name="My Cases")).to_have_count(0)
    page.goto("/cases/new/")
    expect(page.get_by_role("main").get_by_text(re.compile("become a contact", re.IGNORECASE)).first).to_be_visible()


def test_the_csm_authorizes_a_colleague_in_the_administration(new_context: NewContext, live_portal: LivePortal) -> None:
    csm = signed_in(new_context, live_portal, CSM, "/admin/accounts/account/")
    csm.get_by_role("link", name="Acme", exact=False).first.click()
    row = csm.locator("tr", has_text=COLLEAGUE)
    row.get_by_role("button", name=re.compile("^Authorize:")).click()
    expect(csm.locator("tr", has_text=COLLEAGUE).get_by_role("button", name=re.compile("^Withdraw"))).to_be_visible()

    colleague = signed_in(new_context, live_portal, COLLEAGUE)
    number = file_case(colleague, "Field mapping drops the tax code")
    colleague.goto(f"/cases/{number}/")
    expect(colleague.get_by_text("Needs verification")).to_have_count(0)


def test_production_down_alerts_the_on_call_list_until_it_is_acknowledged(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    contact = signed_in(new_context, live_portal, CONTACT, "/cases/new/")
    contact.get_by_label("Subject").press_sequentially("Production Down: no orders leave the gateway")
    expect(contact.get_by_text(re.compile("endpoints", re.IGNORECASE)).first).to_be_visible()
    number = file_case(contact, "Production Down: no orders leave the gateway")

    def alerts() -> list[Received]:
        return [mail for mail in live_portal.mail.to(ENGINEER) if number in mail.subject]

    wait_until(lambda: bool(alerts()), seconds=60, what="the alert", detail=lambda: live_portal.output)
    alert = alerts()[0]
    link = re.search(r"http://\S+/desk/alerts/\S+/", alert.text)
    assert link
    engineer = signed_in(new_context, live_portal, ENGINEER, re.sub(r"^http://[^/]+", "", link[0]))
    engineer.get_by_role("button", name="Acknowledge").click()
    engineer.wait_for_url(f"**/desk/{number}/")
    expect(engineer.get_by_text(re.compile("acknowledged", re.IGNORECASE)).first).to_be_visible()
