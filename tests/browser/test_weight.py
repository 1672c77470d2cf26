"""What a page weighs as production sends it: one look with an empty cache, until nothing is asked for any more."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from quality.main_pages import MAIN_PAGES, MainPage
from tests.browser.stage import Enter, Stage

CSS_AND_JS_BYTES = 75_000  # as sent, with Brotli
REQUESTS = 12
# A page for everybody looks otherwise to who is signed in.
LOOKS = [
    *((page, page.role) for page in MAIN_PAGES if page.name != "ask"),
    *((page, "contact") for page in MAIN_PAGES if page.is_public and page.name != "sign-in"),
]


@pytest.mark.parametrize(
    ("main_page", "role"), LOOKS, ids=[f"{page.name} {role or 'signed out'}".replace(" ", "-") for page, role in LOOKS]
)
def test_a_page_is_light_and_asks_for_little(main_page: MainPage, role: str, enter: Enter, stage: Stage) -> None:
    page = enter(role)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(stage.path(main_page.path), wait_until="networkidle")

    sent = {answer.url: answer for answer in answers if not answer.url.startswith("data:")}
    code = [answer for answer in sent.values() if answer.request.resource_type in {"stylesheet", "script"}]
    for answer in code:
        assert answer.headers.get("content-encoding") == "br", answer.url
    weight = {answer.url: answer.request.sizes()["responseBodySize"] for answer in code}
    assert sum(weight.values()) <= CSS_AND_JS_BYTES, weight
    assert len(answers) <= REQUESTS, sorted(sent)
    assert {urlsplit(url).netloc for url in sent} == {urlsplit(stage.url).netloc}
    assert code, "a page without a style sheet is none of ours"
