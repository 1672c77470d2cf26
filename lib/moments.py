"""Days in words, as each language writes them.

Put together by hand: on a long list Django's own format parser would take a tenth of the page's time.
"""

from datetime import date
from functools import lru_cache

from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language

_WORDS = {"month": MONTHS, "short month": MONTHS_3, "weekday": WEEKDAYS_ABBR}
# Where a language is not named, a day is written as in English and French: 29 November 2026, 29 Nov.
_LONG = {"de": "{}. {} {}", "es": "{} de {} de {}", "pt-br": "{} de {} de {}"}
_MONTH = {"es": "{} de {}", "pt-br": "{} de {}"}
_SHORT = {"de": "{}. {}"}
_CAPITALISED = ("en", "de")  # languages that write a month's name with a capital letter


def calendar_word(kind: str, number: int) -> str:
    """Return a ``month``, ``short month`` or ``weekday`` in the reader's language, as it stands inside a sentence."""
    return _calendar_word(kind, number, get_language() or "en")


@lru_cache(maxsize=512)
def _calendar_word(kind: str, number: int, language: str) -> str:
    word = str(_WORDS[kind][number])
    if kind == "weekday":
        return word
    return word.title() if language.split("-")[0] in _CAPITALISED else word.lower()


def long_day(day: date) -> str:
    """Return ``29 November 2026``."""
    pattern = _LONG.get(get_language() or "", "{} {} {}")
    return pattern.format(_first(day.day), calendar_word("month", day.month), day.year)


def short_day(day: date, *, with_year: bool = True) -> str:
    """Return ``29 Nov 2026``, or ``29 Nov``."""
    pattern = _SHORT.get(get_language() or "", "{} {}")
    text = pattern.format(day.day, calendar_word("short month", day.month))
    return f"{text} {day.year}" if with_year else text


def month(day: date) -> str:
    """Return ``November 2026``, as it stands at the beginning of a line."""
    text = _MONTH.get(get_language() or "", "{} {}").format(calendar_word("month", day.month), day.year)
    return text[:1].upper() + text[1:]


def _first(number: int) -> str:
    return "1er" if number == 1 and get_language() == "fr" else str(number)
