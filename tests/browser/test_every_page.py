"""Every page and state, once: axe-core finds nothing, nothing scrolls sideways, nothing moves that was asked not to."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import pytest
from django.template.loader import get_template
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.browser.conftest import watch
from tests.browser.every_visit import FRAMES, VISITS
from tests.browser.stage import Stage
from tests.browser.visits import Visit
from tests.workers import CHECKOUT

AXE = files("axe_playwright_python").joinpath("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What may scroll by itself: wide tables, code, and rows of places that do so on phones.
DELIBERATE = (
    ".table-wrap, .queue-wrap, pre, textarea, .account-nav, .tabs, .pills, .console-templates"
    ", #changelist .results, .inline-group, .contacts-scroll"
)
# What a change of theme can change.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
FINDINGS = """async options => {
    const found = await axe.run(document, options);
    return found.violations.map(one => ({
        id: one.id,
        help: one.help,
        nodes: one.nodes.map(node => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
}"""


@dataclass
class Look:
    """A page as a visit found it."""

    visit: Visit
    page: Page
    answers: list[Response]
    problems: list[str]

    @cached_property
    def templates(self) -> set[str]:
        """Return what it was made of: its document, and what came into it later."""
        names: set[str] = set()
        for answer in self.answers:
            if answer.request.is_navigation_request():
                names.clear()
            names.update(answer.headers.get("x-templates", "").split(", "))
        return names

    def axe(self, **options: Any) -> list[str]:
        """Return what axe-core finds wrong, a line each."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        chosen = {"resultTypes": ["violations"], "iframes": False, **options}
        return [
            f"{one['id']} ({one['help']})\n    " + "\n    ".join(one["nodes"])
            for one in self.page.evaluate(FINDINGS, chosen)
        ]


class Rooms:
    """A browser for each role, watched."""

    def __init__(self, make: Callable[[], BrowserContext], stage: Stage) -> None:
        self._make = make
        self._stage = stage
        self._contexts: dict[str, BrowserContext] = {}
        self.problems: list[str] = []

    def enter(self, role: str) -> Page:
        """Open a page."""
        self.problems.clear()
        if role not in self._contexts:
            context = watch(self._make(), self.problems)
            if role:
                context.add_cookies([self._stage.cookie(role)])
            self._contexts[role] = context
        return self._contexts[role].new_page()

    def leave(self, role: str) -> None:
        """Forget what the portal has been told in this browser."""
        self._contexts.pop(role).close()

    def close(self) -> None:
        """Close all of them."""
        for role in tuple(self._contexts):
            self.leave(role)


@pytest.fixture(scope="module")
def rooms(browser: Browser, browser_context_args: dict[str, Any], stage: Stage) -> Iterator[Rooms]:
    made = Rooms(lambda: browser.new_context(**browser_context_args, reduced_motion="reduce"), stage)
    yield made
    made.close()


@pytest.fixture(scope="module", params=VISITS, ids=[visit.name for visit in VISITS])
def look(request: pytest.FixtureRequest, rooms: Rooms, stage: Stage) -> Iterator[Look]:
    """Go there once; every test of this module then looks at the same page."""
    visit: Visit = request.param
    page = rooms.enter(visit.role)
    page.set_viewport_size({"width": visit.size[0], "height": visit.size[1]})
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if _is_page(answer) else None)
    page.goto(stage.path(visit.path))
    if visit.act is not None:
        visit.act(page, stage.places)
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request")).to_have_count(0)
    yield Look(visit, page, answers, list(rooms.problems))
    page.close()
    if not visit.role and visit.act is not None:
        # A visitor who has half signed in is none any more.
        rooms.leave(visit.role)


def _is_page(answer: Response) -> bool:
    """Say whether this is the page itself, or the answer to a form; where it leads to is one more answer."""
    request = answer.request
    if request.is_navigation_request():
        return answer.frame.parent_frame is None and not 300 <= answer.status < 400
    # A form that htmx sent. What a page tells the server by itself (a draft, how far one has read) shows nothing.
    return request.method == "POST" and "hx-request" in request.headers and answer.status != 204


def test_it_is_the_page_that_the_table_names(look: Look) -> None:
    assert look.answers[-1].status == look.visit.status
    assert not look.problems
    if not look.visit.is_file:
        assert set(look.visit.templates.split()) <= look.templates


def test_axe_finds_nothing(look: Look) -> None:
    page = look.page
    # All that folds at once, but for menus, which lie over each other and have visits of their own.
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => { one.open = true })")
    found = look.axe(runOnly=TAGS, rules={rule: {"enabled": False} for rule in look.visit.spared})
    toggle_theme(page)
    found += [f"dark: {one}" for one in look.axe(runOnly={"type": "rule", "values": COLOUR_RULES})]
    toggle_theme(page)
    assert not found, "\n".join(found)


def toggle_theme(page: Page) -> None:
    """Press the button, or do what it does where a page has none (500) or folds it away (phones).

    The administration's button has three states, and its attribute a name of its own.
    """
    page.evaluate(
        """async () => {
            const button = document.querySelector("[data-theme-toggle]");
            const root = document.documentElement;
            if (button) button.click();
            else if (window.portalTheme) window.portalTheme.toggle();
            else root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
            await new Promise(requestAnimationFrame);
        }"""
    )


# Narrower than any telephone; half of a desktop, which is what zooming to 200 % makes of it.
WIDTHS = (320, 640)
WIDE_OVERFLOW = """() => {
    const page = document.scrollingElement;
    const found = [];
    const scrolls = (one) => ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(one).overflowX);
    const isInside = (one) => {
        for (let above = one.parentElement; above && above !== document.body; above = above.parentElement)
            if (scrolls(above)) return true;
        return false;
    };
    const named = (one) => one.outerHTML.slice(0, 120);
    if (page.scrollWidth > page.clientWidth) {
        for (const one of document.body.querySelectorAll("*")) {
            const box = one.getBoundingClientRect();
            if (box.width && (box.right > page.clientWidth + 0.5 || box.left < -0.5) && !isInside(one)
                && getComputedStyle(one).position !== "fixed") found.push(`too wide: ${named(one)}`);
        }
        found.push(`the page is ${page.scrollWidth} wide`);
    }
    for (const one of document.body.querySelectorAll("*")) {
        if (one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
            && one.clientWidth && !one.closest(DELIBERATE)) found.push(`scrolls: ${named(one)}`);
    }
    return found;
}"""


def test_nothing_scrolls_sideways(look: Look) -> None:
    page = look.page
    found: list[str] = []
    height = look.visit.size[1]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}: {one}" for one in wide_overflow(page)]
    page.set_viewport_size({"width": 1280, "height": height})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"large text: {one}" for one in wide_overflow(page)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": look.visit.size[0], "height": height})
    assert not found, "\n".join(found)


def wide_overflow(page: Page) -> list[str]:
    """Return what is wider than the page, and what scrolls sideways without being meant to."""
    found: list[str] = page.evaluate(WIDE_OVERFLOW.replace("DELIBERATE", json.dumps(DELIBERATE)))
    return found


MOTION = """() => {
    const seconds = (list) => Math.max(0, ...list.split(",").map(parseFloat));
    const found = document.getAnimations().map((one) => `runs: ${one.animationName || one.transitionProperty}`);
    for (const one of document.querySelectorAll("*")) {
        for (const part of [null, "::before", "::after"]) {
            const style = getComputedStyle(one, part);
            const moves = style.animationName !== "none" && seconds(style.animationDuration) > 0.01;
            if (moves || (style.transitionProperty !== "none" && seconds(style.transitionDuration) > 0.01))
                found.push(`moves: ${one.outerHTML.slice(0, 100)} ${part || ""}`);
        }
    }
    return found;
}"""


def test_nothing_moves_for_who_asked_for_less_motion(look: Look) -> None:
    """By now the theme was changed and everything that folds was opened."""
    assert look.page.evaluate(MOTION) == []


ROOTS = {"base.html", "500.html", "admin/base.html"}
EXTENDS = re.compile(r'{% extends "([^"]+)" %}')


def comes_from_the_frame(name: str) -> bool:
    """Say whether a template is a page of the site, following what it extends, allauth's own templates included."""
    source = get_template(name).template.source  # type: ignore[attr-defined] # Django's own engine
    parent = EXTENDS.search(source)
    return parent is not None and (parent[1] in ROOTS or comes_from_the_frame(parent[1]))


def templates_of_pages() -> Iterator[str]:
    """Walk the templates; mails are no pages."""
    root = CHECKOUT / "templates"
    for path in sorted(root.rglob("*.html")):
        name = str(path.relative_to(root))
        if not name.startswith("emails/") and comes_from_the_frame(name):
            yield name


def test_every_page_template_is_visited() -> None:
    named = {name for visit in VISITS for name in visit.templates.split()}
    assert sorted(set(templates_of_pages()) - named - FRAMES) == []
    assert sorted(FRAMES & named) == []
