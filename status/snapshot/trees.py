"""Directories named by what they hold, as Git has them: what did not change is pointed to, not made again."""

import os
from collections.abc import Mapping
from pathlib import Path

from status.snapshot import files

Entries = dict[str, str]  # name → target of the symbolic link that stands under it

OBJECT = "../../objects/"
INNER = "../"
OUTER = "../../trees/"


def plan(objects: Mapping[str, str]) -> tuple[dict[str, Entries], Entries]:
    """Return the trees by name, inner ones first, and the entries of the root, for these objects by path.

    Raises ValueError when a path is both a file and a directory.
    """
    directories: dict[str, Entries] = {"": {}}
    for path, name in objects.items():
        parent, _slash, leaf = path.rpartition("/")
        _make_room(directories, parent)
        directories[parent][leaf] = OBJECT + name
    trees: dict[str, Entries] = {}
    for directory in sorted(directories, key=lambda path: -path.count("/") if path else 1):
        if not directory:
            continue
        entries = directories[directory]
        tree = files.fingerprint("".join(f"{name}\n{entries[name]}\n" for name in sorted(entries)).encode())
        trees[tree] = entries
        parent, _slash, leaf = directory.rpartition("/")
        if leaf in directories[parent]:
            raise ValueError(f"Both a file and a directory: {directory!r}")
        directories[parent][leaf] = (INNER if parent else OUTER) + tree
    return trees, directories[""]


def _make_room(directories: dict[str, Entries], path: str) -> None:
    while path not in directories:
        directories[path] = {}
        path = path.rpartition("/")[0]


def write(directory: Path, trees: Mapping[str, Entries]) -> int:
    """Make the trees that do not exist yet, and return how many those were."""
    existing = files.names(directory)
    new = [(name, entries) for name, entries in trees.items() if name not in existing]
    made: list[tuple[Path, Path]] = []
    for name, entries in new:
        place = files.unfinished(directory)
        fill(place, entries)
        made.append((place, directory / name))
    if len(made) < files.WORTH_SYNC:
        files.wait_for(place for place, _path in made)
    else:
        os.sync()
    for place, path in made:
        place.rename(path)
    if made:
        files.fsync(directory)
    return len(made)


def fill(place: Path, entries: Entries) -> None:
    """Make a directory of symbolic links."""
    place.mkdir()
    for name, target in entries.items():
        (place / name).symlink_to(target)
    place.chmod(files.DIRECTORY_MODE)
