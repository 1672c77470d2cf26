"""Finds the front-end library that ships no Django app of its own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bootstrap_wrapper
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

# The maps are named by the files themselves, so the storage that hashes names looks for them.
BOOTSTRAP_FILES = (
    "css/bootstrap.min.css",
    "css/bootstrap.min.css.map",
    "js/bootstrap.bundle.min.js",
    "js/bootstrap.bundle.min.js.map",
)


class BootstrapFinder(BaseFinder):
    """Serves the Bootstrap files that pages use as ``bootstrap/css/…`` and ``bootstrap/js/…``."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.root = Path(bootstrap_wrapper.get_bootstrap_dir())
        self.storage = FileSystemStorage(location=self.root)
        self.storage.prefix = "bootstrap"  # type: ignore[attr-defined] # collectstatic reads it from the storage

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return the file's path, or an empty list when it is not ours."""
        name = path.removeprefix("bootstrap/")
        if not path.startswith("bootstrap/") or name not in BOOTSTRAP_FILES:
            return []
        found = str(self.root / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:  # noqa: ARG002 - Django's signature
        """Yield each file with its storage, as collectstatic wants them."""
        for name in BOOTSTRAP_FILES:
            yield name, self.storage
