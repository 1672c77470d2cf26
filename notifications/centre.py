"""What a person does with what they were sent: read it, choose what comes by mail."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.urls import NoReverseMatch
from django.utils import timezone

from accounts.models import User
from notifications import categories, kinds, unsubscribing
from notifications.models import Channel, Delivery, OptOut
from notifications.unsubscribing import Subscription

UNREAD_COUNTED = 1_000  # nobody reads on; counting would cost more than it tells
BELL_COUNTED = 100  # beyond it the bell says "99+"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unread_count(user: User, limit: int = UNREAD_COUNTED) -> int:
    """Return how many notifications on the site wait for the person, counted up to ``limit`` (delivery_user_unread)."""
    return Delivery.objects.visible_to(user).unread()[:limit].count()


def mark_read(*, user: User, delivery_id: int | None = None) -> int:
    """Mark one notification as read, or all of them. Returns how many were unread."""
    unread = Delivery.objects.visible_to(user).unread()
    if delivery_id is not None:
        unread = unread.filter(pk=delivery_id)
    return unread.update(read_at=timezone.now())


class ReadAll(NamedTuple):
    """How many were marked as read, and the stamp by which that is taken back."""

    number: int
    stamp: int  # microseconds since 1970


def mark_all_read(*, user: User, up_to: int | None = None) -> ReadAll:
    """Mark every notification as read at one moment; with ``up_to`` none that is newer than the delivery of this id."""
    now = timezone.now()
    unread = Delivery.objects.visible_to(user).unread()
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
    count = unread.update(read_at=now)
    return ReadAll(count, (now - _EPOCH) // timedelta(microseconds=1))


def mark_unread_again(*, user: User, stamp: int) -> int:
    """Take back the ``mark_all_read`` that returned ``stamp``. Returns how many are unread again."""
    try:
        read_at = _EPOCH + timedelta(microseconds=stamp)
    except OverflowError:
        return 0
    return Delivery.objects.visible_to(user).filter(channel=Channel.SITE, read_at=read_at).update(read_at=None)


def link(delivery: Delivery) -> str:
    """Return the path of the thing a delivery tells of; empty when it has none, or is gone."""
    kind = kinds.find(delivery.message.kind)
    if kind is None or kind.url is None:
        return ""
    try:
        return kind.url(delivery.message.context)
    except (KeyError, NoReverseMatch):
        return ""


def wanted_categories(user: User) -> set[str]:
    """Return the codes of the categories that the person is mailed."""
    refused = set(OptOut.objects.filter(user=user).values_list("category", flat=True))
    return {category.code for category in categories.offered()} - refused


def choose_categories(*, user: User, wanted: Collection[str]) -> None:
    """Mail the person these categories and no others."""
    for category in categories.offered():
        subscription = Subscription(category=category.code, user_id=user.pk, address="")
        if category.code in wanted:
            unsubscribing.opt_in(subscription)
        else:
            unsubscribing.opt_out(subscription)
