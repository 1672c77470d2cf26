"""Where a post stands: its topic's page that shows it, or the page of comments, with its anchor."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.querysets import Someone
from forums.constants import COMMENTS_SHOWN
from forums.models import Post
from forums.topic_page import ORDERS, default_sort, paged_replies
from lib import keyset

# A page that begins in the middle shows a little of what stands before.
ROWS_BEFORE = 3


def place_of(user: Someone, post: Post, *, replies_size: int, comments_size: int) -> str:
    """Return the address at which ``user`` finds ``post``, read with its topic, community and parent."""
    if post.is_comment and post.parent is not None:
        return _place_of_comment(user, post, post.parent, replies_size, comments_size)
    return f"{_page_with(user, post, replies_size)}#{post.anchor}"


def _page_with(user: Someone, post: Post, size: int) -> str:
    topic = post.topic
    url = topic.get_absolute_url()
    if not post.is_reply or post.pk == topic.accepted_post_id:
        return url
    return url + _query_before(paged_replies(user, topic), ORDERS[default_sort(topic)], post, size)


def _place_of_comment(user: Someone, comment: Post, parent: Post, replies_size: int, comments_size: int) -> str:
    comments = comments_of(user, parent)
    earlier = comments.filter(number__lt=comment.number).order_by("number")[:COMMENTS_SHOWN]
    if len(earlier.values_list("pk")) < COMMENTS_SHOWN:
        parent.topic = comment.topic
        return f"{_page_with(user, parent, replies_size)}#{comment.anchor}"
    url = reverse("discuss:comments", args=[parent.pk])
    return f"{url}{_query_before(comments, ('number',), comment, comments_size)}#{comment.anchor}"


def comments_of(user: Someone, post: Post) -> QuerySet[Post]:
    """Return the comments under ``post``."""
    return Post.objects.visible_to(user).of_comments().filter(parent=post)


def _query_before(rows: QuerySet[Post], order: Sequence[str], post: Post, size: int) -> str:
    """Return the query of a page on which ``post`` stands; empty when that is the first."""
    backward = QueryDict(urlencode({"after": keyset.cursor_before(post, order)}))
    before = keyset.paginate(
        rows.only(*(name.removeprefix("-") for name in order)), order=order, query=backward, size=size
    )
    if len(before) < size:
        return ""
    first = before.rows[-min(ROWS_BEFORE, size - 1) - 1]
    return "?" + urlencode({"after": keyset.cursor_after(first, order)})
