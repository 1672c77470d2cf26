"""The community's main job, as people do it: a question, what was asked before, an answer, its acceptance; a draft."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_case_journey import CONTACT, MEMBER, NewContext, signed_in
from tests.live import LivePortal

pytestmark = pytest.mark.browser

# Longer than anybody needs who is no script: what is sent sooner waits for a moderator.
A_WHILE = 3_500  # milliseconds


def ask(page: Page, title: str, text: str) -> None:
    """Fill in the form, as somebody does who takes their time."""
    page.goto("/forums/")
    page.get_by_role("link", name="Ask a question").first.click()
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Question", exact=True).fill(text)
    page.get_by_label("Tags", exact=True).fill("netsuite, rate-limits")
    page.get_by_label("Category").select_option(label="Integrations")
    page.wait_for_timeout(A_WHILE)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_question_is_asked_answered_and_its_answer_accepted(
    javascript: bool, new_context: NewContext, live_portal: LivePortal
) -> None:
    title = f"Why do NetSuite orders stop syncing, {'enhanced' if javascript else 'plain'}?"
    member = signed_in(new_context, live_portal, MEMBER, java_script_enabled=javascript)
    ask(member, title, "The sync of orders to NetSuite stops after an hour.\n\n```\n429 Too Many Requests\n```")
    if javascript:
        expect(member.get_by_role("heading", name="Asked before")).to_be_visible()
        member.get_by_role("button", name="Post question").click()
    else:
        member.get_by_role("button", name="Post question").click()
        expect(member.get_by_role("heading", name="Perhaps this has been asked before")).to_be_visible()
        expect(member.get_by_label("Title", exact=True)).to_have_value(title)
        member.get_by_role("button", name="None of these helps: post it").click()
    expect(member.get_by_role("heading", name=title)).to_be_visible()
    address = member.url

    contact = signed_in(new_context, live_portal, CONTACT, java_script_enabled=javascript)
    contact.goto(address)
    contact.get_by_label("Your answer", exact=True).fill("Raise the connector's concurrency limit to *two*.")
    contact.wait_for_timeout(A_WHILE)
    contact.get_by_role("button", name="Post answer").click()
    answer = contact.locator("article.post", has_text="Raise the connector's concurrency limit")
    expect(answer).to_be_visible()
    expect(answer.get_by_role("button", name=re.compile("Useful"))).to_be_disabled()

    member.goto(address)
    answer = member.locator("article.post", has_text="Raise the connector's concurrency limit")
    vote = answer.get_by_role("button", name=re.compile("Useful"))
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "true")
    expect(vote).to_contain_text("1")
    if javascript:
        expect(vote).to_be_focused()
    answer.get_by_role("button", name="Accept this answer").click()
    expect(member.get_by_text("Accepted answer").first).to_be_visible()
    expect(member.get_by_text("Solved").first).to_be_visible()


def test_what_was_typed_is_there_on_another_device(new_context: NewContext, live_portal: LivePortal) -> None:
    first = signed_in(new_context, live_portal, CONTACT, "/forums/ask/")
    first.get_by_label("Title", exact=True).fill("Half a question about agents")
    first.get_by_label("Question", exact=True).press_sequentially("The agent restarts each night and")
    expect(first.get_by_text("Draft saved")).to_be_visible()
    first.context.close()

    second = signed_in(new_context, live_portal, CONTACT, "/forums/ask/")
    expect(second.get_by_label("Title", exact=True)).to_have_value("Half a question about agents")
    expect(second.get_by_label("Question", exact=True)).to_have_value("The agent restarts each night and")
    expect(second.get_by_text("Draft from")).to_be_visible()
    second.get_by_role("button", name="Discard").click()
    expect(second.get_by_label("Title", exact=True)).to_have_value("")


def test_a_comment_is_written_by_keyboard_under_its_post(new_context: NewContext, live_portal: LivePortal) -> None:
    page = signed_in(new_context, live_portal, CONTACT, "/forums/")
    page.get_by_role("main").locator("a[href*='/t/']").first.click()
    comment = page.get_by_role("link", name="Comment", exact=True).first
    comment.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Comment", exact=True)
    expect(field).to_be_focused()
    page.get_by_role("button", name="Cancel").click()
    expect(comment).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("Written without a mouse.")
    page.wait_for_timeout(A_WHILE)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Your comment is posted.")).to_be_visible()
    expect(page.get_by_text("Written without a mouse.").first).to_be_visible()
