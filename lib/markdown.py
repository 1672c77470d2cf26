"""User text: CommonMark with tables and fences, rendered once at write, then sanitised.

``RENDERER_VERSION`` is stored beside what was rendered, so that a change of rules can find and redo old rows.
"""

import re

import nh3
from markdown_it import MarkdownIt

RENDERER_VERSION = 1
MAX_LENGTH = 50_000  # characters; longer input is refused by the forms
# A text with more addresses shows them as text: looking for where each begins costs the length of its line.
MAX_ADDRESSES = 300
MAX_NESTING = 20  # quotes in quotes in quotes; keeps pathological input within linear time

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_LANGUAGE_CLASS = re.compile(r"\Alanguage-[A-Za-z0-9_+#-]{1,40}\Z")


def _parser(*, linkify: bool) -> MarkdownIt:
    options = {"html": False, "linkify": linkify, "maxNesting": MAX_NESTING}
    rules = ["table", "strikethrough", *(["linkify"] if linkify else [])]
    # Images are links here: a case's files are attachments, and a remote image would tell its host who read the page.
    return MarkdownIt("commonmark", options).enable(rules).disable("image")


_linking, _plain = _parser(linkify=True), _parser(linkify=False)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "code" and name == "class":
        return value if _LANGUAGE_CLASS.match(value) else None
    return value


def render(text: str) -> str:
    """Return ``text`` as HTML that is safe to mark safe. Never raises on any input of at most ``MAX_LENGTH``."""
    # A lone surrogate (JSON can carry one) has no UTF-8, which the sanitiser and the database want.
    valid = text.replace("\x00", "").encode(errors="replace").decode()
    parser = _linking if valid.count("://") <= MAX_ADDRESSES else _plain
    html = parser.render(valid)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
    )


def excerpt(text: str, length: int) -> str:
    """Return the first ``length`` characters of ``text`` on one line, with an ellipsis when it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
