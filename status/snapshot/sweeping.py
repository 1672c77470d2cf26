"""Removing what no kept version refers to. The caller holds the publishers' lock."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from status.snapshot import files, manifests, trees

KEPT_VERSIONS = 3  # the current one, and those that somebody may still be reading when beat has slept


def sweep(directory: Path, *, older_than: float, limit: int) -> int:
    """Remove at most ``limit`` things that have been unreferenced and unchanged for ``older_than`` seconds."""
    before = time.time() - older_than
    versions = directory / "versions"
    private = directory / "private"
    kept = kept_versions(directory, before)
    used_objects, used_trees = marks(directory, kept)
    shelves = {shelf for name in kept for shelf in manifests.shelves_of(private, name)}
    doomed = [
        *leavings(versions, kept, before),
        *leavings(directory / "trees", used_trees, before),
        *leavings(directory / "objects", used_objects, before),
        *leavings(private / "manifests", {f"{name}.json" for name in kept}, before),
        *leavings(private / "shelves", shelves, before),
        *(path for path in leavings(directory, set(), before) if path.name.startswith(files.UNFINISHED)),
        *(path for path in leavings(private, set(), before) if path.name.startswith(files.UNFINISHED)),
    ]
    for path in doomed[:limit]:
        remove(path)
    return len(doomed[:limit])


def kept_versions(directory: Path, before: float) -> set[str]:
    """Return the current version, the newest others, and all that are younger."""
    with suppress(OSError):
        current = (directory / "current").readlink().name
        ages = {name: changed(directory / "versions" / name) for name in files.names(directory / "versions")}
        newest = sorted(ages, key=lambda name: -ages[name])[:KEPT_VERSIONS]
        return {current, *newest, *(name for name, age in ages.items() if age > before)}
    # Nothing is published, or it is not readable: then nobody can say what is needed, and all of it stays.
    return files.names(directory / "versions")


def marks(directory: Path, versions: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the objects and trees that these versions refer to."""
    used_objects: set[str] = set()
    used_trees: set[str] = set()
    waiting = [directory / "versions" / name for name in versions]
    while waiting:
        for target in targets(waiting.pop()):
            name = PurePosixPath(target).name
            if target.startswith(trees.OBJECT):
                used_objects.add(name)
            elif name not in used_trees:
                used_trees.add(name)
                waiting.append(directory / "trees" / name)
    return used_objects, used_trees


def targets(place: Path) -> Iterator[str]:
    """Yield where the symbolic links of a directory point to."""
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.is_symlink():
                yield str(Path(entry.path).readlink())


def leavings(directory: Path, used: set[str], before: float) -> Iterator[Path]:
    """Yield what stands unused in the directory and has not changed since then, unfinished things as well."""
    with suppress(FileNotFoundError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name not in used and changed(Path(entry.path)) <= before:
                yield Path(entry.path)


def changed(path: Path) -> float:
    """Return when the thing itself last changed, in seconds since 1970; an object's mtime tells something else."""
    try:
        return os.lstat(path).st_ctime
    except OSError:
        return 0.0


def remove(path: Path) -> None:
    """Remove a file or a directory. A directory loses its name first: a name that exists has all its entries."""
    if path.is_dir() and not path.is_symlink():
        if not path.name.startswith(files.UNFINISHED):
            gone = files.unfinished(path.parent)
            path.rename(gone)
            path = gone
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
