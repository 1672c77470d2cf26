"""Every page and state, once: axe-core finds nothing, nothing scrolls sideways, nothing moves that was asked not to."""

import json
import re
import subprocess
import sys
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
from tests.browser.visits import Visit
from tests.live import LivePortal
from tests.workers import CHECKOUT

AXE = files("axe_playwright_python").joinpath("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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
class Stage:
    """Whom the portal knows, and where things are."""

    sessions: dict[str, str]
    places: dict[str, str]


@pytest.fixture(scope="session")
def stage(live_portal: LivePortal) -> Stage:
    """Make what the demo lacks, and sessions, in the portal's own database."""
    environment = {**live_portal.environment, "DJANGO_SETTINGS_MODULE": "quality.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "quality.staging"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Stage(**json.loads(done.stdout))


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


@pytest.fixture(scope="module")
def rooms(
    browser: Browser, browser_context_args: dict[str, Any], stage: Stage, live_portal: LivePortal
) -> Iterator[Callable[[str], BrowserContext]]:
    """Open a browser of each role once; a visitor's is new each time, for what they type is remembered."""
    contexts: dict[str, BrowserContext] = {}

    def room(role: str) -> BrowserContext:
        if role not in contexts or not role:
            context = browser.new_context(**browser_context_args, reduced_motion="reduce")
            context.set_default_timeout(15_000)
            if role:
                name = f"portal_session_{live_portal.port}"
                context.add_cookies([{"name": name, "value": stage.sessions[role], "url": live_portal.url}])
            contexts[role or f"visitor {len(contexts)}"] = context
            return context
        return contexts[role]

    yield room
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="module", params=VISITS, ids=[visit.name for visit in VISITS])
def look(request: pytest.FixtureRequest, rooms: Callable[[str], BrowserContext], stage: Stage) -> Iterator[Look]:
    """Go there once; every test of this module then looks at the same page."""
    visit: Visit = request.param
    context = rooms(visit.role)
    problems: list[str] = []
    watch(context, problems)
    page = context.new_page()
    page.set_viewport_size({"width": visit.size[0], "height": visit.size[1]})
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if _is_page(answer) else None)
    page.goto(visit.path.format(**stage.places))
    if visit.act is not None:
        visit.act(page, stage.places)
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request")).to_have_count(0)
    yield Look(visit, page, answers, problems)
    page.close()
    if not visit.role:
        context.close()


def _is_page(answer: Response) -> bool:
    """Say whether this is the page itself, or the answer to a form; where it leads to is one more answer."""
    request = answer.request
    if request.is_navigation_request():
        return answer.frame.parent_frame is None and not 300 <= answer.status < 400
    # What a page tells the server by itself (204) shows nothing.
    return request.method == "POST" and answer.status != 204


def test_it_is_the_page_that_the_table_names(look: Look) -> None:
    assert look.answers[-1].status == look.visit.status
    assert not look.problems
    if not look.visit.is_file:
        assert set(look.visit.templates.split()) <= look.templates


def test_axe_finds_nothing(look: Look) -> None:
    page = look.page
    found = look.axe(runOnly=TAGS)
    folded = "details:not([open]):not(details.menu)"
    if page.locator(folded).count():
        page.evaluate("folded => document.querySelectorAll(folded).forEach(one => { one.open = true })", folded)
        found += look.axe(runOnly=TAGS)
    toggle_theme(page)
    found += [f"dark: {one}" for one in look.axe(runOnly={"type": "rule", "values": COLOUR_RULES})]
    toggle_theme(page)
    assert not found, "\n".join(found)


def toggle_theme(page: Page) -> None:
    """Press the button, or do what it does where a page has none (500) or folds it away (phones)."""
    page.evaluate(
        """async () => {
            const button = document.querySelector("[data-theme-toggle]");
            if (button) button.click(); else window.portalTheme.toggle();
            await new Promise(requestAnimationFrame);
        }"""
    )


EXTENDS = re.compile(r'{% extends "([^"]+)" %}')


def comes_from_the_frame(name: str) -> bool:
    """Say whether a template is a page of the site, following what it extends, allauth's own templates included."""
    source = get_template(name).template.source  # type: ignore[attr-defined] # Django's own engine
    parent = EXTENDS.search(source)
    return parent is not None and (parent[1] in {"base.html", "500.html"} or comes_from_the_frame(parent[1]))


def templates_of_pages() -> Iterator[str]:
    """Walk the templates; Django's administration and the mails have frames of their own."""
    root = CHECKOUT / "templates"
    for path in sorted(root.rglob("*.html")):
        name = str(path.relative_to(root))
        if not name.startswith(("emails/", "admin/")) and comes_from_the_frame(name):
            yield name


def test_every_page_template_is_visited() -> None:
    named = {name for visit in VISITS for name in visit.templates.split()}
    assert sorted(set(templates_of_pages()) - named - FRAMES) == []
    assert sorted(FRAMES & named) == []
