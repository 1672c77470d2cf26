"""Colours: contrast by WCAG 2, and OKLCH, in which equal steps of lightness look equal whatever the hue.

The conversions are those of CSS Color 4 (https://www.w3.org/TR/css-color-4/#color-conversion-code).
"""

import re
from dataclasses import dataclass
from math import atan2, cbrt, cos, hypot, sin

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_LINEAR_KNEE, _GAMMA_KNEE = 0.0031308, 0.04045
_IN_GAMUT = 1e-4

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Colour:
    """A colour by lightness (0 black, 1 white), chroma (0 grey, about 0.3 neon) and hue (radians)."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def parse(cls, text: str) -> "Colour":
        """Read ``#rgb`` or ``#rrggbb``. Raises ``ValueError`` for anything else."""
        return cls._of_linear(*(_to_linear(channel / 255) for channel in channels(text)))

    @classmethod
    def _of_linear(cls, red: float, green: float, blue: float) -> "Colour":
        long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        return cls(lightness, hypot(a, b), atan2(b, a))

    def at(self, lightness: float, *, most_chroma: float | None = None) -> "Colour":
        """Return this hue at another lightness, with no more chroma than ``most_chroma``."""
        chroma = self.chroma if most_chroma is None else min(self.chroma, most_chroma)
        return Colour(min(max(lightness, 0.0), 1.0), chroma, self.hue)

    @property
    def hex(self) -> str:
        """This colour as ``#rrggbb``: where a screen cannot show it, with as much chroma as one can."""
        low, high = 0.0, self.chroma
        linear = self._linear(high)
        if not _shown(linear):
            for _step in range(16):
                middle = (low + high) / 2
                low, high = (middle, high) if _shown(self._linear(middle)) else (low, middle)
            linear = self._linear(low)
        return "#" + "".join(f"{round(_to_gamma(min(max(part, 0.0), 1.0)) * 255):02x}" for part in linear)

    def _linear(self, chroma: float) -> Triple:
        a, b = chroma * cos(self.hue), chroma * sin(self.hue)
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )


def channels(text: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of ``#rgb`` or ``#rrggbb``. Raises ``ValueError`` for anything else."""
    if not _HEX.fullmatch(text):
        raise ValueError(f"{text!r} is no colour of the form #1a2b3c.")
    digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(text: str) -> float:
    """Return the relative luminance of a hex colour, as WCAG 2 defines it."""
    red, green, blue = (_to_linear(channel / 255) for channel in channels(text))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two hex colours: 1 for the same, 21 for black on white."""
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def mixed(one: str, share: float, other: str) -> str:
    """Return ``share`` (0 to 1) of ``one`` in ``other``, as ``color-mix(in srgb, …)`` does it."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _shown(linear: Triple) -> bool:
    return all(-_IN_GAMUT <= part <= 1 + _IN_GAMUT for part in linear)


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= _GAMMA_KNEE else float(((part + 0.055) / 1.055) ** 2.4)


def _to_gamma(part: float) -> float:
    return part * 12.92 if part <= _LINEAR_KNEE else float(1.055 * part ** (1 / 2.4) - 0.055)
