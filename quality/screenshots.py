"""``make screenshots``: pictures of the ten main pages, phone and desktop, light and dark, from demo data.

They lie in PORTAL_HOME/screenshots. ``--readme`` also renews the four that README shows, small enough to be committed.
"""

import argparse
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from portal.chromium import FLAGS, MISSING, find_chromium
from quality.main_pages import MAIN_PAGES, MainPage
from quality.running import CHECKOUT, Running, running_portal

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
THEMES = ("light", "dark")
SHOWN = ("home", "community", "topic", "data-loader", "status", "incident", "my-cases", "create-case", "case", "desk")
# What README shows: page, size, theme.
README = (
    ("my-home", "desktop", "light"),
    ("desk", "desktop", "dark"),
    ("topic", "desktop", "light"),
    ("status", "phone", "dark"),
)
README_FOLDER = CHECKOUT / "docs" / "images"
README_BYTES = 150_000
COLOURS = 256
EXTRA = (MainPage("my-home", "/", "contact"),)


@dataclass(frozen=True)
class Shot:
    """One picture."""

    page: MainPage
    size: str
    theme: str

    @property
    def name(self) -> str:
        """Return the file's name without its ending."""
        return f"{self.page.name}-{self.size}-{self.theme}"


def main() -> int:
    """Take them all. Returns 1 when a picture for README is too large."""
    parser = argparse.ArgumentParser(prog="python -m quality.screenshots", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--readme", action="store_true", help="renew the four in docs/images as well")
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    parser.add_argument("--home", type=Path, help="where the portal's data lies (PORTAL_HOME/quality)")
    parser.add_argument("--port", type=int, help="the portal's port (PORT and 1)")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    base = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
    folder = base / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page for page in (*MAIN_PAGES, *EXTRA) if page.name in SHOWN or page in EXTRA]
    wanted = [page for page in pages if not options.only or page.name in options.only.split(",")]
    shots = [Shot(page, size, theme) for page in wanted for size in SIZES for theme in THEMES]
    port = options.port or int(os.environ.get("PORT") or 8000) + 1
    with running_portal(options.home or base / "quality", port) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium() or sys.exit(MISSING), args=list(FLAGS))
        for shot in shots:
            picture = take(browser, portal, shot)
            (folder / f"{shot.name}.png").write_bytes(picture)
            print(f"{shot.name}: {len(picture) // 1000} kB", flush=True)
        browser.close()
    print(f"\n{len(shots)} pictures in {folder}")
    return renew(folder) if options.readme else 0


def take(browser: Browser, portal: Running, shot: Shot) -> bytes:
    """Return what one sees of the page without scrolling, as a PNG of few colours."""
    width, height = SIZES[shot.size]
    is_phone = shot.size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
        device_scale_factor=2 if is_phone else 1,
        is_mobile=is_phone,
        has_touch=is_phone,
        locale="en-GB",
        timezone_id="UTC",
    )
    if shot.page.role:
        context.add_cookies([portal.cookie(shot.page.role)])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(portal.address(shot.page.path), wait_until="networkidle")
    # Who uses the portal has put this away long ago.
    page.evaluate("document.querySelectorAll('.demo-ribbon').forEach((one) => one.remove())")
    picture = page.screenshot(animations="disabled")
    context.close()
    return smaller(picture)


def smaller(picture: bytes) -> bytes:
    """Return the same picture in a palette: text and flat colour lose nothing that one sees."""
    palette = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    palette.save(written, "PNG", optimize=True)
    return written.getvalue()


def renew(folder: Path) -> int:
    """Copy README's four to where it looks for them."""
    for page, size, theme in README:
        picture = (folder / f"{page}-{size}-{theme}.png").read_bytes()
        if len(picture) > README_BYTES:
            print(f"{page}-{size}-{theme} is larger than {README_BYTES // 1000} kB")
            return 1
        (README_FOLDER / f"{page}-{size}-{theme}.png").write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
