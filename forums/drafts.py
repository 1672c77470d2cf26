"""Drafts: what somebody is writing, kept on the server as they type."""

from accounts.models import User
from forums.models import Community, Draft, Post, Topic


def ask_key(community: Community) -> str:
    """Return the key of the one question that a person is writing in a community."""
    return f"ask:{community.pk}"


def reply_key(topic: Topic) -> str:
    """Return the key of a reply."""
    return f"reply:{topic.pk}"


def comment_key(post: Post) -> str:
    """Return the key of a comment."""
    return f"comment:{post.pk}"


def edit_key(post: Post) -> str:
    """Return the key of an edit."""
    return f"edit:{post.pk}"


def forget(user: User, key: str) -> None:
    """Drop a draft that has become a post, in the caller's transaction."""
    Draft.objects.filter(user=user, key=key).delete()
