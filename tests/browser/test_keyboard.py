"""The portal without a mouse: file a case, answer and accept, declare an incident, read one."""

import re

from playwright.sync_api import expect

from tests.browser.keys import Keyboard
from tests.browser.stage import Enter, Stage


def test_a_case_is_filed(enter: Enter) -> None:
    page = enter("contact")
    keys = Keyboard(page)
    keys.open("/")
    keys.follow(page.get_by_role("link", name="Create Case").first, "**/cases/new/")
    keys.tab_to(page.get_by_label("Product"))
    keys.press("ArrowDown")
    keys.write(page.get_by_label("Subject"), "The agent restarts each night")
    keys.write(page.get_by_label("Description"), "At two o'clock, each night, since Monday.")
    keys.use(page.get_by_role("button", name="Create case", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"CS-\d{6} is filed"))
    keys.follow(page.get_by_role("link", name="Open the case"), re.compile(r"/cases/CS-\d{6}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The agent restarts each night")


def test_the_skip_link_leads_past_the_menus(enter: Enter) -> None:
    page = enter("contact")
    keys = Keyboard(page)
    keys.open("/cases/")
    keys.press("Tab")
    keys.look()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_menus_open_and_close_and_give_the_focus_back(enter: Enter) -> None:
    page = enter("contact")
    keys = Keyboard(page)
    keys.open("/cases/")
    menu = page.locator("header details.menu > summary").last
    keys.use(menu)
    keys.press("Tab")
    keys.look()
    expect(page.get_by_role("link", name="Profile").first).to_be_visible()
    keys.press("Escape")
    expect(menu).to_be_focused()


def test_a_question_is_answered_and_the_answer_accepted(enter: Enter, stage: Stage) -> None:
    contact = enter("contact")
    keys = Keyboard(contact)
    keys.open(stage.places["open_question"])
    keys.write(contact.get_by_label("Your answer", exact=True), "Set the agent's log level to debug, then restart it.")
    # In the field Tab goes on, so that nobody is caught in it.
    keys.use(contact.get_by_role("button", name="Post answer"))
    expect(contact.locator("article.post", has_text="log level to debug")).to_be_visible()

    member = enter("member")
    keys = Keyboard(member)
    keys.open(stage.places["open_question"])
    answer = member.locator("article.post", has_text="log level to debug")
    keys.use(answer.get_by_role("button", name="Accept this answer"))
    expect(member.get_by_text("Accepted answer").first).to_be_visible()
    # The page has come anew, at the answer.
    keys.press("Tab")
    keys.look()


def test_an_incident_is_declared_and_a_visitor_reads_it(enter: Enter) -> None:
    title = "Reports come late"
    page = enter("operator")
    keys = Keyboard(page)
    keys.open("/")
    keys.follow(page.get_by_role("link", name="Status console").first, "**/status/manage/")
    keys.follow(page.get_by_role("link", name="Open incident").first, "**/incidents/new/")
    keys.write(page.get_by_label("Title"), title)
    keys.use(page.get_by_role("checkbox", name=re.compile("^Developer portal")), "Space")
    keys.write(page.get_by_label("Text"), "We look into it.")
    keys.use(page.locator(".console-bar").get_by_role("button", name="Publish incident"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)

    visitor = enter()
    reading = Keyboard(visitor)
    reading.open("/")
    reading.follow(visitor.get_by_role("banner").get_by_role("link", name=re.compile("^Status")), "**/status/")
    reading.follow(visitor.get_by_role("main").get_by_role("link", name=title).first, re.compile("/status/incidents/"))
    expect(visitor.get_by_role("heading", level=1)).to_contain_text(title)

    keys.use(page.locator(".console-bar, .console-foot").get_by_role("button", name="Resolve", exact=True))
    expect(page.locator(".timeline")).to_contain_text("This incident is resolved.")
