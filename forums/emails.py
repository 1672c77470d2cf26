"""From what happened in the forums to rows in the delivery ledger."""

from accounts.models import User
from forums.models import Post, Topic


def topic_published(topic: Topic, opening: Post) -> None:
    """Tell who watches the topic's community, category or tags, and whom it names."""


def post_published(post: Post) -> None:
    """Tell who watches the topic of a reply or comment, and whom it names."""


def answer_accepted(topic: Topic, post: Post, *, actor: User) -> None:
    """Tell the author of the answer, and who watches the topic."""


def post_approved(post: Post, *, actor: User) -> None:
    """Tell the author that a held post is published."""


def post_hidden(post: Post, *, actor: User, note: str) -> None:
    """Tell the author kindly that their post was hidden, and why."""
