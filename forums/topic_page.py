"""What a topic's page shows: the post that opened it, the accepted answer, a page of replies, a few comments of each.

The number of queries does not depend on how many posts there are.
"""

from collections.abc import Iterable, Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Value, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.functional import cached_property

from accounts.models import User
from accounts.querysets import Someone
from forums.constants import COMMENTS_SHOWN, PostKind
from forums.models import Bookmark, Post, Tag, Topic, Vote
from forums.querysets import PostQuerySet, member_of
from forums.shown_posts import ShownPost
from lib import keyset

BEST, OLDEST, NEWEST = "votes", "oldest", "newest"
# Each is the order of an index of ``forums.models.post``.
ORDERS: dict[str, Sequence[str]] = {BEST: ("score_rank", "number"), OLDEST: ("number",), NEWEST: ("-number",)}
DUPLICATES_SHOWN = 10
MERGES_FOLLOWED = 10


def find(user: Someone, pk: int) -> Topic:
    """Return the topic as its page shows it. Raises ``Topic.DoesNotExist`` for one that does not exist for ``user``."""
    tags = Tag.objects.filter(topics=OuterRef("pk")).order_by("slug").values("slug")
    duplicates = Topic.objects.filter(duplicate_of=OuterRef("pk"))
    topic: Topic = (
        Topic.objects.visible_to(user)
        .select_related("community", "category")
        .annotate(tag_slugs=ArraySubquery(tags), has_duplicates=Exists(duplicates))
        .get(pk=pk)
    )
    return topic


def merged_into(user: Someone, pk: int) -> Topic | None:
    """Return where the posts of a merged topic are now, if ``user`` may see that."""
    target = Topic.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first()
    for _hop in range(MERGES_FOLLOWED):
        if target is None:
            return None
        onward = Topic.objects.filter(pk=target).values_list("merged_into_id", flat=True).first()
        if onward is None:
            return Topic.objects.visible_to(user).select_related("community").filter(pk=target).first()
        target = onward
    return None


def default_sort(topic: Topic) -> str:
    """Return the order in which a topic's replies stand unless the reader chooses another."""
    return BEST if topic.is_question else OLDEST


def paged_replies(user: Someone, topic: Topic) -> PostQuerySet:
    """Return the replies that stand on the pages; the accepted one stands above them, once."""
    replies = Post.objects.seen_in(topic, user).replies()
    return replies if topic.accepted_post_id is None else replies.exclude(pk=topic.accepted_post_id)


def first_comments(user: Someone, topic: Topic, posts: Iterable[Post]) -> dict[int, list[Post]]:
    """Return the oldest comments under each of ``posts``, by its id; one query for all."""
    place = Window(RowNumber(), partition_by="parent", order_by="number")
    comments = Post.objects.seen_in(topic, user).of_comments().filter(parent__in=[post.pk for post in posts])
    found: dict[int, list[Post]] = {}
    for comment in comments.for_page().annotate(place=place).filter(place__lte=COMMENTS_SHOWN).order_by("number"):
        found.setdefault(comment.parent_id or 0, []).append(comment)
    return found


class TopicPage:
    """One page of a topic for one reader. Everything is read when it is made."""

    def __init__(self, user: Someone, topic: Topic, *, sort: str, query: QueryDict, size: int) -> None:
        self.user, self.topic, self.sort = user, topic, sort
        first = Q(kind=PostKind.OPENING)
        if topic.accepted_post_id is not None:
            first |= Q(pk=topic.accepted_post_id)
        heads = Post.objects.seen_in(topic, user).filter(first)
        read = {post.kind: post for post in heads.for_page().with_reputation()}
        replies = paged_replies(user, topic).for_page().with_reputation()
        self.page = keyset.paginate(replies, order=ORDERS[sort], query=query, size=size)
        self.is_first = not self.page.previous_url
        posts = [*read.values(), *self.page]
        # Counts the held ones as well, which their authors see.
        commented = [post for post in posts if post.last_comment_number]
        comments = first_comments(user, topic, commented) if commented else {}
        for post in posts:
            # Read once: asking each post for its topic would read it again.
            post.topic = topic
        shown = {
            post.pk: ShownPost(user, post, comments.get(post.pk, []), is_accepted=post.pk == topic.accepted_post_id)
            for post in posts
        }
        # A merge or a clean-up may leave no opening post for this reader: then there is no topic either.
        opening = read.get(PostKind.OPENING)
        accepted = read.get(PostKind.REPLY)
        self.opening = shown[opening.pk] if opening else None
        self.accepted = shown[accepted.pk] if accepted else None
        self.replies = [shown[post.pk] for post in self.page]

    @cached_property
    def posts(self) -> list[Post]:
        """Return the posts that can be voted on, in the order of the page."""
        shown = [self.opening, self.accepted, *self.replies]
        return [one.post for one in shown if one is not None]

    @cached_property
    def _kept(self) -> list[tuple[int, str]]:
        if not isinstance(self.user, User):
            return []
        pks = [post.pk for post in self.posts]
        votes = Vote.objects.filter(user=self.user, post__in=pks).values_list("post_id", Value("vote"))
        bookmarks = Bookmark.objects.filter(user=self.user, post__in=pks).values_list("post_id", Value("bookmark"))
        return list(votes.union(bookmarks, all=True))

    @property
    def voted_ids(self) -> set[int]:
        """Return the ids of the posts that the reader voted for."""
        return {pk for pk, kind in self._kept if kind == "vote"}

    @property
    def bookmarked_ids(self) -> set[int]:
        """Return the ids of the posts that the reader keeps."""
        return {pk for pk, kind in self._kept if kind == "bookmark"}

    @property
    def duplicate_of(self) -> Topic | None:
        """Return the question that this one asks again, if the reader may see it."""
        if self.topic.duplicate_of_id is None:
            return None
        asked_before = Topic.objects.visible_to(self.user).select_related("community")
        return asked_before.filter(pk=self.topic.duplicate_of_id).first()

    @property
    def duplicates(self) -> list[Topic]:
        """Return the questions that ask this one again."""
        if not getattr(self.topic, "has_duplicates", True):
            return []
        again = Topic.objects.visible_to(self.user).listed().filter(duplicate_of=self.topic)
        return list(again.select_related("community").order_by("id")[:DUPLICATES_SHOWN])

    @property
    def mark_number(self) -> int | None:
        """Return the number up to which a signed-in reader has read, when there is news to mark."""
        if not self.user.is_authenticated or self.topic.bumped_at <= member_of(self.user).read_before:
            return None
        return max((post.number for post in self.posts), default=0)
