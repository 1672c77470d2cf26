"""Whether a translation can stand for its message: what programs and browsers read has to stay as it is."""

import re
from collections import Counter

from quality.catalogues.extracting import Key
from quality.catalogues.files import forms

_PERCENT = re.compile(r"%\([^)]*\)[a-z]|%%|%[sd](?![a-z])|%")
_BRACES = re.compile(r"\{[^{}\s]*\}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d+|[a-zA-Z]+);")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NO_BREAK_SPACES = {"&nbsp;", "&#160;"}  # French has more of them than English


def problems(key: Key, texts: tuple[str, ...]) -> list[str]:
    """Say what is wrong with a translation, in sentences; nothing when it may stand."""
    if len(texts) != forms(key):
        return [f"It needs {forms(key)} texts, one for each plural form, and has {len(texts)}."]
    if not all(text.strip() for text in texts):
        return ["It is not translated."]
    originals = (key.singular, key.plural) if key.plural else (key.singular,)
    found = []
    for number, (original, text) in enumerate(zip(originals, texts, strict=True)):
        # A form of a plural may name what only the other form names in English: French counts zero as one.
        allowed = key.singular + key.plural
        found += [f"Form {number}: {one}" if key.plural else one for one in _differences(original, allowed, text)]
    return found


def _differences(original: str, allowed: str, text: str) -> list[str]:
    found = []
    wanted, given = _placeholders(original), _placeholders(text)
    if missing := sorted(wanted - given):
        found.append(f"It lacks {', '.join(missing)}.")
    if extra := sorted(given - _placeholders(allowed)):
        found.append(f"It has {', '.join(extra)}, which the message has not.")
    if _tags(original) != _tags(text):
        found.append(f"Its HTML differs: {_listed(original)} became {_listed(text)}.")
    if _CONTROL.search(text):
        found.append("It holds a control character.")
    if _edges(original) != _edges(text):
        found.append("Spaces or line breaks at its beginning or end differ.")
    if "\n" in text.strip() and "\n" not in original.strip():
        found.append("It breaks a line where the message has one line.")
    return found


def _placeholders(text: str) -> set[str]:
    """Return what is filled in, each once: a language may have to say a name twice. A percent sign counts too."""
    return {*_PERCENT.findall(text), *_BRACES.findall(text)}


def _tags(text: str) -> Counter[str]:
    entities = [one for one in _ENTITY.findall(text) if one not in NO_BREAK_SPACES]
    return Counter([*_TAG.findall(text), *entities])


def _listed(text: str) -> str:
    return ", ".join(_tags(text).elements()) or "none"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
