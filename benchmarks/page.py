"""What is asked for, by whom, and what is to be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

FLOOR = "floor"
DEEP_PAGE = 5_000
QUERIES, MEDIAN, SEARCH_P95, DEEP = 15, 3.0, 10.0, 1.3  # the targets; all but the first are ratios


@dataclass(frozen=True, slots=True)
class Page:
    """One page as one person asks for it.

    ``against`` is the page whose p50 its own is divided by. ``data`` is sent by POST. ``patch`` is a module, the name
    of a number in it and the value that it has meanwhile, such as a page's size.
    """

    title: str
    person: str
    path: str
    against: str = FLOOR
    query: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] | None = None
    max_queries: int | None = None
    max_median: float | None = None
    max_p95: float | None = None
    patch: tuple[object, str, object] | None = None
    note: str = field(default="", compare=False)

    @property
    def url(self) -> str:
        """Return the address with its query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path
