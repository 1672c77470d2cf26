"""What a person does with what they were sent: read it, choose what comes by mail."""

from collections.abc import Collection

from django.urls import NoReverseMatch
from django.utils import timezone

from accounts.models import User
from notifications import categories, kinds, unsubscribing
from notifications.models import Delivery, OptOut
from notifications.unsubscribing import Subscription

UNREAD_COUNTED = 1_000  # nobody reads on; counting would cost more than it tells


def unread_count(user: User) -> int:
    """Return how many notifications on the site wait for the person, counted up to ``UNREAD_COUNTED``."""
    return Delivery.objects.visible_to(user).unread()[:UNREAD_COUNTED].count()


def mark_read(*, user: User, delivery_id: int | None = None) -> int:
    """Mark one notification as read, or all of them. Returns how many were unread."""
    unread = Delivery.objects.visible_to(user).unread()
    if delivery_id is not None:
        unread = unread.filter(pk=delivery_id)
    return unread.update(read_at=timezone.now())


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
