"""The community's main job, as people do it: a question, what was asked before, an answer, its acceptance; a draft."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_case_journey import CONTACT, ENGINEER, MEMBER, NewContext, mail_about, signed_in
from tests.live import LivePortal

pytestmark = pytest.mark.browser

# Longer than anybody needs who is no script: what is sent sooner waits for a moderator.
A_WHILE = 3_500  # milliseconds


MODERATOR = "moderator@portal.example"


def ask(page: Page, title: str, text: str) -> None:
    """Fill in the form, as somebody does who takes their time."""
    page.goto("/forums/")
    page.get_by_role("link", name="Ask a question").first.click()
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Question", exact=True).fill(text)
    page.get_by_label(re.compile(r"^Tags")).fill("netsuite, rate-limits")
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
    # The engineer watches the whole community in the demo; the member watches what they asked.
    asked = mail_about(live_portal, ENGINEER, title, "The sync of orders to NetSuite stops")
    assert asked.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mail_about(live_portal, MEMBER, title, "concurrency limit")

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


def test_a_moderator_merges_a_duplicate_and_hides_spam(new_context: NewContext, live_portal: LivePortal) -> None:
    member = signed_in(new_context, live_portal, MEMBER)
    addresses = []
    for title in ("Is there a quota of webhooks for each tenant?", "Quota of webhooks, does a tenant have one?"):
        ask(member, title, "We plan forty webhooks, and the documentation of tenants names no quota.")
        member.get_by_role("button", name="Post question").click()
        expect(member.get_by_role("heading", name=title)).to_be_visible()
        addresses.append(member.url)
    spammer = signed_in(new_context, live_portal, CONTACT)
    spammer.goto(addresses[0])
    spammer.get_by_label("Your answer", exact=True).fill("Zanzibar watches for less, only today and only here.")
    spammer.get_by_role("button", name="Post answer").click()
    expect(spammer.get_by_text("Zanzibar watches").first).to_be_visible()

    moderator = signed_in(new_context, live_portal, MODERATOR)
    moderator.goto(addresses[1])
    moderator.get_by_text("Organise", exact=True).click()
    moderator.get_by_role("link", name="Merge into another topic").click()
    moderator.get_by_label("The other topic").fill(addresses[0])
    moderator.get_by_role("button", name="Go on").click()
    expect(moderator.get_by_text("This cannot be taken back.")).to_be_visible()
    moderator.get_by_role("button", name="Merge", exact=True).click()
    expect(moderator).to_have_url(addresses[0])
    spam = moderator.locator("article.post", has_text="Zanzibar watches")
    spam.get_by_text("Hide", exact=True).click()
    spam.get_by_role("button", name="Hide this post").click()

    visitor = new_context().new_page()
    visitor.goto(addresses[1])
    expect(visitor).to_have_url(addresses[0])
    expect(visitor.locator("article.post")).to_have_count(2)
    for address in (addresses[0], "/search/?q=Zanzibar+watches&exact=1", "/forums/feed.atom"):
        visitor.goto(address)
        assert "Zanzibar watches for less" not in visitor.content()


def test_a_slip_of_the_keyboard_finds_the_answer_all_the_same(new_context: NewContext) -> None:
    visitor = new_context().new_page()
    visitor.goto("/forums/")
    visitor.get_by_role("searchbox").first.fill("concurency limit netsiute")
    visitor.keyboard.press("Enter")
    results = visitor.get_by_role("main")
    expect(results.get_by_role("link", name=re.compile("NetSuite", re.IGNORECASE)).first).to_be_visible()
    results.get_by_role("link", name="Community").first.click()
    expect(results.get_by_text("Searched for").first).to_be_visible()
    expect(results.get_by_role("link", name=re.compile("NetSuite", re.IGNORECASE)).first).to_be_visible()


def test_a_user_of_the_data_loader_posts_comments_and_finds_a_thread_by_an_error_line(
    new_context: NewContext, live_portal: LivePortal
) -> None:
    page = signed_in(new_context, live_portal, MEMBER, "/data-loader/")
    page.get_by_role("link", name="Write a post").first.click()
    page.get_by_label("Title", exact=True).fill("How I sort a file so that no row is locked")
    page.get_by_label("Post", exact=True).fill("Sort by the parent's id. `UNABLE_TO_LOCK_ROW` came no more.")
    page.get_by_label("Category").select_option(label="Errors")
    page.get_by_role("button", name="Publish post").click()
    expect(page.get_by_role("heading", name="How I sort a file so that no row is locked")).to_be_visible()
    expect(page.get_by_role("link", name="UNABLE_TO_LOCK_ROW").first).to_be_visible()
    page.get_by_role("link", name="Comment", exact=True).first.click()
    page.get_by_label("Comment", exact=True).fill("A batch of 200 helped as well.")
    page.get_by_role("button", name=re.compile("comment", re.IGNORECASE)).last.click()
    expect(page.get_by_text("A batch of 200 helped as well.").first).to_be_visible()

    page.goto("/data-loader/")
    line = '"0018d00000XyZAb","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"'
    page.get_by_role("searchbox").first.fill(line)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="UNABLE_TO_LOCK_ROW").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("lock", re.IGNORECASE)).nth(1)).to_be_visible()
