"""Opting out of a category of mail and back in: by the link in each mail, or on the preferences page."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from notifications.kinds import Kind
from notifications.models import Delivery, OptOut

_SALT = "notifications.unsubscribe"
TOKEN_MAX_LENGTH = 800


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a link in a mail is about: a person or a bare address, and a category."""

    category: str
    user_id: int | None
    address: str


def url(delivery: Delivery, kind: Kind) -> str:
    """Return the address behind List-Unsubscribe: it works signed out, for this recipient and category only."""
    subject: int | str = delivery.user_id or delivery.address
    token = signing.dumps([kind.category, subject], salt=_SALT)
    return settings.PORTAL_URL + reverse("notifications:unsubscribe", args=[token])


def read(token: str) -> Subscription | None:
    """Return what ``token`` is about, or nothing when it was not made here."""
    if len(token) > TOKEN_MAX_LENGTH:
        return None
    try:
        category, subject = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if isinstance(subject, int):
        return Subscription(category=category, user_id=subject, address="")
    return Subscription(category=category, user_id=None, address=subject)


def opt_out(subscription: Subscription) -> None:
    """Send no more of the category by mail. Doing it twice is doing it once."""
    if subscription.user_id is not None and not User.objects.filter(pk=subscription.user_id).exists():
        return
    OptOut.objects.bulk_create(
        [OptOut(category=subscription.category, user_id=subscription.user_id, address=subscription.address)],
        ignore_conflicts=True,
    )


def opt_in(subscription: Subscription) -> None:
    """Send the category by mail again."""
    of_category = OptOut.objects.filter(category=subscription.category)
    if subscription.user_id is not None:
        of_category.filter(user_id=subscription.user_id).delete()
    else:
        of_category.filter(user=None, address=subscription.address).delete()


def has_opted_out(delivery: Delivery, category: str) -> bool:
    """Say whether the recipient wants no more of ``category``; a person also by the bare address they once used."""
    if not category:
        return False
    who = Q(user=None, address=delivery.address)
    if delivery.user_id:
        who |= Q(user_id=delivery.user_id)
    return OptOut.objects.filter(who, category=category).exists()
