"""File names as people send them, made safe to store, to show and to offer for download."""

import re
import unicodedata

NAME_MAX_CHARACTERS = 200
# Most file systems allow 255 bytes; some is left for the "(1)" that a browser adds.
NAME_MAX_BYTES = 240
EXTENSION_MAX_CHARACTERS = 20

_RESERVED_CHARACTERS = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
# Names that Windows gives to devices, with any extension.
_DEVICES = re.compile(r"\A(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\Z", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return the base name of ``name`` with nothing in it that could mislead a person or a file system.

    Folders go, so ``../../etc/passwd`` is ``passwd``. Control and format characters go, and with them NUL and the
    right-to-left override that makes ``gnp.exe`` look like ``exe.png``. An over-long name keeps its extension.
    """
    name = unicodedata.normalize("NFC", name)
    # Spaces first: a tab or a line break between two words is one.
    name = _SPACES.sub(" ", name)
    name = "".join(character for character in name if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn"})
    name = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    # Leading dots hide a file, trailing dots and spaces vanish on Windows and would change the extension.
    name = _RESERVED_CHARACTERS.sub("_", name).lstrip(". ").rstrip(". ")
    if not name:
        return "file"
    if _DEVICES.match(name.partition(".")[0]):
        name = f"_{name}"
    return shortened(name)


def extension(name: str) -> str:
    """Return the extension of ``name`` in small letters without the dot; empty when it has none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def shortened(name: str) -> str:
    """Return ``name`` within the limits, its extension kept."""
    if _fits(name):
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > EXTENSION_MAX_CHARACTERS:
        stem, dot, ending = name, "", ""
    while stem and not _fits(f"{stem}{dot}{ending}"):
        stem = stem[:-1]
    return f"{stem.rstrip('. ')}{dot}{ending}"


def _fits(name: str) -> bool:
    return len(name) <= NAME_MAX_CHARACTERS and len(name.encode("utf-8", "replace")) <= NAME_MAX_BYTES
