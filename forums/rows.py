"""What a row of a list of topics shows, put together in Python: thirty rows in a template are to be quick."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import prefetch_related_objects
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.querysets import Someone
from forums import reading
from forums.constants import State, TopicKind
from forums.models import Topic

KIND_ICONS: Mapping[str, str] = {
    TopicKind.QUESTION: "question",
    TopicKind.DISCUSSION: "community",
    TopicKind.IDEA: "idea",
    TopicKind.ANNOUNCEMENT: "announcement",
}
UNOPENED = -1


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to know about a topic before one opens it: colour, shape and word."""

    look: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic in a list. ``news`` counts the replies that are new to the reader: -1 when they never opened it."""

    topic: Topic
    prefix: str
    url: str
    kind_icon: str
    kind: str
    marks: Sequence[Mark]
    news: int = 0

    @property
    def last_person(self) -> User:
        """Return who wrote last: whoever asked, while nobody has replied."""
        return self.topic.last_poster or self.topic.author

    @property
    def votes_word(self) -> str:
        """Return the word after the number of votes."""
        return ngettext("vote", "votes", self.topic.score)

    @property
    def replies_word(self) -> str:
        """Return the word after the number of replies."""
        return ngettext("reply", "replies", self.topic.answer_count)

    @property
    def news_in_words(self) -> str:
        """Return what is new to the reader, empty for nothing."""
        if self.news == UNOPENED:
            return _("New")
        return ngettext("%(number)d new", "%(number)d new", self.news) % {"number": self.news} if self.news else ""


def rows(user: Someone, topics: Sequence[Topic]) -> Sequence[TopicRow]:
    """Return the rows of ``topics``, which ``for_list`` has read. One query for somebody signed in, else none."""
    news = reading.unread(user, topics) if isinstance(user, User) else {}
    return [
        TopicRow(
            topic=topic,
            prefix=topic.community.prefix,
            url=topic.get_absolute_url(),
            kind_icon=KIND_ICONS[topic.kind],
            kind=topic.kind_label,
            marks=list(_marks(topic)),
            news=news.get(topic.pk, 0),
        )
        for topic in topics
    ]


def with_tags(topics: Sequence[Topic]) -> Sequence[Topic]:
    """Read the tags of topics that came from several queries in one."""
    prefetch_related_objects(topics, "tags")
    return topics


@cache
def _members_prefix(_script_prefix: str) -> str:
    return reverse("members:profile", args=["x"]).removesuffix("x/")


def members_prefix() -> str:
    """Return where the pages of people begin: the address of one is this, the handle and a slash."""
    return _members_prefix(get_script_prefix())


def _marks(topic: Topic) -> Iterable[Mark]:
    if topic.state != State.PUBLISHED:
        yield Mark("amber", "clock", str(State(topic.state).label))
    if topic.accepted_post_id is not None:
        yield Mark("green", "check-circle", _("Solved"))
    if topic.pinned_at is not None:
        yield Mark("accent", "pin", _("Pinned"))
    if topic.duplicate_of_id is not None:
        yield Mark("grey", "copy", _("Duplicate"))
    if topic.is_locked:
        yield Mark("grey", "lock", _("Locked"))
    elif topic.is_closed:
        yield Mark("grey", "status-closed", _("Closed"))
