"""What one reader may do with a post or a topic: asked of the policies once, for a page and its fragments alike.

No query of its own, as long as the post's author and the topic's community are read with the page.
"""

from collections.abc import Collection

from django.utils.functional import cached_property

from accounts.querysets import Someone
from forums import policies
from forums.constants import State
from forums.models import Post, Topic
from lib.decisions import Decision


class PostActs:
    """The buttons under one post; each is asked about when the template comes to it."""

    def __init__(
        self, user: Someone, topic: Topic, post: Post, *, voted: Collection[int], bookmarked: Collection[int]
    ) -> None:
        # The page has read the topic once: asking it of each post would read it again.
        post.topic = topic
        self.user, self.topic, self.post = user, topic, post
        self.has_voted = post.pk in voted
        self.has_bookmarked = post.pk in bookmarked

    @cached_property
    def vote(self) -> Decision:
        """Whether they may vote for it, or take their vote back."""
        return policies.vote(self.user, self.post)

    @cached_property
    def comment(self) -> Decision:
        """Whether they may comment on it."""
        return policies.comment(self.user, self.post)

    @cached_property
    def edit(self) -> Decision:
        """Whether they may change it."""
        return policies.edit(self.user, self.post)

    @cached_property
    def delete(self) -> Decision:
        """Whether they may take it back."""
        return policies.delete(self.user, self.post)

    @cached_property
    def flag(self) -> Decision:
        """Whether they may call a moderator to it."""
        return policies.flag(self.user, self.post)

    @cached_property
    def moderate(self) -> Decision:
        """Whether they moderate where it stands."""
        return policies.moderate(self.user, self.topic.community)

    @cached_property
    def is_accepted(self) -> bool:
        """Whether it is the accepted answer."""
        return self.topic.accepted_post_id == self.post.pk

    @cached_property
    def may_accept(self) -> bool:
        """Whether they may accept it, or withdraw that."""
        is_answer = self.post.is_reply and self.post.state == State.PUBLISHED
        return is_answer and bool(policies.accept(self.user, self.topic))


class TopicActs:
    """The menu of a topic."""

    def __init__(self, user: Someone, topic: Topic) -> None:
        self.user, self.topic = user, topic

    @cached_property
    def moderate(self) -> Decision:
        """Whether they lock, pin, move and merge it."""
        return policies.moderate(self.user, self.topic.community)

    @cached_property
    def close(self) -> Decision:
        """Whether they close and reopen it."""
        return policies.close(self.user, self.topic)

    @cached_property
    def retag(self) -> Decision:
        """Whether they change its tags."""
        return policies.retag(self.user, self.topic)

    @cached_property
    def any(self) -> bool:
        """Whether the menu has anything to offer."""
        return bool(self.moderate or self.close or self.retag)
