"""What a row of a list of posts shows: where it stands, how it begins, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forums.models import Post
from lib.markdown import excerpt, words_of

EXCERPT_LENGTH = 240  # characters


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post in a list. Its address survives whatever happens to its topic."""

    post: Post
    url: str
    title: str
    prefix: str
    words: str
    is_accepted: bool


def post_rows(posts: Iterable[Post]) -> Sequence[PostRow]:
    """Return the rows of posts that were read with their topic and its community."""
    return [
        PostRow(
            post=post,
            url=post.get_absolute_url(),
            title=post.topic.title,
            prefix=post.topic.community.prefix,
            words=excerpt(words_of(post.body), EXCERPT_LENGTH),
            is_accepted=post.topic.accepted_post_id == post.pk,
        )
        for post in posts
    ]
