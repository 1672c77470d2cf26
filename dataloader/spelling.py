"""How Salesforce spells its error codes: words in capitals with underscores between them."""

import re

from dataloader.constants import CODE_MAX_LENGTH

# Words that are looked up for one text; more is a flood.
MAX_WORDS = 200

PATTERN = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_EXACT = re.compile(rf"{PATTERN}\Z")
_IN_TEXT = re.compile(rf"(?<!\w){PATTERN}(?!\w)")
_BETWEEN = re.compile(r"[\s_-]+")


def is_spelt(word: str) -> bool:
    """Say whether ``word`` has the form of a code. Whether there is such a code is for the table to say."""
    return len(word) <= CODE_MAX_LENGTH and _EXACT.match(word) is not None


def spell(text: str) -> str:
    """Return ``text`` as a code is spelt: ``unable to lock row`` is ``UNABLE_TO_LOCK_ROW``."""
    return _BETWEEN.sub("_", text.strip()).upper()


def words_in(text: str) -> list[str]:
    """Return the words of ``text`` that have the form of a code, in order, none twice; at most ``MAX_WORDS``."""
    found: dict[str, None] = {}
    for match in _IN_TEXT.finditer(text):
        if len(match[0]) <= CODE_MAX_LENGTH:
            found.setdefault(match[0])
        if len(found) == MAX_WORDS:
            break
    return list(found)
