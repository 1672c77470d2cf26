"""Finds the bundles of style sheets and scripts, composed when they are asked for."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from portal.bundles import BUNDLES, compose, sources_of

Stamp = tuple[tuple[int, int], ...]


class BundleFinder(BaseFinder):
    """Serves ``portal.bundles`` as files: while developing as they are now, to collectstatic once.

    They are written under ``BUNDLES_DIR``, readable while DEBUG is on and small otherwise.
    """

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.small = not settings.DEBUG
        self.root = Path(settings.BUNDLES_DIR) / ("small" if self.small else "readable")
        self.storage = FileSystemStorage(location=self.root)
        self.composed: dict[str, Stamp] = {}

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return the bundle's file, or an empty list when ``path`` names none."""
        if path not in BUNDLES:
            return []
        found = str(self._written(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:  # noqa: ARG002 - Django's signature
        """Yield each bundle with its storage, as collectstatic wants them."""
        for name in BUNDLES:
            self._written(name)
            yield name, self.storage

    def _written(self, name: str) -> Path:
        target = self.root / name
        stamp = tuple((file.st_mtime_ns, file.st_size) for file in (source.stat() for source in sources_of(name)))
        # What an earlier process wrote is not trusted: the list of sources may have changed with the code.
        if self.composed.get(name) != stamp or not target.exists():
            _write(target, compose(name, small=self.small))
            self.composed[name] = stamp
        return target


def _write(target: Path, text: str) -> None:
    # Several processes may write the same bundle; each reader sees a whole one.
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(target)
