"""Languages as browsers and readers name them."""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.utils import translation


@lru_cache(maxsize=64)
def tag(code: str) -> str:
    """Return how HTML, HTTP and scripts spell a language (BCP 47): Django's ``pt-br`` is ``pt-BR``."""
    language, *subtags = code.split("-")
    return "-".join([language, *(one.upper() if len(one) == 2 else one.title() for one in subtags)])


def active() -> str:
    """Return the code of the language that is spoken now; the site's own where translation is off."""
    return translation.get_language() or str(settings.LANGUAGE_CODE)


def names() -> Mapping[str, str]:
    """Return the languages that the site speaks, each by its own name."""
    return dict(settings.LANGUAGES)


def offered(wanted: str) -> str:
    """Return ``wanted`` when the site speaks it, else nothing."""
    return wanted if wanted in names() else ""
