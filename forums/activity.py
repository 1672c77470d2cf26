"""A community week by week: what was asked, answered and solved, and how soon. Counted each hour, once for all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, TruncWeek
from django.utils import timezone

from forums.constants import PostKind, State, TopicKind
from forums.models import ActivityWeek, Community, Post, Topic
from lib.percentiles import Percentile

WEEKS = 26  # the present one included
_IS_ANSWERED = Q(first__isnull=False)  # GREATEST overlooks a missing one


def write() -> int:
    """Count the last weeks of every community anew. Returns how many rows they have."""
    return sum(_write(pk) for pk in Community.objects.order_by("pk").values_list("pk", flat=True))


def weeks(community: Community) -> Sequence[ActivityWeek]:
    """Return what was counted, oldest week first; nothing until the first count."""
    return list(ActivityWeek.objects.filter(community=community).order_by("monday"))


@transaction.atomic
def _write(community_id: int) -> int:
    # One writer at a time; posts, which only refer to the community, do not wait.
    if not Community.objects.select_for_update(no_key=True).filter(pk=community_id).exists():
        return 0
    today = timezone.now().astimezone(UTC).date()
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    since = datetime(mondays[0].year, mondays[0].month, mondays[0].day, tzinfo=UTC)
    asked = {row["week"].date(): row for row in _asked(community_id, since)}
    replied = {row["week"].date(): row["answers"] for row in _replied(community_id, since)}
    ActivityWeek.objects.filter(community=community_id).delete()
    rows = [_row(community_id, monday, asked.get(monday), replied.get(monday, 0)) for monday in mondays]
    return len(ActivityWeek.objects.bulk_create(rows))


def _row(community_id: int, monday: date, asked: Mapping[str, Any] | None, answers: int) -> ActivityWeek:
    found = asked or {"questions": 0, "solved": 0, "answered": 0, "waited": None}
    return ActivityWeek(
        community_id=community_id,
        monday=monday,
        questions=found["questions"],
        solved=found["solved"],
        answered=found["answered"],
        waited=found["waited"],
        answers=answers,
    )


def _asked(community_id: int, since: datetime) -> Iterable[Mapping[str, Any]]:
    questions = Topic.objects.listed().filter(
        community=community_id, kind=TopicKind.QUESTION, merged_into=None, created_at__gte=since
    )
    # What somebody adds to their own question is no answer.
    replies = Post.objects.filter(topic=OuterRef("pk"), kind=PostKind.REPLY, state=State.PUBLISHED)
    first = Subquery(replies.exclude(author=OuterRef("author")).order_by("number").values("created_at")[:1])
    return (
        questions.order_by()
        .annotate(week=TruncWeek("created_at", tzinfo=UTC), first=first)
        .values("week")
        .annotate(
            questions=Count("pk"),
            solved=Count("accepted_post"),
            answered=Count("first"),
            # A reply that came with an older topic may be older than the question.
            waited=Percentile(0.5, Greatest(F("first"), F("created_at")) - F("created_at"), filter=_IS_ANSWERED),
        )
    )


def _replied(community_id: int, since: datetime) -> Iterable[Mapping[str, Any]]:
    answers = Post.objects.filter(
        kind=PostKind.REPLY,
        state=State.PUBLISHED,
        created_at__gte=since,
        topic__community=community_id,
        topic__state=State.PUBLISHED,
        topic__kind=TopicKind.QUESTION,
    )
    rows = answers.order_by().annotate(week=TruncWeek("created_at", tzinfo=UTC)).values("week")
    return rows.annotate(answers=Count("pk"))
