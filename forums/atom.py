"""Atom feeds of new topics (RFC 4287). Identifiers are tag URIs (RFC 4151): they survive renames, moves and new hosts.

What stands in a feed is what everybody may read; the text goes in as a post's own HTML, escaped.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from django.conf import settings
from django.utils import timezone

from forums.models import Community, Post, Topic
from forums.page_head import absolute
from forums.rendering import absolute as absolute_html
from forums.rendering import profile_url
from lib.markdown import excerpt, words_of

SUMMARY_LENGTH = 300  # characters

# RFC 4151 wants a day on which the host was the portal's. A constant, for the identifiers never change.
_DAY = "2025-01-01"
# What XML 1.0 has no way to write.
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: what it is called, its own address and that of the page it follows, and its topics, newest first.

    ``key`` names it for ever, such as ``community:1``. ``openings`` are the opening posts by the id of their topic.
    """

    key: str
    title: str
    subtitle: str
    url: str
    page_url: str
    community: Community
    topics: Sequence[Topic]
    openings: Mapping[int, Post]

    @property
    def updated(self) -> datetime:
        """Return when anything in it was last written or edited."""
        moments = [_updated(topic, self.openings[topic.pk]) for topic in self.topics if topic.pk in self.openings]
        return max(moments, default=self.community.created_at)

    def to_xml(self) -> bytes:
        """Return the document."""
        feed = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
        _text(feed, "id", _tag_uri(self.key))
        _text(feed, "title", self.title)
        if self.subtitle:
            _text(feed, "subtitle", self.subtitle)
        SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": absolute(self.url)})
        SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": absolute(self.page_url)})
        _text(feed, "updated", _moment(self.updated))
        _text(feed, "generator", settings.PORTAL_NAME)
        for topic in self.topics:
            # A topic without its first post is being written or moved just now.
            if topic.pk in self.openings:
                _entry(feed, topic, self.openings[topic.pk])
        document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
        return document


def _entry(feed: Element, topic: Topic, opening: Post) -> None:
    entry = SubElement(feed, "entry")
    _text(entry, "id", _tag_uri(f"topic:{topic.pk}"))
    _text(entry, "title", topic.title)
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": absolute(topic.get_absolute_url())})
    _text(entry, "published", _moment(topic.created_at))
    _text(entry, "updated", _moment(_updated(topic, opening)))
    author = SubElement(entry, "author")
    _text(author, "name", topic.author.display_name or topic.author.handle)
    _text(author, "uri", absolute(profile_url(topic.author)))
    for term in [topic.category.name, *(tag.slug for tag in topic.tags.all())]:
        SubElement(entry, "category", {"term": _valid(term)})
    _text(entry, "summary", excerpt(words_of(opening.body), SUMMARY_LENGTH))
    _text(entry, "content", absolute_html(opening.body_html)).set("type", "html")


def _updated(topic: Topic, opening: Post) -> datetime:
    """Return when the topic itself changed last: replies and votes do not make it new again."""
    return max(moment for moment in (topic.created_at, topic.edited_at, opening.edited_at) if moment)


def _tag_uri(key: str) -> str:
    return f"tag:{urlsplit(settings.PORTAL_URL).hostname or 'localhost'},{_DAY}:{key}"


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = _valid(text)
    return element


def _valid(text: str) -> str:
    return _INVALID.sub("", text)
