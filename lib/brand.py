"""The vendor's colours: what pages and mails are tinted with, derived so that contrast holds whatever is set.

A mail template takes ``brand.palette()`` and writes ``light.accent`` and so on as they are; pages get the same values
as custom properties (``portal.brand``).
"""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from lib.colour import Colour, contrast

# The surfaces of static/css/tokens.css on which the accent is read, from the easiest to the hardest.
LIGHT_SURFACES = ("#ffffff", "#fafbfb", "#f4f7f8", "#f1f4f5")
DARK_SURFACES = ("#0b1013", "#0f1519", "#151d22", "#1b252b")
TEXT_CONTRAST, SHAPE_CONTRAST = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
_STEP = 0.005
_DARK_START = 0.74


@dataclass(frozen=True)
class Shades:
    """One theme's colours, as ``#rrggbb``.

    ``accent`` is read on every surface and carries ``on_accent``; ``strong`` is its hovered form and the ink on
    ``soft``; ``line`` draws borders that only decorate; a white mark stands out from ``solid``.
    """

    accent: str
    strong: str
    soft: str
    line: str
    on_accent: str
    solid: str


@dataclass(frozen=True)
class Palette:
    """Both themes, and a deep shade that white is read on in either."""

    light: Shades
    dark: Shades
    deep: str


# What tokens.css says: used where no colour is set, and by mails.
DEFAULT = Palette(
    light=Shades("#0a6678", "#084f5e", "#e2f2f4", "#a5d3da", "#ffffff", "#0a6678"),
    dark=Shades("#5cc3d3", "#86d8e4", "#10313a", "#23606d", "#06242b", "#1d7f90"),
    deep="#12333f",
)


def palette() -> Palette:
    """Return the colours of this site. A value that is no colour counts as none: the check portal.E010 tells of it."""
    return _palette(settings.PORTAL_BRAND_COLOR, settings.PORTAL_BRAND_COLOR_DARK)


@lru_cache(maxsize=32)
def _palette(colour: str, dark: str) -> Palette:
    try:
        return derive(colour, dark)
    except ValueError:
        return DEFAULT


def derive(colour: str, dark: str = "") -> Palette:
    """Return the palette of a brand colour (``#rrggbb``), with another for the dark theme where one is given.

    Hue and chroma stay; lightness moves no further than contrast asks for. Raises ``ValueError`` for what is no colour;
    without any the palette is the portal's own.
    """
    if not colour and not dark:
        return DEFAULT
    seed = Colour.parse(colour or dark)
    return Palette(
        light=_light(seed) if colour else DEFAULT.light,
        dark=_dark(Colour.parse(dark)) if dark else _dark(seed, least=_DARK_START),
        deep=seed.at(0.3, most_chroma=0.06).hex,
    )


def _light(seed: Colour) -> Shades:
    soft = seed.at(0.95, most_chroma=0.03).hex
    accent = seed
    while not _reads(accent.hex, (*LIGHT_SURFACES, soft)):
        accent = accent.at(accent.lightness - _STEP)
    # A colour that is all but black shows a pointer above it by turning lighter.
    strong = accent.at(accent.lightness + (-0.075 if accent.lightness > 0.2 else 0.1)).hex
    line = seed.at(0.84, most_chroma=0.07).hex
    return Shades(accent.hex, strong, soft, line, "#ffffff", accent.hex)


def _dark(seed: Colour, *, least: float = 0.0) -> Shades:
    soft = seed.at(0.29, most_chroma=0.045).hex
    on_accent = seed.at(0.2, most_chroma=0.04).hex
    accent = seed.at(max(seed.lightness, least), most_chroma=0.19)
    while not _reads(accent.hex, (*DARK_SURFACES, soft, on_accent)):
        accent = accent.at(accent.lightness + _STEP)
    strong = accent.at(accent.lightness + (0.07 if accent.lightness < 0.93 else -0.07)).hex
    line = seed.at(0.46, most_chroma=0.07).hex
    return Shades(accent.hex, strong, soft, line, on_accent, seed.at(0.55, most_chroma=0.13).hex)


def _reads(ink: str, surfaces: tuple[str, ...]) -> bool:
    return all(contrast(ink, surface) >= TEXT_CONTRAST for surface in surfaces)
