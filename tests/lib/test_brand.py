"""Whatever colour a vendor sets, everything can be read in both themes."""

from pathlib import Path

import pytest
from pytest_django import Settings

from lib import brand, brand_assets
from lib.brand import DARK_SURFACES, LIGHT_SURFACES, Palette, Shades, derive
from lib.colour import Colour, contrast

NASTY = {
    "yellow": "#ffff00",
    "white": "#ffffff",
    "black": "#000000",
    "neon-green": "#39ff14",
    "neon-pink": "#ff10f0",
    "cyan": "#00ffff",
    "pure-blue": "#0000ff",
    "pure-red": "#ff0000",
    "mid-grey": "#777777",
    "pale-peach": "#ffe5d0",
    "almost-black": "#0a0a12",
    "almost-white": "#fdfdf0",
    "orange": "#ff7a00",
    "navy": "#001f5b",
    "lime": "#bfff00",
}
# Text that stands on the accent's tints: of tokens.css.
INKS = {"light": ("#15212b", "#44525d"), "dark": ("#e6edf0", "#b4c1c9")}


def problems(shades: Shades, surfaces: tuple[str, ...], inks: tuple[str, ...]) -> list[str]:
    pairs = [(shades.accent, surface, 4.5) for surface in (*surfaces, shades.soft)]
    pairs += [(shades.strong, surface, 4.5) for surface in (*surfaces, shades.soft)]
    pairs += [(shades.on_accent, shades.accent, 4.5), (shades.on_accent, shades.strong, 4.5)]
    pairs += [(ink, shades.soft, 4.5) for ink in inks]
    pairs += [("#ffffff", shades.solid, 3.0)] + [(shades.solid, surface, 3.0) for surface in surfaces]
    return [
        f"{one} on {other}: {contrast(one, other):.2f}" for one, other, least in pairs if contrast(one, other) < least
    ]


def all_problems(palette: Palette) -> list[str]:
    return [
        *problems(palette.light, LIGHT_SURFACES, INKS["light"]),
        *problems(palette.dark, DARK_SURFACES, INKS["dark"]),
        *(["white on deep"] if contrast("#ffffff", palette.deep) < 4.5 else []),
    ]


@pytest.mark.parametrize("colour", NASTY.values(), ids=NASTY)
def test_contrast_holds_whatever_colour_is_set(colour: str) -> None:
    assert all_problems(derive(colour)) == []


@pytest.mark.parametrize("dark", NASTY.values(), ids=NASTY)
def test_contrast_holds_whatever_colour_is_set_for_the_dark_theme(dark: str) -> None:
    assert all_problems(derive("#0a6678", dark)) == []
    assert all_problems(derive("", dark)) == []


def test_the_portals_own_palette_passes_as_well() -> None:
    assert all_problems(brand.DEFAULT) == []


@pytest.mark.parametrize("colour", ["#7a1fa2", "#0b57d0", "#b3261e"])
def test_a_colour_that_can_be_read_is_used_as_it_is(colour: str) -> None:
    assert derive(colour).light.accent == colour


def test_a_bright_colour_stays_itself_in_the_dark_and_keeps_its_hue_in_the_light() -> None:
    palette = derive("#ffd400")
    assert Colour.parse(palette.light.accent).hue == pytest.approx(Colour.parse("#ffd400").hue, abs=0.08)
    assert Colour.parse(palette.dark.accent).lightness == pytest.approx(Colour.parse("#ffd400").lightness, abs=0.03)


def test_a_pointer_above_a_button_changes_it() -> None:
    for colour in NASTY.values():
        palette = derive(colour)
        assert palette.light.accent != palette.light.strong
        assert palette.dark.accent != palette.dark.strong


def test_a_bad_value_leaves_the_portals_own_colours(settings: Settings) -> None:
    settings.PORTAL_BRAND_COLOR = "teal"
    assert brand.palette() == brand.DEFAULT


def test_links_may_be_for_one_language(settings: Settings) -> None:
    settings.PORTAL_FOOTER_LINKS = (
        "Imprint=https://a.example/?q=1, Privacy=/privacy/\nde:Impressum=https://a.example/de"
    )
    assert [(link.label, link.url) for link in brand_assets.footer_links("fr")] == [
        ("Imprint", "https://a.example/?q=1"),
        ("Privacy", "/privacy/"),
    ]
    assert [link.label for link in brand_assets.footer_links("de")] == ["Impressum"]


@pytest.mark.parametrize(
    "text", ["javascript=javascript:alert(1)", "x=//evil.example", "no address", "x=data:text/html,x", "=/x"]
)
def test_a_link_that_leads_to_no_page_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="label=https"):
        brand_assets.parse_links(text)


def test_a_svg_and_a_png_tell_how_wide_they_are(settings: Settings, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 30"></svg>')
    settings.PORTAL_LOGO = str(logo)
    found = brand_assets.asset("logo")
    assert found is not None
    assert found.ratio == 4
    icon = tmp_path / "icon.png"
    icon.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20")
    settings.PORTAL_FAVICON = str(icon)
    found = brand_assets.asset("favicon")
    assert found is not None
    assert found.ratio == 2
    assert found.content_type == "image/png"


@pytest.mark.parametrize(
    "box",
    ["0 0 1.2.3 30", "0 0 .. 30", "0 0 wide high", "0 0 0 30", f"0 0 {'9' * 400} 1"],
    ids=["dots", "dots-alone", "words", "nought", "endless"],
)
def test_a_drawing_of_a_damaged_size_is_shown_all_the_same(settings: Settings, tmp_path: Path, box: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"></svg>')
    settings.PORTAL_LOGO = str(logo)
    found = brand_assets.asset("logo")
    assert found is not None
    assert found.ratio is None


def test_a_file_that_cannot_be_shown_is_told_of_and_left_out(settings: Settings, tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "gone.svg", "cannot be read"),
        (tmp_path / "logo.txt", "is none of"),
        (tmp_path / "huge.png", "bigger than 200 KB"),
    ):
        if path.name == "huge.png":
            path.write_bytes(b"0" * (brand_assets.MAX_BYTES + 1))
        settings.PORTAL_LOGO = str(path)
        assert said in brand_assets.check("logo")
        assert brand_assets.asset("logo") is None
