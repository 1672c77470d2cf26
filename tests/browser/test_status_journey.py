"""The status site's main job: a visitor subscribes, operators tell, the page and the mailbox follow."""

import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_case_journey import mail_about, signed_in
from tests.live import LivePortal

pytestmark = pytest.mark.browser

NewContext = Callable[..., BrowserContext]
OPERATOR = "operator@portal.example"
PHONE = {"width": 390, "height": 844}
TITLE = "Transfers between regions stop"


def link_in(text: str, words: str) -> str:
    """Return the first address in a mail's text that holds these words."""
    addresses: list[str] = re.findall(r"https?://\S+", text)
    return next(address for address in addresses if words in address)


def subscribe(page: Page, portal: LivePortal, address: str) -> None:
    page.goto("/status/")
    page.get_by_label("Email", exact=True).fill(address)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_text(address).first).to_be_visible()
    letter = mail_about(portal, address, "confirm")
    page.goto(link_in(letter.text, "/confirm/"))
    page.get_by_role("button", name=re.compile("Confirm")).click()
    expect(page.get_by_text(address).first).to_be_visible()


def test_a_visitor_subscribes_is_told_once_sees_it_without_reload_and_leaves(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    reader_address = "reader@mailbox.example"
    subscribe(new_context().new_page(), live_portal, reader_address)
    reader = new_context().new_page()
    reader.goto("/status/")
    reader.evaluate("window.wasHereAllAlong = true")

    operator = signed_in(new_context, live_portal, OPERATOR, "/status/manage/", viewport=PHONE)  # type: ignore[arg-type]
    operator.get_by_role("link", name="Open incident").first.click()
    operator.get_by_label("Title").fill(TITLE)
    operator.get_by_label("Text", exact=True).fill("We are looking into it.")
    operator.get_by_label("Gateway (US)").first.check()
    operator.get_by_label("Gateway (AP)").first.check()
    operator.get_by_role("button", name="Publish incident", exact=True).click()
    expect(operator.get_by_role("heading", name=TITLE)).to_be_visible()

    told = mail_about(live_portal, reader_address, TITLE, "We are looking into it.")
    assert "Gateway (US)" in told.text
    assert "Gateway (AP)" in told.text
    # One mail for two components.
    assert len([mail for mail in live_portal.mail.to(reader_address) if TITLE in mail.subject]) == 1
    expect(reader.get_by_role("heading", name=TITLE)).to_be_visible(timeout=40_000)
    assert reader.evaluate("window.wasHereAllAlong") is True

    public_id = link_in(told.text, "/status/incidents/").rstrip("/").rsplit("/", 1)[-1]
    say(operator, public_id, "Identified", "A cable is cut.")
    mail_about(live_portal, reader_address, TITLE, "A cable is cut.")
    expect(reader.get_by_text("A cable is cut.").first).to_be_visible(timeout=40_000)
    say(operator, public_id, "Resolved", "The cable is mended.")
    last = mail_about(live_portal, reader_address, TITLE, "The cable is mended.")

    one_click = str(last.message["List-Unsubscribe"]).strip("<>")
    assert last.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    before = still_subscribed(live_portal, reader_address)
    with urllib.request.urlopen(one_click, timeout=20) as answer:
        assert answer.status == 200
    assert still_subscribed(live_portal, reader_address) == before == 1
    bare = urllib.request.Request(one_click, data=b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(bare, timeout=20) as answer:
        assert answer.status == 200
    assert still_subscribed(live_portal, reader_address) == 0


def say(page: Page, public_id: str, stage: str, text: str) -> None:
    page.goto(f"/status/manage/incidents/{public_id}/update/")
    page.get_by_role("radio", name=stage).check()
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Publish update", exact=True).click()
    expect(page.get_by_text(text).first).to_be_visible()


def still_subscribed(portal: LivePortal, address: str) -> int:
    """Count the subscriptions of an address that still hold."""
    import psycopg

    with psycopg.connect(portal.database_url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM status_subscriber"
            " WHERE address = %s AND confirmed_at IS NOT NULL AND ended_at IS NULL",
            [address],
        ).fetchone()
    assert found is not None
    return int(found[0])
