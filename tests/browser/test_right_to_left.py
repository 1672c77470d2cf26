"""Every page in the pseudo-locale: it reads from right to left, nothing scrolls sideways, and every word is translated.

The made-up language puts what is translated between brackets. What stands outside of them and is nobody's data was
never given to gettext, or was glued together of pieces. docs/languages.md tells how to look at it oneself.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from psycopg import sql

from quality.catalogues.pseudo import BEGIN, CODE, END
from tests.browser.conftest import watch
from tests.browser.every_visit import CONSOLE, DESK, MODERATION, VISITS
from tests.browser.stage import Stage
from tests.browser.visits import DESKTOP, Visit
from tests.live import LivePortal

NARROW = (320, 700)
STAFF = ("engineer", "manager", "csm", "moderator", "operator", "admin")
# They press a control by its English name.
PRESSED_BY_NAME = ("phone menu, signed out", "phone menu, signed in")
LOOKED_AT = [visit for visit in VISITS if visit.name not in PRESSED_BY_NAME]
READ = [visit for visit in LOOKED_AT if visit.role not in STAFF and visit not in [*DESK, *MODERATION, *CONSOLE]]

# Text that is as its author, a program or a standard wrote it.
NOT_OURS = ", ".join(
    (
        "script, style, template, noscript, code, pre, kbd, samp, textarea",
        "time, [data-age-of]",  # browsers and Django write moments, by their own words for the language
        "[dir=auto], .prose",  # what people wrote
        "body [lang], select[name=language]",  # languages by their own names
        "select[name=time_zone], select[name=zone]",  # zones by their names in the database of zones
        ".avatar",  # initials
        ".code-name",  # error codes of Salesforce
        ".demo-person",  # the demo's people and what they are
    )
)
# Names and signs that are the same in every language.
SAME_EVERYWHERE = {
    *("Data Loader", "Production Down", "production down", "Markdown", "Slack", "RSS", "Atom", "iCalendar", "CSV"),
    # What quality.urls makes up to show an error's page.
    *("The date in the address is none.", "Only the support team may do this."),
    *("JSON", "API", "UTC", "S1", "S2", "S3", "S4", "Ctrl", "Enter", "https", "Prometheus"),
}
_WORD = re.compile(r"[^\W\d_]{2,}")
_SEPARATORS = re.compile(r"\s*[·,:|…\u2013\u2014/]\s*|\s{2,}")
_EDGES = " .#[]()·\u00d7+©“”\"'0123456789"
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|@[\w.-]+|\bCS-\d+\b|\bCtrl\+\w\b")

OUTSIDE = """([notOurs, begin, end]) => {
    document.querySelectorAll("details").forEach(one => { one.open = true });
    const found = [];
    const place = element => {
        const parts = [];
        for (let one = element; one && one !== document.body && parts.length < 4; one = one.parentElement)
            parts.unshift(one.tagName.toLowerCase() + (one.id ? "#" + one.id : "") +
                (one.classList.length ? "." + [...one.classList].join(".") : ""));
        return parts.join(" > ");
    };
    const block = element => {
        while (element.parentElement && /^(inline|contents)/.test(getComputedStyle(element).display))
            element = element.parentElement;
        return element;
    };
    const signs = new RegExp(`(${[begin, end].map(one => one.trim().replace(/[[\\]!]/g, "\\\\$&")).join("|")})`);
    let within = null, depth = 0;
    const read = (text, element) => {
        let outside = "";
        for (const piece of text.split(signs)) {
            if (piece === begin.trim()) depth += 1;
            else if (piece === end.trim()) depth = Math.max(0, depth - 1);
            else if (!depth) outside += " " + piece;
        }
        outside = outside.replace(/\\s+/g, " ").trim();
        if (/\\p{L}{2}/u.test(outside)) found.push([outside, place(element)]);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.data.trim()) continue;
        const here = element.tagName === "OPTION" ? element : block(element);
        if (here !== within) { within = here; depth = 0; }
        const skipped = element.closest(notOurs) ||
            (element.tagName !== "OPTION" && !element.checkVisibility({ visibilityProperty: true }));
        if (skipped) {
            // Brackets may begin or end in there all the same.
            for (const piece of node.data.split(signs))
                depth = Math.max(0, depth + (piece === begin.trim()) - (piece === end.trim()));
        } else read(node.data, element);
    }
    const named = "[aria-label], [title], [placeholder], [alt], input[type=submit]";
    for (const element of document.querySelectorAll(named)) {
        if (element.closest(notOurs)) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt", "value"]) {
            // What an input sends is what it shows; a button shows its content.
            if (name === "value" && (element.tagName !== "INPUT" || element.type !== "submit")) continue;
            depth = 0;
            within = null;
            read(element.getAttribute(name) || "", element);
        }
    }
    depth = 0;
    read(document.title, document.head);
    return found;
}"""


def data_of(database_url: str) -> set[str]:
    """Return every text that the database holds: names, titles, addresses, in whatever column."""
    found: set[str] = set()
    with psycopg.connect(database_url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'ARRAY', 'jsonb') AND table_name NOT LIKE 'django%'"
        ).fetchall()
        for table, column in columns:
            query = sql.SQL("SELECT DISTINCT {column}::text FROM {table} LIMIT 20000").format(
                column=sql.Identifier(column), table=sql.Identifier(table)
            )
            for (value,) in connection.execute(query):
                found.update(" ".join(text.split()) for text in _texts(value or ""))
    return found


def _texts(value: str) -> Iterator[str]:
    """Yield a value, and the texts within it where it is JSON or an array."""
    yield value
    if value.startswith("{"):
        yield from re.findall(r'"((?:[^"\\]|\\.)*)"', value)
        yield from value.strip("{}").split(",")


class Data:
    """What is nobody's to translate."""

    def __init__(self, texts: set[str], names: set[str]) -> None:
        self.texts = texts | names | SAME_EVERYWHERE
        self.all = "\n".join(texts)

    def holds(self, text: str) -> bool:
        """Say whether ``text`` is data: as it stands, or piece by piece; a long one may be a part of some text."""
        whole = _ADDRESS.sub("", text).split(" · ")
        return all(self._is_known(part) or all(map(self._is_told, _SEPARATORS.split(part))) for part in whole)

    def _is_told(self, piece: str) -> bool:
        beside = re.fullmatch(r"(.+) \(([^()]+)\)", piece.strip())
        return self._is_known(piece) or (beside is not None and self._is_told(beside[1]) and self._is_known(beside[2]))

    def _is_known(self, piece: str) -> bool:
        piece = piece.strip() if piece.strip() in self.texts else piece.strip(_EDGES)
        if not _WORD.search(piece) or piece in self.texts:
            return True
        return len(piece) > 24 and piece in self.all


def untranslated(page: Page, data: Data) -> list[str]:
    """Return what a reader sees outside of the brackets, with where it stands."""
    found = page.evaluate(OUTSIDE, [NOT_OURS, BEGIN, END])
    return [f"{text!r} in {place}" for text, place in found if not data.holds(text)]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="module")
def data(live_portal: LivePortal) -> Data:
    """Know the data when the tests begin; what they write themselves is in English and outside of customers' pages."""
    return Data(data_of(live_portal.database_url), {"Harbor", "Harbor Support"})


@pytest.fixture(scope="module")
def readers(
    browser: Browser, browser_context_args: dict[str, Any], stage: Stage, live_portal: LivePortal
) -> Iterator[Callable[[str], BrowserContext]]:
    """Open a browser of each role once, in the made-up language; a visitor's is new each time."""
    contexts: list[BrowserContext] = []
    kept: dict[str, BrowserContext] = {}

    def reader(role: str) -> BrowserContext:
        if role and role in kept:
            return kept[role]
        context = browser.new_context(**browser_context_args, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        cookies = {"portal_language": CODE}
        if role:
            cookies[f"portal_session_{live_portal.port}"] = stage.sessions[role]
        context.add_cookies([{"name": name, "value": value, "url": live_portal.url} for name, value in cookies.items()])
        contexts.append(context)
        kept[role] = context
        return context

    yield reader
    for context in contexts:
        context.close()


def go(context: BrowserContext, visit: Visit, places: dict[str, str]) -> Page:
    """Look at the page of a visit in the made-up language."""
    page = context.new_page()
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    path = visit.path.format(**places)
    # What is published has an address of its own in each language.
    page.goto(path.replace("/status/", f"/status/{CODE}/", 1) if visit.is_file else path)
    if visit.act is not None:
        visit.act(page, places)
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request")).to_have_count(0)
    return page


@pytest.fixture(scope="module", params=LOOKED_AT, ids=[visit.name for visit in LOOKED_AT])
def visited(
    request: pytest.FixtureRequest, readers: Callable[[str], BrowserContext], stage: Stage
) -> Iterator[tuple[Visit, Page]]:
    visit: Visit = request.param
    context = readers(visit.role)
    watch(context, [])
    page = go(context, visit, stage.places)
    yield visit, page
    page.close()
    if not visit.role:
        context.close()


def test_it_reads_from_right_to_left_and_nothing_scrolls_sideways(visited: tuple[Visit, Page]) -> None:
    visit, page = visited
    root = page.locator("html")
    # Django's administration spells it in its own way.
    tag = "ar-xb" if visit.path.startswith("/admin/") else "ar-XB"
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == (tag, "rtl")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert sideways(page) == 0
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert sideways(page) == 0


def test_every_word_is_translated(visited: tuple[Visit, Page], data: Data) -> None:
    visit, page = visited
    if visit in READ:
        found = untranslated(page, data)
        assert not found, "\n".join(found)
