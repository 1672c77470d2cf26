"""The browser that the other tests use sees what pages do wrong."""

from playwright.sync_api import Page

BREAK_POLICY = "() => document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')"
THROW = "() => { setTimeout(() => { throw new Error('on purpose') }, 0) }"


def test_the_home_page_keeps_its_security_policy(page: Page, page_problems: list[str]) -> None:
    answer = page.goto("/")
    assert answer is not None
    assert answer.status == 200
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert page_problems == []


def test_a_broken_security_policy_is_noticed(page: Page, page_problems: list[str]) -> None:
    page.goto("/")
    with page.expect_console_message():
        page.evaluate(BREAK_POLICY)
    assert len(page_problems) == 1
    page_problems.clear()


def test_an_error_in_a_script_is_noticed(page: Page, page_problems: list[str]) -> None:
    page.goto("/")
    with page.expect_event("pageerror"):
        page.evaluate(THROW)
    assert "on purpose" in page_problems[0]
    page_problems.clear()
