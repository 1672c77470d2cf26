"""Case numbers: ``CS-000001``, made of the row's id, so immutable and never given twice."""

import re

_EXACT = re.compile(r"\ACS-(\d{6,18})\Z")
_LOOSE = re.compile(r"\A\s*(?:CS[- ]?)?#?(\d{1,18})\s*\Z", re.IGNORECASE)
PATTERN = r"CS-\d{6,18}"


def spell(pk: int) -> str:
    """Return the number of the case with id ``pk``."""
    return f"CS-{pk:06d}"


def parse(number: str) -> int | None:
    """Return the id behind exactly this spelling, else ``None``."""
    found = _EXACT.match(number)
    pk = int(found[1]) if found else None
    return pk if pk is not None and spell(pk) == number else None


def parse_loose(text: str) -> int | None:
    """Return the id behind what a person may type: ``cs-17``, ``CS 000017``, ``17``."""
    found = _LOOSE.match(text)
    return int(found[1]) if found else None


class CaseNumberConverter:
    """A path converter: ``<case:pk>`` matches a canonical case number and hands the view its id."""

    regex = PATTERN

    def to_python(self, value: str) -> int:
        """Return the id; a spelling with needless zeros is no address."""
        pk = parse(value)
        if pk is None:
            raise ValueError(value)
        return pk

    def to_url(self, value: int) -> str:
        """Return the number."""
        return spell(value)
