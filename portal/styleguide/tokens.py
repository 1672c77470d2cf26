"""The design tokens as data, read from their style sheet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from lib import brand
from lib.brand import Shades
from lib.colour import contrast

THEMES = ("light", "dark")
_BLOCK = re.compile(
    r'\[data-bs-theme="(?:light|dark)"\] \{\s*color-scheme: (?P<theme>\w+);(?P<body>.*?)\n  \}', re.DOTALL
)
_COLOUR = re.compile(r"--p-([\w-]+): (#[0-9a-f]{6});")
_SCALE = re.compile(r"--p-((?:text|space|radius|shadow)-[\w]+):")
SURFACES = ("bg", "surface", "sunken", "hover")


@dataclass(frozen=True)
class Swatch:
    """A colour, and how it stands out: the ratio to what it is read on, or to the text that is read on it."""

    name: str
    colour: str
    other: str
    ratio: float


def colours() -> Mapping[str, Mapping[str, str]]:
    """Return each theme's colours by token, without ``--p-``, as the style sheet has them."""
    return _colours(_text())


def shown_colours(theme: str) -> Mapping[str, str]:
    """Return a theme's colours as this site shows them: the vendor's accent in place of the portal's."""
    shades: Shades = getattr(brand.palette(), theme)
    own = {
        "accent": shades.accent,
        "accent-strong": shades.strong,
        "accent-soft": shades.soft,
        "accent-line": shades.line,
        "on-accent": shades.on_accent,
        "accent-solid": shades.solid,
    }
    return {**colours()[theme], **own}


def swatches(theme: str) -> Sequence[Swatch]:
    """Return a theme's colours, each with the contrast that matters for it."""
    of = shown_colours(theme)
    return [_swatch(of, name, colour) for name, colour in of.items()]


def _swatch(of: Mapping[str, str], name: str, colour: str) -> Swatch:
    ink = f"{name}-ink"
    if ink in of:
        other = ink
    elif name.endswith("-ink"):
        other = name.removesuffix("-ink")
    elif name.endswith("-soft") and name.removesuffix("-soft") in of and name != "text-soft":
        other = "accent-strong" if name == "accent-soft" else name.removesuffix("-soft")
    elif name.startswith("on-"):
        other = "red-solid" if name == "on-red" else name.removeprefix("on-")
    else:
        other = "text" if name in SURFACES else "surface"
    return Swatch(name, colour, other, contrast(colour, of[other]))


def scale(kind: str) -> Sequence[str]:
    """Return the steps of ``text``, ``space``, ``radius`` or ``shadow`` that the style sheet defines, in its order."""
    found = dict.fromkeys(name for name in _SCALE.findall(_text()) if name.startswith(f"{kind}-"))
    return [name for name in found if name not in {"text-soft", "text-faint"}]


def _text() -> str:
    path = settings.BASE_DIR / "static" / "css" / "tokens.css"
    return _read(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: str, _changed: int) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a plain name is what the cache keeps
        return file.read()


@lru_cache(maxsize=2)
def _colours(text: str) -> Mapping[str, Mapping[str, str]]:
    return {block["theme"]: dict(_COLOUR.findall(block["body"])) for block in _BLOCK.finditer(text)}
