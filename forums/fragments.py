"""Parts of pages that depend on nothing but their values: drawn once for them and kept in the process.

A template of thirty rows costs more than the queries behind it. What a row shows is a tuple of plain values, so the
tuple is the key: nothing is ever out of date, and nothing has to be thrown away when something changes.
"""

from collections.abc import Hashable
from functools import lru_cache

from django.template import loader
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT = 4096  # fragments, of a few kilobytes each


def draw(template: str, **values: Hashable) -> SafeString:
    """Return ``template`` rendered with ``values`` alone, in the reader's language and zone.

    Values are what the database holds or numbers, never marked safe: an equal string that is not would find the same.
    """
    return _drawn(template, get_language(), timezone.get_current_timezone_name(), tuple(values.items()))


@lru_cache(maxsize=KEPT)
def _drawn(template: str, _language: str | None, _zone: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return mark_safe(loader.render_to_string(template, dict(values)).strip())  # noqa: S308 - a template's output
