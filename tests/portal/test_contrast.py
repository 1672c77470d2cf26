"""Every text can be read on what it stands on, and every control be told from it, in both themes.

WCAG 2.2, 1.4.3 and 1.4.11. A new pair of colours on a page is a new line here.
"""

import re

import pytest
from django.conf import settings

from lib.brand import DARK_SURFACES, DEFAULT, LIGHT_SURFACES, Shades
from lib.colour import contrast
from portal.styleguide.tokens import colours

SURFACES = ("bg", "surface", "sunken", "hover")
TINTS = ("accent", "blue", "violet", "amber", "orange", "green", "red")
AVATARS = tuple(f"avatar-{number}" for number in range(8))

TEXT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("text", (*SURFACES, *(f"{tint}-soft" for tint in TINTS), "internal-soft")),
    ("text-soft", (*SURFACES, *(f"{tint}-soft" for tint in TINTS), "internal-soft")),
    # Times and numbers in rows that are tinted: Production Down, an internal note, the current entry.
    ("text-faint", (*SURFACES, "red-soft", "internal-soft", "accent-soft")),
    ("accent", (*SURFACES, "accent-soft")),
    ("accent-strong", (*SURFACES, "accent-soft")),
    # Tags without a box of their own stand on any surface.
    *((tint, (*SURFACES, f"{tint}-soft")) for tint in TINTS if tint != "accent"),
    ("red-strong", (*SURFACES, "red-soft")),
    ("internal", (*SURFACES, "internal-soft")),
    ("on-accent", ("accent", "accent-strong")),
    ("on-red", ("red-solid", "red-solid-strong")),
    *((f"{avatar}-ink", (avatar,)) for avatar in AVATARS),
    ("paper-ink", ("paper",)),
)
SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("line-control", SURFACES),
    ("accent", SURFACES),  # the ring of focus, the border of what is chosen
    ("accent-solid", ("surface", "bg")),  # a ticked box
    ("red-solid", ("surface", "bg")),  # the button of a dangerous act, Production Down
    ("red", ("surface", "bg")),  # a field with an error
    ("internal-line", ("surface", "internal-soft")),  # the frame of a note's editor
    *((f"bar-{state}", ("surface",)) for state in ("clean", "maintenance", "degraded", "partial", "major")),
)
THEMES = colours()


def too_close(theme: str, pairs: tuple[tuple[str, tuple[str, ...]], ...], least: float) -> list[str]:
    of = THEMES[theme]
    found = [(ink, on, contrast(of[ink], of[on])) for ink, surfaces in pairs for on in surfaces]
    return [f"{ink} on {on}: {ratio:.2f}" for ink, on, ratio in found if ratio < least]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(theme: str) -> None:
    assert too_close(theme, TEXT, 4.5) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_and_mark_stands_out(theme: str) -> None:
    assert too_close(theme, SHAPES, 3.0) == []


def test_both_themes_have_the_same_tokens() -> None:
    assert set(THEMES["light"]) == set(THEMES["dark"])


@pytest.mark.parametrize(
    ("theme", "shades", "surfaces"),
    [("light", DEFAULT.light, LIGHT_SURFACES), ("dark", DEFAULT.dark, DARK_SURFACES)],
    ids=["light", "dark"],
)
def test_mails_and_vendor_colours_start_from_the_same_values(
    theme: str, shades: Shades, surfaces: tuple[str, ...]
) -> None:
    of = THEMES[theme]
    names = ("accent", "accent-strong", "accent-soft", "accent-line", "on-accent", "accent-solid")
    values = (shades.accent, shades.strong, shades.soft, shades.line, shades.on_accent, shades.solid)
    assert values == tuple(of[name] for name in names)
    assert set(surfaces) == {of[name] for name in SURFACES}


def test_no_other_style_sheet_has_a_colour_of_its_own() -> None:
    # The admin is Django's, in its variables; the widget stands on other people's pages, without tokens.
    own = {"tokens.css", "admin.css", "status-widget.css"}
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|\b(?:rgba?|hsla?|oklch)\(")
    for sheet in sorted((settings.BASE_DIR / "static/css").glob("*.css")):
        if sheet.name not in own:
            assert raw.findall(sheet.read_text()) == [], sheet.name
