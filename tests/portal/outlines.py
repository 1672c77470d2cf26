"""What a page is made of, read from its HTML: headings, landmarks, title, ids, the way to it."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})  # fmt: skip
# Elements of which a page may have several only when each has a name of its own.
NAMED = frozenset({"nav"})


@dataclass
class Outline:
    """One page."""

    language: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    mains: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    landmarks: list[tuple[str, str]] = field(default_factory=list)
    crumbs: int = 0

    def problems(self) -> list[str]:
        """Return what is wrong with it by itself."""
        found = []
        if not self.language:
            found.append("no lang")
        if not self.title.strip():
            found.append("no title")
        if len(self.headings) != 1 or not self.headings[0].strip():
            found.append(f"h1: {self.headings}")
        if self.mains != 1:
            found.append(f"{self.mains} main landmarks")
        found += [f"{count} times the id {name}" for name, count in self.ids.items() if count > 1]
        found += [f"a {role} without a name" for role, name in self.landmarks if role in NAMED and not name]
        twice = [mark for mark, count in Counter(self.landmarks).items() if count > 1]
        found += [f"two landmarks {role} {name!r}" for role, name in twice]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outline = Outline()
        self._open: list[str] = []
        self._text: dict[str, list[str]] = {}
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "template":
            self._templates += 1
        if self._templates:
            return  # not in the document until a script puts it there
        outline = self.outline
        if tag == "html":
            outline.language = given.get("lang", "")
        if tag == "main" or given.get("role") == "main":
            outline.mains += 1
        if "id" in given:
            outline.ids[given["id"]] += 1
        if tag == "h1":
            outline.headings.append("")
        name = given.get("aria-label") or given.get("aria-labelledby", "")
        role = "search" if given.get("role") == "search" else tag
        if role in NAMED or (role in {"search", "section", "aside"} and name):
            outline.landmarks.append((role, name))
        if tag == "nav" and "breadcrumbs" in given.get("class", ""):
            outline.crumbs += 1

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            last = self._open.pop()
            if last == "template":
                self._templates -= 1
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._templates:
            return
        if "h1" in self._open and self.outline.headings:
            self.outline.headings[-1] += data
        if "title" in self._open and "svg" not in self._open:
            self.outline.title += data


def outline_of(html: str) -> Outline:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.outline
