"""What a page draws, read from its HTML: forms with their controls, labels, ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
CONTROLS = {"input", "select", "textarea"}
# What nobody types into.
SILENT = {"hidden", "submit", "button", "reset", "image"}


@dataclass
class Element:
    """One element, with the text inside it."""

    tag: str
    attrs: Mapping[str, str]
    parents: "list[Element]"
    text: str = ""

    def get(self, name: str) -> str:
        return self.attrs.get(name, "")

    def inside(self, tag: str) -> "Element | None":
        """Return the nearest element around it of that kind."""
        return next((parent for parent in reversed(self.parents) if parent.tag == tag), None)

    @property
    def is_typed_into(self) -> bool:
        return self.tag in CONTROLS and self.get("type") not in SILENT and "disabled" not in self.attrs


@dataclass
class Form:
    """A form and what stands in it."""

    element: Element
    controls: list[Element] = field(default_factory=list)

    @property
    def typed(self) -> list[Element]:
        """Return what a person fills in."""
        return [control for control in self.controls if control.is_typed_into]


class Page(HTMLParser):
    """Every element of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(one.tag == tag for one in self._open):
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def ids(self) -> list[str]:
        return [one.get("id") for one in self.elements if one.get("id")]

    def forms(self) -> list[Form]:
        """Return the forms that are sent by POST."""
        found = {
            id(one): Form(one) for one in self.elements if one.tag == "form" and one.get("method").lower() == "post"
        }
        by_id = {form.element.get("id"): form for form in found.values()}
        for one in self.elements:
            if one.tag not in {*CONTROLS, "button"} or not one.get("name"):
                continue
            around = one.inside("form")
            form = by_id.get(one.get("form")) if one.get("form") else found.get(id(around)) if around else None
            if form:
                form.controls.append(one)
        return list(found.values())

    def label_of(self, control: Element) -> str:
        """Return what a control is called: by a label, around it or pointing at it, or by its own attributes."""
        if control.get("aria-label"):
            return control.get("aria-label")
        around = control.inside("label")
        if around is not None and around.text.strip():
            return around.text.strip()
        for one in self.elements:
            if one.tag == "label" and control.get("id") and one.get("for") == control.get("id"):
                return one.text.strip()
        wanted = control.get("aria-labelledby").split()
        return " ".join(one.text.strip() for one in self.elements if wanted and one.get("id") in wanted)

    def summary(self) -> Element | None:
        """Return the summary of what is wrong."""
        return next((one for one in self.elements if "data-error-summary" in one.attrs), None)

    def within(self, outer: Element, tag: str) -> list[Element]:
        return [one for one in self.elements if one.tag == tag and any(parent is outer for parent in one.parents)]
