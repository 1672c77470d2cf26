"""What the sources say, as Django looks it up when a page is made."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from quality.catalogues.sources import CHECKOUT

# A function's name, and which of its arguments are the message, its plural and (marked c) its context.
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ["Translators"]


@dataclass(frozen=True, order=True)
class Key:
    """What Django looks a message up by. Singular and plural belong together, so the plural is part of it."""

    context: str
    singular: str
    plural: str


@dataclass
class Found:
    """One message, with the places that use it (path and line) and what their comments tell translators."""

    key: Key
    places: list[tuple[str, int]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def in_source(path: str, text: str) -> Iterator[tuple[Key, int, list[str]]]:
    """Yield each message of one file with line and comments. Raises ``SyntaxError`` on a broken template."""
    if not path.endswith(".py"):
        # Between parentheses Python minds no indentation, and a template's is as it likes.
        text = f"({templatize(text, path)}\n)"
    for line, message, comments, context in extract(
        "python", io.BytesIO(text.encode()), KEYWORDS, COMMENT_TAGS, {"encoding": "utf-8"}
    ):
        singular, plural = (message, "") if isinstance(message, str) else (message[0], message[1])
        if singular:
            yield Key(context or "", singular, plural), line, list(comments)


def in_sources(paths: Iterable[str], checkout: Path = CHECKOUT) -> dict[Key, Found]:
    """Return every message of these files. Raises ``ValueError`` on a text with two plurals: no catalogue holds it."""
    messages: dict[Key, Found] = {}
    for path in paths:
        for key, line, comments in in_source(path, (checkout / path).read_text("utf-8")):
            found = messages.setdefault(key, Found(key))
            found.places.append((path, line))
            found.comments += [comment for comment in comments if comment not in found.comments]
    return _joined(messages)


def _joined(messages: dict[Key, Found]) -> dict[Key, Found]:
    """Let a message without a plural share the entry of the same one with a plural: gettext has one entry for both."""
    plurals: dict[tuple[str, str], Key] = {}
    for key in messages:
        if key.plural and plurals.setdefault((key.context, key.singular), key) != key:
            raise ValueError(f"Two plurals of {key.singular!r}: {messages[key].places}")
    for (context, singular), whole in plurals.items():
        alone = messages.pop(Key(context, singular, ""), None)
        if alone is not None:
            messages[whole].places += alone.places
            messages[whole].comments += alone.comments
    return messages
