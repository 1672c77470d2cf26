"""The Production Down rule: which subjects make a case urgent and alert the on-call list.

Source: DESIGN, *Production Down*. Web, mail, API and admin share it through ``cases.workflow``.
"""

import re
import unicodedata

from django.conf import settings

# Whitespace, hyphens and dashes of every kind, underscores: all of them separate words here.
_SEPARATORS = re.compile(r"[\s_\-\u00ad\u058a\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]+")
# "Non-production down" speaks of another system; the separators are gone by then, so it reads "non production".
_NEGATIONS = ("non",)


def normalise(subject: str) -> str:
    """Return ``subject`` folded for comparison: NFKC, casefold, separators to single spaces."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", subject).casefold()).strip()


def matches(subject: str) -> bool:
    """Say whether ``subject`` holds one of the phrases as whole words."""
    folded = normalise(subject)
    return any(_holds(folded, normalise(phrase)) for phrase in settings.PRODUCTION_DOWN_PHRASES)


def subject() -> str:
    """Return the subject that a link to Create Case fills in: the first phrase, in whatever language it is."""
    phrase = next((phrase for phrase in settings.PRODUCTION_DOWN_PHRASES if normalise(phrase)), "")
    return str(phrase).title() if phrase.islower() else str(phrase)


def nearly_matches(text: str) -> bool:
    """Say whether ``text`` speaks of production being down without the phrase, so that a form can hint at it."""
    folded = normalise(text)
    return (
        not matches(text)
        and bool(re.search(r"\bproduction\s?(?:is\s|has\sbeen\s|went\s|server\s)?down", folded))
        and not _negated(folded)
    )


def _holds(folded: str, phrase: str) -> bool:
    not_after_negation = "".join(rf"(?<!\b{word} )" for word in _NEGATIONS)
    return bool(phrase) and re.search(rf"{not_after_negation}(?<!\w){re.escape(phrase)}(?!\w)", folded) is not None


def _negated(folded: str) -> bool:
    return bool(re.search(r"\bnon ?production", folded))
