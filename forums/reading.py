"""Unread marks: one row for a person and a topic, only of topics with news since ``Member.read_before``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.models import Member, Topic, TopicRead
from forums.querysets import member_of

if TYPE_CHECKING:
    from forums.rows import TopicRow


def unread(user: User, topics: "Sequence[Topic | TopicRow]") -> Mapping[int, int]:
    """Return, by id, how many replies of ``topics`` are new to ``user``; -1 for a topic never opened.

    One query for a page of topics; topics that are read have no entry.
    """
    since = member_of(user).read_before
    fresh = [topic for topic in topics if topic.bumped_at > since]
    if not fresh:
        return {}
    marks = dict(
        TopicRead.objects.filter(user=user, topic__in=[topic.pk for topic in fresh]).values_list("topic_id", "number")
    )
    found = {}
    for topic in fresh:
        if topic.pk not in marks:
            if topic.author_id != user.pk or topic.answer_count:
                found[topic.pk] = -1
        elif topic.last_public_number > marks[topic.pk]:
            found[topic.pk] = topic.last_public_number - marks[topic.pk]
    return found


def mark(*, user: User, topic: Topic, number: int) -> None:
    """Note that ``user`` has read ``topic`` up to a reply's number; a mark never goes back."""
    member, _created = Member.objects.get_or_create(user=user)
    if topic.bumped_at <= member.read_before:
        return
    number = min(number, topic.last_number)
    row, created = TopicRead.objects.get_or_create(user=user, topic=topic, defaults={"number": number})
    if not created and row.number < number:
        TopicRead.objects.filter(pk=row.pk, number__lt=number).update(number=number, read_at=timezone.now())


@transaction.atomic
def mark_all(*, user: User) -> None:
    """Count everything up to now as read, and drop the marks that say so one by one."""
    member, _created = Member.objects.get_or_create(user=user)
    member.read_before = timezone.now()
    member.save(update_fields=["read_before"])
    user.__dict__.pop("_forum_member", None)
    TopicRead.objects.filter(user=user).delete()
