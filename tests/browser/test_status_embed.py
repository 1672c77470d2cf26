"""What other sites show of our status, in a browser, and what programs read of the running portal's."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import feedparser
import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.live import LivePortal

PAGE = """<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>
<p id="frame"><script src="{url}/status/widget.js" async></script></p>
<p id="badge"><script src="{url}/status/widget.js" data-style="badge" async></script></p>"""


@pytest.fixture
def elsewhere(live_portal: LivePortal) -> Iterator[str]:
    """The address of somebody else's page, which shows our state twice."""
    content = PAGE.format(url=live_portal.url).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def read(portal: LivePortal, path: str) -> bytes:
    with urllib.request.urlopen(f"{portal.url}{path}", timeout=30) as answer:
        content: bytes = answer.read()
    return content


def test_another_site_shows_our_state(page: Page, live_portal: LivePortal, elsewhere: str) -> None:
    said = json.loads(read(live_portal, "/api/v2/status.json"))["status"]["description"]
    page.goto(elsewhere)
    frame = page.frame_locator("#frame iframe")
    expect(frame.get_by_text(said)).to_be_visible()
    # The stylesheet is there: the frame's edge has its colour.
    expect(frame.locator("main")).to_have_css("border-inline-start-width", "4px")
    badge = page.locator("#badge a")
    expect(badge).to_have_attribute("href", f"{live_portal.url}/status/")
    expect(badge.get_by_role("img", name="System status")).to_be_visible()
    assert page.evaluate("document.querySelector('#badge img').naturalWidth") > 100


def test_the_frames_link_leads_to_the_status_page(page: Page, live_portal: LivePortal, elsewhere: str) -> None:
    page.goto(elsewhere)
    with page.expect_popup() as opened:
        page.frame_locator("#frame iframe").get_by_role("link").first.click()
    expect(opened.value).to_have_url(f"{live_portal.url}/status/")


def test_programs_read_a_year_of_the_running_portal(live_portal: LivePortal) -> None:
    for kind in ("atom", "rss"):
        feed = feedparser.parse(f"{live_portal.url}/status/history.{kind}")
        assert not feed.bozo
        assert len(feed.entries) == len({entry.id for entry in feed.entries}) > 10
    calendar = Calendar.from_ical(read(live_portal, "/status/calendar.ics"))
    assert isinstance(calendar, Calendar)
    assert calendar.errors == []
    assert all(set(event.required) <= set(event) for event in calendar.events)
    assert len(calendar.events) == len({event.uid for event in calendar.events}) > 3
    summary = json.loads(read(live_portal, "/api/v2/summary.json"))
    assert len([one for one in summary["components"] if not one["group"]]) == 20
    assert summary["incidents"]
    assert summary["scheduled_maintenances"]
