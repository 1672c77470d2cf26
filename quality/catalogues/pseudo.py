"""A made-up language: English with accents, a third longer, written from right to left, between brackets.

What has no brackets on a page was never translated; what does not fit or stands on the wrong side is seen before any
translator meets it. The catalogue is made where it is asked for and never kept with the others.
"""

import io
import re
from collections.abc import Iterable
from pathlib import Path

import allauth
import django
from babel.messages.mofile import read_mo, write_mo

from quality.catalogues import files
from quality.catalogues.extracting import Key, in_sources
from quality.catalogues.languages import Language
from quality.catalogues.sources import customer_sources

CODE = "ar-xb"  # CLDR's own name of a right-to-left pseudo-locale
BEGIN, END = "[!!! ", " !!!]"
LONGER = 3  # one more letter for so many

_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀċđèƒĝĥìĵķĺɱñòƥɋřšţùṽŵẋýžÀƁĊĐÈƑĜĤÌĴĶĹṀÑÒƤɊŘŠŢÙṼŴẊÝŽ",
)
# What programs and browsers read stays as it is.
_KEPT = re.compile(r"(%\([^)]*\)[a-z]|%%|%[sd](?![a-z])|\{[^{}\s]*\}|</?[a-zA-Z][^<>]*>|&(?:#\d+|\w+);)")
_LANGUAGE = Language(CODE, "ar_XB", "nplurals=2; plural=(n != 1);")
# Their texts are shown on our pages too: what a form says of a field, and all of signing in.
_PACKAGES = (
    Path(django.__file__).parent / "conf",
    Path(django.__file__).parent / "contrib" / "auth",
    Path(allauth.__file__).parent,
)


def pseudo(text: str) -> str:
    """Return ``text`` as the made-up language says it."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    letters = sum(one.isalpha() for one in _KEPT.sub("", core))
    said = "".join(piece if place % 2 else piece.translate(_LETTERS) for place, piece in enumerate(_KEPT.split(core)))
    longer = " ɱòřè" * (letters // (LONGER * 4))
    return f"{text[:start]}{BEGIN}{said}{longer}{END}{text[start + len(core) :]}"


def write(folder: Path) -> Path:
    """Write the compiled catalogue below ``folder``, which then is one of ``LOCALE_PATHS``. Returns its file."""
    catalog = files.SteadyCatalog(_LANGUAGE)
    for key in sorted({*in_sources(customer_sources()), *of_packages()}):
        catalog.add(
            (key.singular, key.plural) if key.plural else key.singular,
            (pseudo(key.singular), pseudo(key.plural)) if key.plural else pseudo(key.singular),
            context=key.context or None,
        )
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    path = folder / _LANGUAGE.locale / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compiled.getvalue())
    return path


def of_packages() -> Iterable[Key]:
    """Yield what Django and allauth say themselves, by their German catalogues: the English ones are empty."""
    for package in _PACKAGES:
        with (package / "locale" / "de" / "LC_MESSAGES" / "django.mo").open("rb") as file:
            yield from (files.key_of(message) for message in read_mo(file) if message.id)
