"""The vendor's look as pages get it: a style sheet, a logo and a favicon under addresses that name their content.

All of it is answered before anything that needs a database, so that the published status looks the same while the rest
of the site is down.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.templatetags.static import static

from lib import brand, brand_assets
from lib.brand import Palette, Shades
from lib.brand_assets import Asset, FooterLink
from lib.colour import channels

PREFIX = "/brand/"
FOREVER = "public, max-age=31536000, immutable"
# While a new version is rolled out, a page may still name the old one.
SHORTLY = "public, max-age=60"
_ADDRESS = re.compile(r"/brand/(?P<version>[0-9a-f]{16})/(?P<name>[a-z-]+)\.(?P<suffix>[a-z]+)")
# An SVG that somebody opens by itself runs nothing and asks for nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_LOGO_HEIGHT = 28  # pixels, as base.css has it

Respond = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class Picture:
    """A picture's address and the size that it is drawn at, in pixels, where that is known."""

    url: str
    content_type: str
    height: int
    width: int | None


class SiteBrand:
    """What the templates ask for: ``{% site_brand as brand %}``."""

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def stylesheet(self) -> str:
        """The address of the vendor's colours; empty for the portal's own, which tokens.css has."""
        text = stylesheet()
        return f"{PREFIX}{_version(text.encode())}/colours.css" if text else ""

    @property
    def logo(self) -> Picture | None:
        """The logo for the light theme, and for both where there is no other."""
        return _picture("logo")

    @property
    def logo_dark(self) -> Picture | None:
        """The logo for the dark theme."""
        return _picture("logo-dark")

    @property
    def shows_name(self) -> bool:
        """Whether the logo says the site's name, which then does not stand beside it."""
        return bool(settings.PORTAL_LOGO_SHOWS_NAME)

    @property
    def favicon(self) -> Picture:
        """The vendor's icon, or the portal's."""
        return _picture("favicon") or Picture(static("img/favicon.svg"), "image/svg+xml", _LOGO_HEIGHT, None)

    @property
    def links(self) -> Sequence[FooterLink]:
        """The vendor's own links at the bottom."""
        return brand_assets.footer_links(self.language)


def stylesheet() -> str:
    """Return the style sheet of the vendor's colours; empty when there are none."""
    palette = brand.palette()
    return "" if palette == brand.DEFAULT else _stylesheet(palette)


@lru_cache(maxsize=8)
def _stylesheet(palette: Palette) -> str:
    light, dark = _properties(palette.light), _properties(palette.dark)
    # The admin and the widget know no data-bs-theme: they take the colours by names of their own.
    fixed = (
        f"--brand-deep:{palette.deep};--brand-accent:{palette.light.accent};--brand-strong:{palette.light.strong};"
        f"--brand-accent-dark:{palette.dark.accent};--brand-strong-dark:{palette.dark.strong};"
    )
    return (
        f"@layer bootstrap,tokens,base,components,pages;"
        f'@layer tokens{{:root,[data-bs-theme="light"]{{{light}{fixed}}}[data-bs-theme="dark"]{{{dark}}}}}'
    )


def _properties(shades: Shades) -> str:
    values = {
        "--p-accent": shades.accent,
        "--p-accent-strong": shades.strong,
        "--p-accent-soft": shades.soft,
        "--p-accent-line": shades.line,
        "--p-on-accent": shades.on_accent,
        "--p-accent-solid": shades.solid,
        "--bs-primary-rgb": _triple(shades.accent),
        "--bs-link-color-rgb": _triple(shades.accent),
        "--bs-link-hover-color-rgb": _triple(shades.strong),
    }
    return "".join(f"{name}:{value};" for name, value in values.items())


def _triple(colour: str) -> str:
    return ",".join(str(channel) for channel in channels(colour))


def _picture(name: str) -> Picture | None:
    found = brand_assets.asset(name)
    if found is None:
        return None
    width = round(_LOGO_HEIGHT * found.ratio) if found.ratio else None
    return Picture(f"{PREFIX}{found.version}/{name}{found.suffix}", found.content_type, _LOGO_HEIGHT, width)


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


class BrandMiddleware:
    """Answers ``/brand/<version>/<name>`` before sessions, hosts and the database."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the file, or pass the request on: what is not there is a 404 like any other."""
        asked = _ADDRESS.fullmatch(request.path_info)
        content = _content(asked["name"], asked["suffix"]) if asked else None
        if asked is None or content is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        body, content_type = content
        kept = FOREVER if asked["version"] == _version(body) else SHORTLY
        return HttpResponse(
            body,
            content_type=content_type,
            headers={"Cache-Control": kept, "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"},
        )


def _content(name: str, suffix: str) -> tuple[bytes, str] | None:
    if (name, suffix) == ("colours", "css"):
        text = stylesheet()
        return (text.encode(), "text/css; charset=utf-8") if text else None
    found: Asset | None = brand_assets.asset(name) if name in brand_assets.SETTINGS else None
    return (found.body, found.content_type) if found and found.suffix == f".{suffix}" else None
