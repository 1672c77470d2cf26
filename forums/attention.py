"""What the home page shows of the communities: what waits for an answer, for a moderator, and what is new."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache

from accounts.models import User
from forums.models import Community, Review, Topic
from forums.models.community import prefix_of
from forums.models.topic import topic_path

UNANSWERED_SHOWN = 5
REVIEWS_SHOWN = 5
REMEMBERED_SECONDS = 60
_KEY = "forums:glimpses:1"
_COLUMNS = ("pk", "title", "bumped_at", "answer_count", "community__slug", "community__name")


class Glimpse(NamedTuple):
    """A topic that everybody may read, as plain values."""

    pk: int
    title: str
    bumped_at: datetime
    answer_count: int
    slug: str
    community: str

    @property
    def url(self) -> str:
        """Return the topic's address."""
        return topic_path(prefix_of(self.slug), self.pk, self.title)


class Glimpses(NamedTuple):
    """The newest unanswered questions of the public communities, and the topic last spoken in of each by its slug."""

    unanswered: Sequence[Glimpse]
    latest: dict[str, Glimpse]


def glimpses() -> Glimpses:
    """Return what is public in the communities just now, at most ``REMEMBERED_SECONDS`` old: usually no query."""
    known: Glimpses | None = cache.get(_KEY)
    if known is None:
        known = _look()
        cache.set(_KEY, known, REMEMBERED_SECONDS)
    return known


def _look() -> Glimpses:
    communities = list(Community.objects.filter(is_public=True).values_list("pk", flat=True))
    if not communities:
        return Glimpses([], {})
    # One short read of an index for each community (topic_unanswered, topic_latest): an IN would sort them all.
    unanswered = [
        Topic.objects.unanswered().filter(community=pk).order_by("-id").values_list(*_COLUMNS)[:UNANSWERED_SHOWN]
        for pk in communities
    ]
    latest = [
        Topic.objects.listed().filter(community=pk).order_by("-bumped_at", "-id").values_list(*_COLUMNS)[:1]
        for pk in communities
    ]
    questions = [Glimpse(*row) for row in unanswered[0].union(*unanswered[1:], all=True)]
    questions.sort(key=lambda glimpse: -glimpse.pk)
    newest = [Glimpse(*row) for row in latest[0].union(*latest[1:], all=True)]
    return Glimpses(questions[:UNANSWERED_SHOWN], {glimpse.slug: glimpse for glimpse in newest})


class Waiting(NamedTuple):
    """The oldest reviews that wait for a moderator, and whether more do."""

    reviews: Sequence[Review]
    has_more: bool


def waiting_reviews(user: User) -> Waiting:
    """Return the first of the review queue that ``user`` decides on, oldest first (review_queue)."""
    queue = Review.objects.visible_to(user).waiting().select_related("community", "post__topic")
    queue = queue.only("reason", "created_at", "community__name", "post__kind", "post__topic__title")
    rows = list(queue.order_by("id")[: REVIEWS_SHOWN + 1])
    return Waiting(rows[:REVIEWS_SHOWN], len(rows) > REVIEWS_SHOWN)
