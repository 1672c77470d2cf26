"""How much a person may write, and how soon: rate limits by trust, and what a new member may not do yet.

What was written is counted in the database by the author's index, under the lock of their row: no counter can be lost,
and two posts sent at once do not both find room. One query, bounded by the largest limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from forums import policies
from forums.constants import PostKind, Trust
from forums.errors import LimitError
from forums.models import Flag, Member, Post
from forums.rendering import IMAGE_SOURCE
from lib import markdown

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` within ``span``."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one degree of trust may write: topics, and replies and comments together."""

    topics: Sequence[Rate]
    answers: Sequence[Rate]
    flags: Sequence[Rate]


# A minute's limit stops a script or a stuck key, an hour's a quarrel, a day's a campaign. Each is several times what
# the busiest people of public forums write; a new member's first day is three topics and ten replies, as on Discourse.
ALLOWANCES: Mapping[Trust, Allowance] = {
    Trust.NEW: Allowance(
        topics=(Rate(2, MINUTE), Rate(3, DAY)),
        answers=(Rate(4, MINUTE), Rate(10, DAY)),
        # A flag costs a moderator's time; three of one person's a day are read, more would be a tool against others.
        flags=(Rate(3, DAY),),
    ),
    Trust.MEMBER: Allowance(
        topics=(Rate(2, MINUTE), Rate(6, HOUR), Rate(20, DAY)),
        answers=(Rate(6, MINUTE), Rate(40, HOUR), Rate(100, DAY)),
        flags=(Rate(5, MINUTE), Rate(20, DAY)),
    ),
    Trust.TRUSTED: Allowance(
        topics=(Rate(4, MINUTE), Rate(15, HOUR), Rate(40, DAY)),
        answers=(Rate(10, MINUTE), Rate(80, HOUR), Rate(200, DAY)),
        # They know what belongs here: who tidies up a wave of spam is not to be stopped.
        flags=(Rate(10, MINUTE), Rate(100, DAY)),
    ),
    # Moderators move, merge and answer in bulk.
    Trust.MODERATOR: Allowance(topics=(), answers=(), flags=()),
}

# What one post of a new member may hold. Links and pictures are what spam is written for, mentions how it is pushed.
NEW_LINKS, NEW_IMAGES, NEW_MENTIONS = 2, 1, 2


def require_room(*, user: User, member: Member, kind: PostKind, body: str) -> None:
    """Raise ``LimitError`` when ``user`` has written too much lately, or puts more into a post than a new member may.

    ``member`` is their locked row: two posts at once do not both see room.
    """
    trust = policies.trust(user)
    _require_pace(member, kind, ALLOWANCES[trust], is_new=trust == Trust.NEW)
    require_contents(user=user, body=body)


def require_contents(*, user: User, body: str, before: str = "") -> None:
    """Raise ``LimitError`` when a new member's post holds more links, pictures or names than it may.

    An edit may keep what the post held ``before``, and adds nothing beyond the limits.
    """
    if policies.trust(user) != Trust.NEW:
        return
    now, then = _contents(body), _contents(before)
    found = next((name for name, limit in _LIMITS.items() if now[name] > max(limit, then[name])), None)
    if found is not None:
        raise LimitError(_explain(found, now[found]))


def require_flags(*, user: User) -> None:
    """Raise ``LimitError`` when ``user``, whose row is locked, has called moderators too often lately."""
    allowance = ALLOWANCES[policies.trust(user)].flags
    most = max((rate.count for rate in allowance), default=0)
    moments = Flag.objects.filter(user=user).order_by("-id").values_list("created_at", flat=True)[:most]
    _require(allowance, list(moments), _too_many_flags)


def _require_pace(member: Member, kind: PostKind, allowance: Allowance, *, is_new: bool) -> None:
    rates = allowance.topics if kind == PostKind.OPENING else allowance.answers
    if not rates:
        return
    most = sum(max(rate.count for rate in kinds) for kinds in (allowance.topics, allowance.answers))
    is_topic = kind == PostKind.OPENING
    # The index is by id alone: so many rows at the most, however much somebody has written in years.
    newest = Post.objects.filter(author=member.user_id).order_by("-id").values_list("kind", "created_at")[:most]
    moments = [moment for one, moment in newest if (one == PostKind.OPENING) == is_topic]
    words = _too_many_topics if is_topic else _too_many_answers
    _require(rates, moments, lambda rate: words(rate, is_new=is_new))


def _require(rates: Iterable[Rate], moments: Sequence[datetime], words: Any) -> None:
    """Raise ``LimitError`` when one of ``rates`` is used up by ``moments``, the latest first."""
    now = timezone.now()
    waits = [
        (moments[rate.count - 1] + rate.span - now, rate)
        for rate in rates
        if len(moments) >= rate.count and moments[rate.count - 1] + rate.span > now
    ]
    if waits:
        wait, rate = max(waits, key=lambda pair: pair[0])
        raise LimitError(f"{words(rate)} {_please_wait(wait)}")


def _too_many_topics(rate: Rate, *, is_new: bool) -> str:
    if is_new and rate.span == DAY:
        return _("On your first day you can start %(count)s topics.") % {"count": rate.count}
    return _("That is fast: %(count)s topics within %(span)s are the limit.") % {
        "count": rate.count,
        "span": _span(rate.span),
    }


def _too_many_answers(rate: Rate, *, is_new: bool) -> str:
    if is_new and rate.span == DAY:
        return _("On your first day you can write %(count)s replies and comments.") % {"count": rate.count}
    return _("That is fast: %(count)s replies and comments within %(span)s are the limit.") % {
        "count": rate.count,
        "span": _span(rate.span),
    }


def _too_many_flags(rate: Rate) -> str:
    return _("You have flagged %(count)s posts within %(span)s, and moderators are looking.") % {
        "count": rate.count,
        "span": _span(rate.span),
    }


def _span(span: timedelta) -> str:
    return {MINUTE: _("a minute"), HOUR: _("an hour"), DAY: _("a day")}[span]


def _please_wait(wait: timedelta) -> str:
    seconds = max(1, int(wait.total_seconds()) + 1)
    if seconds <= 90:
        tens = -(-seconds // 10) * 10
        return ngettext(
            "Please wait about %(n)d second.", "Please wait about %(n)d seconds.", tens
        ) % {"n": tens}  # fmt: skip
    if seconds <= 90 * 60:
        minutes = -(-seconds // 60)
        return ngettext(
            "Please wait about %(n)d minute.", "Please wait about %(n)d minutes.", minutes
        ) % {"n": minutes}  # fmt: skip
    hours = -(-seconds // 3600)
    return ngettext("Please wait about %(n)d hour.", "Please wait about %(n)d hours.", hours) % {"n": hours}


_LIMITS: Mapping[str, int] = {"links": NEW_LINKS, "images": NEW_IMAGES, "mentions": NEW_MENTIONS}


def _contents(body: str) -> Mapping[str, int]:
    if not body:
        return dict.fromkeys(_LIMITS, 0)
    return {
        "links": markdown.link_count(body),
        "images": len(markdown.image_tokens(body, IMAGE_SOURCE)),
        "mentions": len(markdown.mentioned_handles(body)),
    }


def _explain(found: str, count: int) -> str:
    limit = _LIMITS[found]
    if found == "links":
        text = ngettext(
            "On your first day a post can hold %(limit)s link to other sites; this one has %(count)s.",
            "On your first day a post can hold %(limit)s links to other sites; this one has %(count)s.",
            limit,
        )
    elif found == "images":
        text = ngettext(
            "On your first day a post can hold %(limit)s picture; this one has %(count)s.",
            "On your first day a post can hold %(limit)s pictures; this one has %(count)s.",
            limit,
        )
    else:
        text = ngettext(
            "On your first day a post can name %(limit)s person; this one names %(count)s.",
            "On your first day a post can name %(limit)s people; this one names %(count)s.",
            limit,
        )
    return text % {"limit": limit, "count": count}
