"""What a row of a list of topics shows: plain values, read without the models around them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, TextField, Value, prefetch_related_objects
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.querysets import Someone
from forums import reading
from forums.constants import State, TopicKind
from forums.fragments import draw
from forums.models import Topic, TopicTag
from forums.models.community import prefix_of
from forums.models.topic import kind_label, topic_path

KIND_ICONS: Mapping[str, str] = {
    TopicKind.QUESTION: "question",
    TopicKind.DISCUSSION: "community",
    TopicKind.IDEA: "idea",
    TopicKind.ANNOUNCEMENT: "announcement",
}
UNOPENED = -1


class Mark(NamedTuple):
    """Something to know about a topic before one opens it: colour, shape and word."""

    look: str
    icon: str
    word: str


class Person(NamedTuple):
    """Somebody's name beside their picture."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


class TopicRow(NamedTuple):
    """One topic in a list. The order of its values is that of ``_COLUMNS``."""

    pk: int
    title: str
    kind: str
    state: str
    score: int
    answer_count: int
    last_public_number: int
    bumped_at: datetime
    accepted_post_id: int | None
    pinned_at: datetime | None
    duplicate_of_id: int | None
    is_closed: bool
    is_locked: bool
    community: str
    wording: str
    shelf: str
    shelf_name: str
    author_id: int
    author_name: str
    author_handle: str
    poster_id: int | None
    poster_name: str | None
    poster_handle: str | None
    tags: str

    @property
    def prefix(self) -> str:
        """Return where the pages of its community begin."""
        return prefix_of(self.community)

    @property
    def url(self) -> str:
        """Return its canonical address."""
        return topic_path(self.prefix, self.pk, self.title)

    @property
    def tag_slugs(self) -> Sequence[str]:
        """Return its tags."""
        return self.tags.split()

    @property
    def kind_icon(self) -> str:
        """Return the icon of its kind."""
        return KIND_ICONS[self.kind]

    @property
    def kind_label(self) -> str:
        """Return what its community calls it."""
        return kind_label(self.kind, self.wording)

    @property
    def author(self) -> Person:
        """Return who started it."""
        return Person(self.author_id, self.author_name or self.author_handle)

    @property
    def last_person(self) -> Person:
        """Return who wrote last: whoever started it, while nobody has replied."""
        if self.poster_id is None:
            return self.author
        return Person(self.poster_id, self.poster_name or self.poster_handle or "")

    @property
    def votes_word(self) -> str:
        """Return the word after the number of votes."""
        return ngettext("vote", "votes", self.score)

    @property
    def replies_word(self) -> str:
        """Return the word after the number of replies."""
        return ngettext("reply", "replies", self.answer_count)

    @property
    def marks(self) -> Sequence[Mark]:
        """Return what to know before opening it."""
        return list(_marks(self))


_COLUMNS = (
    "id", "title", "kind", "state", "score", "answer_count", "last_public_number", "bumped_at", "accepted_post_id",
    "pinned_at", "duplicate_of_id", "is_closed", "is_locked", "community__slug", "community__wording",
    "category__slug", "category__name", "author_id", "author__display_name", "author__handle", "last_poster_id",
    "last_poster__display_name", "last_poster__handle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row and what is new in it to the reader: a number of replies, -1 for a topic they never opened."""

    topic: TopicRow
    news: int = 0

    @property
    def news_in_words(self) -> str:
        """Return what is new to the reader, empty for nothing."""
        if self.news == UNOPENED:
            return pgettext("topic", "New")
        return ngettext("%(number)d new", "%(number)d new", self.news) % {"number": self.news} if self.news else ""

    def draw(self, *, hide_category: bool = False) -> SafeString:
        """Return the row as a list shows it."""
        return draw("forums/_topic_row.html", topic=self.topic, news=self.news_in_words, hide_category=hide_category)


def values_of(topics: "QuerySet[Topic]") -> "QuerySet[Topic, Any]":
    """Read ``topics`` as the values of rows, each with the names of its columns: for ``keyset.paginate``."""
    return topics.annotate(tag_names=_tag_names("pk")).values_list(*_COLUMNS, "tag_names", named=True)


def values_of_tagged(tagged: "QuerySet[TopicTag]") -> "QuerySet[TopicTag, Any]":
    """Read the topics of a tag as the values of rows, after the two by which the list is ordered."""
    columns = [f"topic__{name}" for name in _COLUMNS]
    return tagged.annotate(tag_names=_tag_names("topic_id")).values_list(
        "bumped_at", "topic_id", *columns, "tag_names", named=True
    )


def _tag_names(topic: str) -> Func:
    tags = TopicTag.objects.filter(topic=OuterRef(topic)).order_by("tag__slug").values("tag__slug")
    return Func(ArraySubquery(tags), Value(" "), function="array_to_string", output_field=TextField())


def rows(user: Someone, topics: Iterable[Topic | TopicRow | Sequence[Any]]) -> Sequence[ShownRow]:
    """Return the rows of topics, be they values (``values_of``) or models read by ``for_list`` with their tags.

    One query for somebody signed in, else none.
    """
    found = [_row_of(topic) if isinstance(topic, Topic) else TopicRow._make(topic) for topic in topics]
    news = reading.unread(user, found) if isinstance(user, User) else {}
    return [ShownRow(row, news.get(row.pk, 0)) for row in found]


def with_tags(topics: Sequence[Topic]) -> Sequence[Topic]:
    """Read the tags of topics that came from several queries in one."""
    prefetch_related_objects(topics, "tags")
    return topics


def _row_of(topic: Topic) -> TopicRow:
    poster = topic.last_poster
    return TopicRow(
        topic.pk, topic.title, topic.kind, topic.state, topic.score, topic.answer_count, topic.last_public_number,
        topic.bumped_at, topic.accepted_post_id, topic.pinned_at, topic.duplicate_of_id, topic.is_closed,
        topic.is_locked, topic.community.slug, topic.community.wording, topic.category.slug, topic.category.name,
        topic.author_id, topic.author.display_name, topic.author.handle, topic.last_poster_id,
        poster.display_name if poster else None, poster.handle if poster else None,
        " ".join(tag.slug for tag in topic.tags.all()),
    )  # fmt: skip


@cache
def _members_prefix(_script_prefix: str) -> str:
    return reverse("members:profile", args=["x"]).removesuffix("x/")


def members_prefix() -> str:
    """Return where the pages of people begin: the address of one is this, the handle and a slash."""
    return _members_prefix(get_script_prefix())


def _marks(row: TopicRow) -> Iterable[Mark]:
    if row.state != State.PUBLISHED:
        yield Mark("amber", "clock", str(State(row.state).label))
    if row.accepted_post_id is not None:
        yield Mark("green", "check-circle", _("Solved"))
    if row.pinned_at is not None:
        yield Mark("accent", "pin", _("Pinned"))
    if row.duplicate_of_id is not None:
        yield Mark("grey", "copy", _("Duplicate"))
    if row.is_locked:
        yield Mark("grey", "lock", _("Locked"))
    elif row.is_closed:
        yield Mark("grey", "status-closed", pgettext("topic", "Closed"))
