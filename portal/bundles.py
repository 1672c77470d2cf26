"""Which style sheets and scripts travel as one file.

A page asks for few files, and those that block its first paint are one: what every page needs is ``css/site.css`` and
``js/site.js``; a room has a bundle of its own where several files always go together. Sources are found as any static
file is, or come from the packages that ship them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bootstrap_wrapper
import rcssmin
import rjsmin
from django.contrib.staticfiles import finders

_SOURCE_MAP = re.compile(r"\s*(?:/\*|//)# sourceMappingURL=\S+(?:\s*\*/)?")
_CHARSET = re.compile(r'^\s*@charset "[^"]*";')


@dataclass(frozen=True)
class Bootstrap:
    """A file of Bootstrap's, put into the cascade layer below all of ours."""

    name: str

    @property
    def path(self) -> Path:
        """Where the package keeps it."""
        return Path(bootstrap_wrapper.get_bootstrap_dir()) / self.name

    def read(self) -> str:
        """Return its text inside the layer. A charset rule may only stand at a file's very start, so it goes."""
        return f"@layer bootstrap {{{_CHARSET.sub('', self.path.read_text(encoding='utf-8'))}}}\n"


@dataclass(frozen=True)
class Own:
    """A static file, named as ``{% static %}`` names it."""

    name: str

    @property
    def path(self) -> Path:
        """Where the finders see it. Raises ``FileNotFoundError`` for a name that none knows."""
        found = finders.find(self.name)
        if not isinstance(found, str):
            raise FileNotFoundError(f"{self.name} belongs to a bundle, and no such static file is there.")
        return Path(found)

    def read(self) -> str:
        """Return its text."""
        return self.path.read_text(encoding="utf-8")


Source = Bootstrap | Own


def _core(bootstrap: str) -> Sequence[Source]:
    # The order of the layers comes first: whichever is named first is the weakest.
    ours = [Own(f"css/{name}.css") for name in ("tokens", "base", "header-search", "components", "pages")]
    return [Own("css/layers.css"), Bootstrap(f"css/{bootstrap}.min.css"), *ours]


# A relative url() must mean the same from the bundle's folder as from its source's: keep both in css/.
BUNDLES: dict[str, Sequence[Source]] = {
    "css/site.css": _core("bootstrap"),
    "css/site.rtl.css": _core("bootstrap.rtl"),
    "css/community.css": [Own("css/forums.css"), Own("css/writing.css")],
    "js/site.js": [Own("django_htmx/htmx-2.min.js"), Own("js/portal.js"), Own("js/find.js")],
}


def sources_of(name: str) -> list[Path]:
    """Return the files that the bundle ``name`` is made of."""
    return [source.path for source in BUNDLES[name]]


def compose(name: str, *, small: bool) -> str:
    """Return the text of the bundle ``name``; ``small`` leaves out comments (licences stay) and white space."""
    joined = "\n".join(_SOURCE_MAP.sub("", source.read()) for source in BUNDLES[name])
    return _minify(name)(joined) if small else joined


def _minify(name: str) -> Callable[[str], str]:
    if name.endswith(".css"):
        return lambda text: str(rcssmin.cssmin(text, keep_bang_comments=True))
    return lambda text: str(rjsmin.jsmin(text, keep_bang_comments=True))
