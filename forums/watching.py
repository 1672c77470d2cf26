"""Watching: who is told of what, and how soon."""

from accounts.models import User
from forums.models import Topic


def watch_own(user: User, topic: Topic) -> None:
    """Let somebody who has just written in ``topic`` hear of replies, unless they watch it already."""
