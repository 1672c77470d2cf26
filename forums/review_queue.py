"""What a moderator reads: the reviews that wait, and the trail. As many queries for two as for twenty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from forums import policies, screening
from forums.constants import FlagReason, PostKind, Trust
from forums.models import Flag, Member, ModerationEvent, Post, Review
from forums.querysets import ReviewQuerySet

_Act = ModerationEvent.Act
_OF_PEOPLE = {_Act.MEMBER_SILENCED, _Act.MEMBER_UNSILENCED, _Act.MEMBER_SUSPENDED, _Act.MEMBER_UNSUSPENDED}
NOTICED = 99  # more than so many waiting reviews are not counted: the notice says "99+"


@dataclass(frozen=True, slots=True)
class Card:
    """One review with the post in its context and what speaks against it."""

    review: Review
    post: Post
    member: Member | None
    trust: str
    signals: Sequence[str]
    flags: Sequence[Flag]
    may_clean_up: bool

    @property
    def place(self) -> str:
        """Return what the post is."""
        return {
            PostKind.OPENING: _("Opens the topic"),
            PostKind.REPLY: _("Reply in"),
            PostKind.COMMENT: _("Comment in"),
        }[PostKind(self.post.kind)]


def for_cards(reviews: ReviewQuerySet) -> ReviewQuerySet:
    """Read what cards show."""
    flags = Flag.objects.select_related("user").order_by("id")
    return reviews.select_related(
        "community", "decided_by", "post__topic", "post__author__forum_member", "post__parent__author"
    ).prefetch_related(Prefetch("flags", flags)).defer(
        "post__body", "post__search", "post__parent__body", "post__parent__body_html", "post__parent__search"
    )  # fmt: skip


def cards(user: User, reviews: Iterable[Review]) -> list[Card]:
    """Return the cards of ``reviews``, which ``for_cards`` has read. No query."""
    may_clean_up = bool(policies.moderate_people(user))
    return [_card(review, may_clean_up=may_clean_up) for review in reviews]


def waiting(user: User, community_id: int | None = None) -> int:
    """Return how many reviews wait for ``user``, ``NOTICED`` and one at the most."""
    reviews = Review.objects.visible_to(user).waiting()
    if community_id is not None:
        reviews = reviews.filter(community=community_id)
    return reviews.order_by()[: NOTICED + 1].count()


def _card(review: Review, *, may_clean_up: bool) -> Card:
    post, author = review.post, review.post.author
    post.topic.community = review.community
    member: Member | None = getattr(author, "forum_member", None)
    return Card(
        review=review,
        post=post,
        member=member,
        trust=str((policies.earned_trust(member) if member else Trust.NEW).label),
        signals=in_words(review.signals),
        flags=list(review.flags.all()),
        # Whether the author is a moderator, the act itself asks.
        may_clean_up=may_clean_up and not author.is_staff,
    )


def in_words(signals: object) -> list[str]:
    """Return what made the portal hold a post, for moderators; a code that is no longer known as it is."""
    codes = signals if isinstance(signals, list) else []
    return [str(screening.WORDS.get(code, code)) for code in codes]


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the trail: who did what to what, and why."""

    event: ModerationEvent
    details: str
    url: str
    title: str


def for_lines(events: Iterable[ModerationEvent]) -> list[Line]:
    """Return the lines of events that were read with their community, topic and people."""
    return [_line(event) for event in events]


def _line(event: ModerationEvent) -> Line:
    url = title = ""
    if event.topic is not None and event.community is not None:
        event.topic.community = event.community
        title = event.topic.title
        url = event.topic.get_absolute_url()
    if event.post_id is not None:
        url = Post(pk=event.post_id).get_absolute_url()
    return Line(event=event, details=_details(event), url=url, title=title)


def _details(event: ModerationEvent) -> str:
    data = event.data
    if event.act in _OF_PEOPLE and "days" in data:
        days = data["days"]
        return _("for good") if days is None else ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days}
    if data.get("clean_up"):
        return _("in a clean-up")
    if event.act == _Act.POST_HELD:
        return ", ".join(in_words(data.get("signals")))
    if event.act == _Act.POST_FLAGGED and data.get("reason") in FlagReason.values:
        return str(FlagReason(data["reason"]).label)
    return ""
