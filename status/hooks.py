"""What apps above the status site give it: the frame of its pages, which are made without a request."""

from collections.abc import Callable, Mapping
from typing import Any

# Given a page's path and language, what templates/base.html needs: the site's name, the menus a visitor sees.
Chrome = Callable[[str, str], Mapping[str, Any]]

_makers: list[Chrome] = []


def register_chrome(maker: Chrome) -> None:
    """Let the site frame the status pages. Call it from ``AppConfig.ready``; the last to call is asked."""
    _makers[:] = [maker]


def chrome(path: str, language: str) -> Mapping[str, Any]:
    """Return the frame's context for the page at ``path`` in ``language``: the same for every visitor."""
    return _makers[0](path, language) if _makers else {}
