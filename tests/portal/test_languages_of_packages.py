"""What Django and allauth say themselves to customers is said in every language."""

from collections.abc import Iterator
from pathlib import Path

import allauth
import django
import pytest
from django.utils import translation
from django.utils.translation import gettext, pgettext

from quality.catalogues.extracting import Key, in_source
from quality.catalogues.languages import LANGUAGES

DJANGO, ALLAUTH = Path(django.__file__).parent, Path(allauth.__file__).parent
# Forms, their fields and validators, passwords, and spans of time; signing in and its second factor.
SAID_TO_CUSTOMERS = [
    *(
        DJANGO / path
        for path in (
            "forms/fields.py",
            "forms/forms.py",
            "forms/formsets.py",
            "forms/models.py",
            "core/validators.py",
            "contrib/auth/password_validation.py",
            "db/models/base.py",
            "db/models/constraints.py",
            "utils/dates.py",
            "utils/timesince.py",
        )
    ),
    *(ALLAUTH / "account").glob("*.py"),
    *(ALLAUTH / "account" / "internal").rglob("*.py"),
    *(ALLAUTH / "mfa").rglob("*.py"),
]
# One word that is spelt alike in several languages tells nothing.
SHORTEST = 3  # words


def sentences() -> Iterator[Key]:
    for path in SAID_TO_CUSTOMERS:
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for key, _line, _comments in in_source("package.py", path.read_text("utf-8")):
            if len(key.singular.split()) >= SHORTEST:
                yield key


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_translated_by_them_or_by_us(code: str) -> None:
    found = set(sentences())
    assert len(found) > 90
    with translation.override(code):
        left = {
            key.singular
            for key in found
            if (pgettext(key.context, key.singular) if key.context else gettext(key.singular)) == key.singular
        }
    assert left == set()
