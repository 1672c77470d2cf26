"""What each file of a snapshot is and was made from: private notes, in shelves that are named by their content.

A renewal changes a few paths of thousands, so only the shelves with those are written again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from status.snapshot import files, paths

MODE = 0o600


class Note(NamedTuple):
    """The object that a path points to, and the fingerprint of what that was made from."""

    object: str
    source: str


def read(private: Path, version: str) -> dict[str, Note]:
    """Return a version's notes by path; what is lost or damaged is left out, and will be rendered anew."""
    notes: dict[str, Note] = {}
    shelves = _load(private / "manifests" / f"{version}.json")
    for digest in shelves.values():
        for path, note in _load(private / "shelves" / f"{digest}.json").items():
            notes[path] = Note(*note)
    return notes


def write(private: Path, version: str, notes: Mapping[str, Note]) -> None:
    """Write down a version's notes."""
    shelves: dict[str, dict[str, Note]] = {}
    for path in sorted(notes):
        shelves.setdefault(paths.shelf(path), {})[path] = notes[path]
    for name in ("manifests", "shelves"):
        files.make_directory(private / name, files.PRIVATE_MODE)
    existing = files.names(private / "shelves")
    index: dict[str, str] = {}
    for shelf, content in shelves.items():
        text = json.dumps(content, separators=(",", ":")).encode()
        index[shelf] = hashlib.sha256(text).hexdigest()
        if f"{index[shelf]}.json" not in existing:
            files.replace(private / "shelves" / f"{index[shelf]}.json", text, MODE)
    files.replace(private / "manifests" / f"{version}.json", json.dumps(index).encode(), MODE)


def shelves_of(private: Path, version: str) -> set[str]:
    """Return the file names of the shelves that a version's notes stand in."""
    return {f"{digest}.json" for digest in _load(private / "manifests" / f"{version}.json").values()}


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
