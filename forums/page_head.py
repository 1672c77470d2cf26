"""What a public page tells machines about itself: canonical address, Open Graph, feed, whether to index it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from lib.markdown import excerpt

DESCRIPTION_LENGTH = 200  # characters; search engines and chats show no more


def absolute(path: str) -> str:
    """Return the address on this site that the world knows, never the one a client claims to have asked."""
    return settings.PORTAL_URL + path


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """The head of one page. ``path`` is its canonical address, ``feed`` that of its Atom feed (both from the root)."""

    title: str
    path: str
    description: str = ""
    og_type: str = "website"
    feed: str = ""
    is_indexed: bool = True

    @property
    def url(self) -> str:
        """Return the canonical address."""
        return absolute(self.path)

    @property
    def feed_url(self) -> str:
        """Return the feed's address, empty without one."""
        return absolute(self.feed) if self.feed else ""

    @property
    def summary(self) -> str:
        """Return the description on one line."""
        return excerpt(self.description, DESCRIPTION_LENGTH)


def is_first_view(request: HttpRequest) -> bool:
    """Say whether the page is shown as its canonical address shows it: no filter, no later page."""
    return not request.GET
