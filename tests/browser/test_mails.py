"""Mails as a browser draws them, light and dark, on the narrowest phone: readable for everybody, and no wider."""

from importlib.resources import files

import pytest
from playwright.sync_api import Page

from notifications import previewing
from notifications.previewing import Preview

AXE = files("axe_playwright_python").joinpath("axe.min.js")
# A mail is no page of a site: landmarks are its reader's.
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}},
}
ONE_OF_EACH_KIND = [
    preview for preview in previewing.listed() if preview.code in {"usual", "mail", "password-reset-key"}
]


@pytest.mark.parametrize("preview", ONE_OF_EACH_KIND, ids=lambda preview: preview.kind)
def test_it_reads_well_in_both_themes_at_any_width(page: Page, preview: Preview) -> None:
    html = preview.rendered("en").html
    page.set_viewport_size({"width": 320, "height": 800})
    for theme in ("light", "dark"):
        page.set_content(previewing.themed(html, theme))
        page.evaluate(AXE.read_text())
        found = page.evaluate("options => axe.run(document, options)", OPTIONS)["violations"]
        assert not found, f"{theme}: {[(one['id'], [node['html'] for node in one['nodes']]) for one in found]}"
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        # Without styles it is still all there, in order.
        page.evaluate("document.querySelectorAll('style').forEach(one => one.remove())")
        assert page.locator("h1").is_visible()
        assert all(link.is_visible() for link in page.locator("a").all())
