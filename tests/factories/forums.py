"""Topics and posts, written through the verbs so that they carry the index, counts and ledger rows that real ones do.

Limits and screening do not hold here: a test that needs twenty topics of one person has them. ``stamp`` is that
of a form whose writer took their time.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from unittest import mock

from django.core import signing
from django.utils import timezone

from accounts.models import User
from forums import forms, limits, posting, screening
from forums.constants import TopicKind
from forums.models import Category, Community, Post, Topic
from forums.posting import NewTopic


@contextmanager
def unlimited() -> Iterator[None]:
    """Write as much and as fast as a test needs."""
    with (
        mock.patch.object(limits, "require_room"),
        mock.patch.object(screening, "signals", return_value=[]),
    ):
        yield


def stamp(seconds: float = 60) -> str:
    """Return the time stamp of a form that was drawn so long ago."""
    return signing.dumps(timezone.now().timestamp() - seconds, salt=forms._STAMP)


def main_community() -> Community:
    """Return the community that every portal starts with."""
    return Community.objects.get(slug="community")


def category(slug: str = "integrations", community: Community | None = None) -> Category:
    """Return one of its categories."""
    return Category.objects.get(community=community or main_community(), slug=slug)


def ask(
    author: User,
    title: str = "Orders stop syncing to NetSuite",
    body: str = "Since this morning no order arrives.",
    *,
    kind: TopicKind = TopicKind.QUESTION,
    tags: Collection[str] = (),
    shelf: Category | None = None,
) -> Topic:
    """Start a topic in the main community, or on another's shelf."""
    shelf = shelf or category()
    with unlimited():
        return posting.ask(
            community=shelf.community,
            category=shelf,
            author=author,
            new=NewTopic(title=title, body=body, kind=kind, tags=tags),
        )


def reply(topic: Topic, author: User, body: str = "Raise the concurrency limit in the connector.") -> Post:
    """Answer a topic."""
    with unlimited():
        return posting.reply(topic_id=topic.pk, author=author, body=body)


def comment(post: Post, author: User, body: str = "Thank you, that was it.") -> Post:
    """Comment on a post."""
    with unlimited():
        return posting.comment(post_id=post.pk, author=author, body=body)
