"""Somebody who has a keyboard and no mouse."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

TAB_STOPS = 150
SETTLED = 400  # ms

# Where the focus is, whether something shows it, and whether it is in sight.
FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return {lost: true};
    // An outline is what shows a focus and nothing else; some stands around the thing that a control stands for.
    const outlined = (part) => {
        const style = getComputedStyle(part);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    };
    const near = [one, one.closest("label"), one.nextElementSibling];
    for (let above = one.parentElement; above && near.length < 8; above = above.parentElement) near.push(above);
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const inSight = box.width === 0 || one === top || one.contains(top) || top?.contains(one)
        || !!one.closest("label")?.contains(top) || !!top?.closest("label");
    const isVisible = near.some((part) => part && outlined(part));
    return {lost: false, what: one.outerHTML.slice(0, 120), isVisible, inSight};
}"""


class Keyboard:
    """Goes through a page by keys alone, and is content with no stop at which it cannot see where it is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        """Type an address into the browser."""
        self.page.goto(address)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until ``wanted`` has the focus."""
        expect(wanted).to_be_attached()
        for _stop in range(TAB_STOPS):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            self.look()
        pytest.fail(f"Tab does not reach {wanted}")

    def look(self) -> None:
        """Fail unless one sees where the focus is."""
        seen = self.page.evaluate(FOCUS)
        if not (seen.get("isVisible") and seen.get("inSight")):
            # The page may be on its way there, and the ring may still be fading in.
            self.page.wait_for_timeout(SETTLED)
            seen = self.page.evaluate(FOCUS)
        assert not seen["lost"], "the focus is nowhere"
        assert seen["isVisible"], f"nothing shows that this has the focus: {seen['what']}"
        assert seen["inSight"], f"the focus is out of sight: {seen['what']}"

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def write(self, field: Locator, text: str) -> None:
        """Go to a field and write."""
        self.tab_to(field)
        self.page.keyboard.type(text)

    def use(self, control: Locator, key: str = "Enter") -> None:
        """Go to a control and press it."""
        self.tab_to(control)
        self.press(key)

    def follow(self, control: Locator, url: Any, key: str = "Enter") -> None:
        """Go to a control that leads to another page, and press it."""
        self.use(control, key)
        self.page.wait_for_url(url)
