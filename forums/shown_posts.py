"""A post and its comments as a page shows them: plain values, drawn once for them (``forums.fragments``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.querysets import Someone
from forums import policies
from forums.constants import State
from forums.fragments import draw
from forums.models import Post
from forums.models.topic import permalink
from forums.rows import Person, members_prefix


class _Written(NamedTuple):
    """What is shown of a text and its author."""

    pk: int
    state: str
    body_html: str
    created_at: datetime
    edited_at: datetime | None
    author_id: int
    author_name: str
    author_handle: str
    is_staff: bool
    reputation: int

    @property
    def anchor(self) -> str:
        """Return its id on the page."""
        return f"post-{self.pk}"

    @property
    def url(self) -> str:
        """Return its permalink."""
        return permalink(self.pk)

    @property
    def history_url(self) -> str:
        """Return the address of its versions."""
        return reverse("discuss:history", args=[self.pk])

    @property
    def edit_url(self) -> str:
        """Return the address of its edit form."""
        return reverse("discuss:edit", args=[self.pk])

    @property
    def flag_url(self) -> str:
        """Return the address at which a moderator is called to it."""
        return reverse("discuss:flag", args=[self.pk])

    @property
    def author(self) -> Person:
        """Return who wrote it."""
        return Person(self.author_id, self.author_name)

    @property
    def author_url(self) -> str:
        """Return the author's public page."""
        return f"{members_prefix()}{self.author_handle}/"

    @property
    def state_label(self) -> str:
        """Return why it is not there for everybody; empty when it is."""
        return "" if self.state == State.PUBLISHED else str(State(self.state).label)


class _Comment(NamedTuple):
    """A comment, and what the reader may do with it."""

    written: _Written
    may_edit: bool
    may_flag: bool


@dataclass(slots=True)
class ShownPost:
    """A post on the page, with as many of its comments as stand under it."""

    user: Someone
    post: Post
    comments: Sequence[Post] = field(default_factory=list)
    is_accepted: bool = False

    @property
    def top(self) -> SafeString:
        """Return who wrote what and when; for a visitor, who has no buttons, with the votes."""
        post = self.post
        return draw(
            "forums/_post_top.html",
            post=_written(post, reputation=_reputation(post)),
            is_reply=post.is_reply,
            is_accepted=self.is_accepted,
            is_topic_author=post.author_id == post.topic.author_id,
            votes=-1 if self.user.is_authenticated else post.score,
        )

    @property
    def comment_list(self) -> SafeString | str:
        """Return the comments under it, and the way to those that are not shown."""
        more = self.post.comment_count if self.post.comment_count > len(self.comments) else 0
        return draw_comments(self.user, self.post, self.comments, more=more) if self.comments else ""


def draw_comments(
    user: Someone, post: Post, comments: Sequence[Post], *, more: int = 0, next_url: str = ""
) -> SafeString:
    """Return comments of ``post``; ``more`` counts all of them when some are not shown, ``next_url`` shows the next."""
    for comment in comments:
        comment.topic = post.topic
    return draw(
        "forums/_comments.html",
        pk=post.pk,
        comments=tuple(_comment(user, comment) for comment in comments),
        more=more,
        all_url=reverse("discuss:comments", args=[post.pk]) if more or next_url else "",
        next_url=next_url,
    )


def _comment(user: Someone, comment: Post) -> _Comment:
    if not user.is_authenticated:
        return _Comment(_written(comment), may_edit=False, may_flag=False)
    return _Comment(
        _written(comment), may_edit=bool(policies.edit(user, comment)), may_flag=bool(policies.flag(user, comment))
    )


def _written(post: Post, *, reputation: int = 0) -> _Written:
    author = post.author
    return _Written(
        post.pk,
        post.state,
        post.body_html,
        post.created_at,
        post.edited_at,
        author.pk,
        str(author),
        author.handle,
        author.is_staff,
        reputation,
    )


def _reputation(post: Post) -> int:
    # Whoever has not acted since the forums were opened has no row.
    member = getattr(post.author, "forum_member", None)
    return member.reputation if member is not None else 0
