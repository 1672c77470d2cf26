"""What else of the vendor's the pages show: logo, favicon and the links at the bottom."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

MAX_BYTES = 200 * 1024
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".ico": "image/x-icon",
}
# Its setting, by the name that an asset has in its address.
SETTINGS = {"logo": "PORTAL_LOGO", "logo-dark": "PORTAL_LOGO_DARK", "favicon": "PORTAL_FAVICON"}
OTHERS = ("PORTAL_BRAND_COLOR", "PORTAL_BRAND_COLOR_DARK", "PORTAL_LOGO_SHOWS_NAME", "PORTAL_FOOTER_LINKS")
_SIZE = rb"(\d{0,6}\.?\d{1,6})"
_VIEW_BOX = re.compile(
    rb"<svg[^>]*\bviewBox\s*=\s*[\"']\s*\S+[\s,]+\S+[\s,]+%b[\s,]+%b" % (_SIZE, _SIZE), re.IGNORECASE
)
_LINK = re.compile(r"(?:(?P<language>[a-z]{2}(?:-[a-z]+)?):)?(?P<label>[^=]+)=(?P<url>.+)", re.DOTALL)
_SAFE_URL = re.compile(r"https?://\S+|mailto:\S+|/(?!/)\S*")


class AssetError(ValueError):
    """A file that cannot be shown. Its text is one sentence for whoever set it."""


@dataclass(frozen=True)
class Asset:
    """A picture of the vendor's, as it is sent."""

    name: str
    suffix: str
    body: bytes

    @property
    def content_type(self) -> str:
        """Its type, by what its name ends with."""
        return KINDS[self.suffix]

    @property
    def ratio(self) -> float | None:
        """Width by height; nothing where the file does not say."""
        if self.suffix == ".svg":
            box = _VIEW_BOX.search(self.body[:4096])
            width, height = (float(part) for part in box.groups()) if box else (0.0, 0.0)
        elif self.suffix == ".png":
            width, height = (float(int.from_bytes(self.body[at : at + 4])) for at in (16, 20))
        else:
            return None
        return width / height if width and height else None

    @property
    def version(self) -> str:
        """What tells this content from any other."""
        return hashlib.sha256(self.body).hexdigest()[:16]


@dataclass(frozen=True)
class FooterLink:
    """A link at the bottom of every page; with a ``language``, on pages in that language alone."""

    label: str
    url: str
    language: str = ""


def asset(name: str) -> Asset | None:
    """Return the asset ``logo``, ``logo-dark`` or ``favicon``; nothing when none is set, or it cannot be shown."""
    path = getattr(settings, SETTINGS[name])
    try:
        return _read(name, path) if path else None
    except AssetError:
        return None


def check(name: str) -> str:
    """Return one sentence on what is wrong with the file that is set; empty when nothing is."""
    path = getattr(settings, SETTINGS[name])
    try:
        if path:
            _read(name, path)
    except AssetError as error:
        return str(error)
    return ""


@lru_cache(maxsize=16)
def _read(name: str, path: str) -> Asset:
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        raise AssetError(f"{path} is none of {', '.join(KINDS)}.")
    try:
        body = Path(path).read_bytes()
    except OSError as error:
        raise AssetError(f"{path} cannot be read: {error.strerror}.") from error
    if len(body) > MAX_BYTES:
        raise AssetError(f"{path} is bigger than {MAX_BYTES // 1024} KB, and every page would carry it.")
    return Asset(name, suffix, body)


def parse_links(text: str) -> Sequence[FooterLink]:
    """Read ``label=address`` pairs, parted by commas or line ends; ``de:label=address`` is for pages in German.

    Raises ``ValueError``, naming the pair, for one that is no pair or leads to no web address, mail or own page.
    """
    links = []
    for pair in filter(None, (part.strip() for part in re.split(r"[,\n]", text))):
        found = _LINK.fullmatch(pair)
        if found is None or not _SAFE_URL.fullmatch(found["url"].strip()):
            raise ValueError(f"{pair!r} is not of the form label=https://address.")
        links.append(FooterLink(found["label"].strip(), found["url"].strip(), found["language"] or ""))
    return links


def footer_links(language: str) -> Sequence[FooterLink]:
    """Return the links of a page in ``language``: those for it alone where there are any, else those for all."""
    try:
        links = parse_links(settings.PORTAL_FOOTER_LINKS)
    except ValueError:
        return []
    return [link for link in links if link.language == language] or [link for link in links if not link.language]


def fingerprint() -> str:
    """Return what changes with anything of the vendor's that a page shows."""
    digest = hashlib.sha256()
    for name in (*SETTINGS.values(), *OTHERS):
        digest.update(repr(getattr(settings, name)).encode())
    for name in SETTINGS:
        found = asset(name)
        digest.update(found.body if found else b"")
    return digest.hexdigest()
