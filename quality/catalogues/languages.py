"""The languages that have a catalogue, and how each counts."""

from dataclasses import dataclass
from pathlib import Path

from quality.catalogues.sources import CHECKOUT


@dataclass(frozen=True)
class Language:
    """``code`` is Django's name of the language, ``locale`` its folder's."""

    code: str
    locale: str
    plural_forms: str

    @property
    def folder(self) -> Path:
        """Return the folder of its catalogues."""
        return CHECKOUT / "locale" / self.locale / "LC_MESSAGES"


_ONE_IS_SINGULAR = "nplurals=2; plural=(n != 1);"
_UP_TO_ONE_IS_SINGULAR = "nplurals=2; plural=(n > 1);"
FORMS = 2  # of each language here

# English needs none: its texts are what the sources say.
LANGUAGES = {
    language.code: language
    for language in (
        Language("de", "de", _ONE_IS_SINGULAR),
        Language("es", "es", _ONE_IS_SINGULAR),
        Language("fr", "fr", _UP_TO_ONE_IS_SINGULAR),
        Language("pt-br", "pt_BR", _UP_TO_ONE_IS_SINGULAR),
    )
}


def named(name: str) -> Language:
    """Return the language of this code or folder. Raises ``ValueError`` naming those that there are."""
    for language in LANGUAGES.values():
        if name in (language.code, language.locale):
            return language
    raise ValueError(f"There is no catalogue of {name!r}, only of {', '.join(LANGUAGES)}.")
