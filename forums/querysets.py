"""Reads of the forums. Whatever a person can reach starts from ``visible_to(user)``: the one predicate of visibility.

A topic is seen when it is published; its author sees it while it is held; who moderates its community sees all. A post
is seen when it, the post it comments on and its topic are. Lists and everything that is counted, searched, mailed or
fed show what is *published*, to whomever (``listed``).
"""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from forums.constants import PostKind, State, TopicKind

if TYPE_CHECKING:
    from accounts.querysets import Someone
    from forums.models import Community, ModerationEvent, Post, Review, Tag, Topic, TopicTag  # noqa: F401 - the base classes name them

EVERY = "every"  # in the place of a set of ids: all communities


def moderated_by(user: "Someone") -> "frozenset[int] | str":
    """Return the ids of the communities that ``user`` moderates, or ``EVERY``: one query a request at the most."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    known: frozenset[int] | str | None = user.__dict__.get("_moderated_communities")
    if known is None:
        # Roles are groups, and the menus have read those already: no query, where ``has_perm`` asks two.
        if user.is_superuser or "forums.moderate" in user.get_group_permissions():
            known = EVERY
        else:
            from forums.models import CommunityModerator

            rows = CommunityModerator.objects.filter(user=user.pk)
            known = frozenset(rows.values_list("community_id", flat=True))
        user.__dict__["_moderated_communities"] = known
    return known


def _seen(user: "Someone", *, community: str, author: str, states: "tuple[str, ...]") -> Q:
    """Return the predicate over one row and what it belongs to: ``states`` are the paths of every state that counts."""
    moderated = moderated_by(user)
    if moderated == EVERY:
        return Q()
    published = Q(**dict.fromkeys(states, State.PUBLISHED))
    if not user.is_authenticated:
        return published
    own, *above = states
    # One's own post that waits for a moderator; what it stands under has to be there for everybody, or wait as well.
    held = Q(**{own: State.HELD, author: user.pk})
    for state in above:
        held &= Q(**{state: State.PUBLISHED}) | Q(**{state: State.HELD, "topic__author": user.pk})
    seen = published | held
    return seen | Q(**{f"{community}__in": moderated}) if moderated else seen


def _in_open_community(path: str, user: "Someone") -> Q:
    if user.is_authenticated and (user.is_staff or moderated_by(user)):
        return Q()
    return Q(**{f"{path}is_public": True})


class CommunityQuerySet(models.QuerySet["Community"]):
    """Communities."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the communities that ``user`` may enter: the public ones, and all for staff and moderators."""
        return self.filter(_in_open_community("", user))


class TagQuerySet(models.QuerySet["Tag"]):
    """Tags."""

    def offered(self) -> Self:
        """Return the tags that topics carry: synonyms lead to these."""
        return self.filter(synonym_of=None)

    def most_used(self, limit: int) -> Self:
        """Leave those that topics carry, most used first."""
        return self.offered().filter(topic_count__gt=0).order_by("-topic_count", "-id")[:limit]


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the topics that ``user`` may read."""
        seen = _seen(user, community="community", author="author", states=("state",))
        return self.filter(seen, _in_open_community("community__", user))

    def listed(self) -> Self:
        """Leave what a list, a count, a feed or a search shows. Spelt as the partial indexes spell it."""
        return self.filter(state=State.PUBLISHED)

    def unanswered(self) -> Self:
        """Leave open questions that nobody has answered. Spelt as the partial index spells it."""
        return self.filter(
            state=State.PUBLISHED, kind=TopicKind.QUESTION, answer_count=0, is_closed=False, duplicate_of=None
        )

    def for_list(self) -> Self:
        """Read what a row of a list shows: no text of a post."""
        return self.select_related("community", "category", "author", "last_poster").prefetch_related("tags")


class TopicTagQuerySet(models.QuerySet["TopicTag"]):
    """Topics by tag."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the rows whose topic ``user`` may read."""
        seen = _seen(user, community="topic__community", author="topic__author", states=("topic__state",))
        return self.filter(seen, _in_open_community("topic__community__", user))

    def listed(self) -> Self:
        """Leave what a list or a feed shows."""
        return self.filter(topic__state=State.PUBLISHED)


class PostQuerySet(models.QuerySet["Post"]):
    """Posts."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the posts that ``user`` may read: each with its topic and the post it comments on."""
        alone = _seen(user, community="topic__community", author="author", states=("state", "topic__state"))
        under = _seen(
            user, community="topic__community", author="author", states=("state", "parent__state", "topic__state")
        )
        return self.filter(
            (Q(parent=None) & alone) | (Q(parent__isnull=False) & under),
            _in_open_community("topic__community__", user),
        )

    def seen_in(self, topic: "Topic", user: "Someone") -> Self:
        """Return the posts that ``user`` may read of a topic they may read; of comments, those under such posts.

        The same as ``visible_to`` when topic and parents came from there, and a third of its query.
        """
        moderated = moderated_by(user)
        seen = Q()
        if moderated != EVERY and topic.community_id not in moderated:
            seen = Q(state=State.PUBLISHED)
            if user.is_authenticated:
                seen |= Q(state=State.HELD, author=user.pk)
        return self.filter(seen, topic=topic)

    def published(self) -> Self:
        """Leave what everybody may read: for counts, feeds, search and the pages about people."""
        return self.filter(Q(parent=None) | Q(parent__state=State.PUBLISHED), state=State.PUBLISHED).filter(
            topic__state=State.PUBLISHED
        )

    def replies(self) -> Self:
        """Leave replies. Spelt as the partial indexes spell it."""
        return self.filter(kind=PostKind.REPLY)

    def of_comments(self) -> Self:
        """Leave comments."""
        return self.filter(kind=PostKind.COMMENT)

    def for_page(self) -> Self:
        """Read what a topic's page shows of a post."""
        return self.select_related("author").defer("search", "body")

    def with_reputation(self) -> Self:
        """Read the reputation of the authors along."""
        return self.select_related("author__forum_member")


class ReviewQuerySet(models.QuerySet["Review"]):
    """The review queue."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the reviews of communities that ``user`` moderates."""
        moderated = moderated_by(user)
        return self if moderated == EVERY else self.filter(community__in=moderated)

    def waiting(self) -> Self:
        """Leave what nobody has decided. Spelt as the partial index spells it."""
        return self.filter(closed_at=None)


class ModerationEventQuerySet(models.QuerySet["ModerationEvent"]):
    """The audit trail."""

    def visible_to(self, user: "Someone") -> Self:
        """Return what happened in communities that ``user`` moderates; acts on people belong to who moderates all."""
        moderated = moderated_by(user)
        return self if moderated == EVERY else self.filter(community__in=moderated)


def member_of(user: "Someone") -> Any:
    """Return the person's ``Member`` row, unsaved where there is none yet: one query a request at the most."""
    from forums.models import Member

    if not user.is_authenticated:
        return None
    known: Member | None = user.__dict__.get("_forum_member")
    if known is None:
        known = Member.objects.filter(user=user.pk).first() or Member(user=user, read_before=timezone.now())
        user.__dict__["_forum_member"] = known
    return known
