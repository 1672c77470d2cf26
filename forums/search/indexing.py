"""Keeping the index in step, inside the transaction that changes a topic."""

from forums.models import Post, Topic


def index_opening(topic: Topic, post: Post) -> None:
    """Add a topic that was just published."""


def index_reply(topic: Topic, post: Post) -> None:
    """Add a reply or comment that was just published: touches only its own words."""


def reindex(topic: Topic) -> None:
    """Write a topic's part of the index anew from what is published of it; nothing when the topic is not."""
