"""The verbs of subscriptions: sign up, send the link again, confirm, change, end, undo, sweep.

Nobody learns from an answer whether an address is subscribed: whatever is true of it, a sign-up says the same, and what
there is to say goes to the mailbox. Mails that anybody can cause wait twice as long each time.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from lib import webhooks
from lib.addresses import normalise_email
from status import endpoints, letters
from status.constants import Delivery, Way
from status.errors import TooMany
from status.models import Component, Region, Subscriber

# The second link to one address waits this long, the third twice as long, and so on.
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=1)
# Links to one mailbox in an hour, whatever endpoints they are for.
LINKS_PER_MAILBOX = 5
# Unconfirmed sign-ups of an hour from one network: an office behind one address still gets in.
SIGN_UPS_PER_CLIENT = 30
LIMIT_HOURS = timedelta(hours=1)
CONFIRM_WITHIN = timedelta(days=7)
# What was ended can be taken up again for so long; then nothing of it is left.
KEEP_ENDED = timedelta(days=30)
KEEP_CLIENT = timedelta(days=1)
SWEPT_AT_ONCE = 1_000


class Outcome(enum.Enum):
    """What the page may say of a sign-up."""

    CONFIRMED = "confirmed"  # its owner is signed in, with this very address
    ASKED = "asked"  # a mail says more


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a subscriber wants: kinds, components, rhythm. Without components and regions that is everything."""

    incidents: bool = True
    maintenance: bool = True
    component_changes: bool = False
    components: Collection[Component] = ()
    regions: Collection[Region] = ()
    delivery: str = Delivery.AT_ONCE


@dataclass(frozen=True, slots=True)
class SignUp:
    """A sign-up. ``owner_email`` is whom an endpoint belongs to; ``client`` is where it came from, hashed."""

    way: str
    address: str
    owner_email: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    language: str = ""
    time_zone: str = ""
    client: str = ""

    @property
    def key(self) -> dict[str, str]:
        """Return by what its one row is found."""
        if self.way == Way.MAIL:
            mailbox = normalise_email(self.address)
            return {"way": self.way, "address": mailbox, "owner_email": mailbox}
        return {"way": self.way, "address": self.address, "owner_email": normalise_email(self.owner_email)}


def sign_up(*, new: SignUp, user: User | None = None) -> Outcome:
    """Sign up, or find the sign-up there is. ``user`` is who is signed in, and sent this from a page of ours.

    Two at once make one row and one mail. Raises ``StatusError`` for an endpoint in a private network, ``TooMany``.
    """
    if new.way != Way.MAIL:
        endpoints.check(new.address)
    with transaction.atomic():
        owned = user is not None and owns(user, new.key["owner_email"])
        if not owned:
            _check_client(new.client)
        subscriber = _find_or_make(new)
        if owned:
            _take_wishes(subscriber, new)
            _confirm(subscriber, user)
            return Outcome.CONFIRMED
        if subscriber.confirmed_at is None or subscriber.ended_at is not None:
            _begin_again(subscriber)
            _take_wishes(subscriber, new)
        _send_link(subscriber)
    return Outcome.ASKED


@transaction.atomic
def send_again(*, key: dict[str, str]) -> None:
    """Send the link of a sign-up again, if its time has come; says nothing of whether there is one."""
    subscriber = Subscriber.objects.select_for_update().filter(**key).first()
    if subscriber is not None:
        _send_link(subscriber)


@transaction.atomic
def confirm(*, confirmation: str, time_zone: str = "") -> Subscriber:
    """Confirm from the mailbox, where ``time_zone`` is the browser's. Doing it twice is doing it once.

    Raises ``Subscriber.DoesNotExist`` when it is too late.
    """
    in_time = awaiting() | ~Q(confirmed_at=None)
    subscriber = Subscriber.objects.select_for_update().get(in_time, confirmation=confirmation)
    if subscriber.confirmed_at is None:
        subscriber.time_zone = time_zone or subscriber.time_zone
        _confirm(subscriber, _user_of(subscriber.owner_email))
    return subscriber


def awaiting() -> Q:
    """Return the condition under which a sign-up can still be confirmed."""
    return Q(confirmed_at=None, confirmation_sent_at__gt=timezone.now() - CONFIRM_WITHIN)


@transaction.atomic
def change(*, subscriber_id: int, wishes: Wishes, language: str, time_zone: str) -> Subscriber:
    """Write a subscriber's wishes anew."""
    subscriber = _lock(subscriber_id)
    subscriber.language, subscriber.time_zone = language, time_zone
    _write_wishes(subscriber, wishes)
    subscriber.save()
    return subscriber


@transaction.atomic
def end(*, subscriber_id: int) -> Subscriber:
    """Unsubscribe. What waits to be sent is not sent. Ending twice is ending once."""
    subscriber = _lock(subscriber_id)
    if subscriber.ended_at is None:
        subscriber.ended_at = timezone.now()
        subscriber.save(update_fields=["ended_at"])
    return subscriber


@transaction.atomic
def take_up_again(*, subscriber_id: int) -> Subscriber:
    """Undo ``end``, and switch on what was given up."""
    subscriber = _lock(subscriber_id)
    subscriber.ended_at = subscriber.given_up_at = None
    subscriber.save(update_fields=["ended_at", "given_up_at"])
    return subscriber


def sweep() -> int:
    """Forget sign-ups that nobody confirmed, and what was ended long ago. Returns how many."""
    now = timezone.now()
    due = Q(confirmed_at=None, confirmation_sent_at__lt=now - CONFIRM_WITHIN) | Q(ended_at__lt=now - KEEP_ENDED)
    swept = 0
    while batch := _sweep(due):
        swept += batch
    Subscriber.objects.exclude(client="").filter(confirmation_sent_at__lt=now - KEEP_CLIENT).update(client="")
    return swept


@transaction.atomic
def _sweep(due: Q) -> int:
    # Locked, so that nobody confirms or takes up in between; what somebody holds is not due for long.
    rows = Subscriber.objects.filter(due).select_for_update(skip_locked=True).order_by()
    ids = list(rows.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    Subscriber.objects.filter(pk__in=ids).delete()
    return len(ids)


def forget(user: User, addresses: frozenset[str]) -> None:
    """Forget the subscriptions of a person who is erased; the hook of ``accounts.erasure``."""
    Subscriber.objects.filter(Q(user=user) | Q(owner_email__in=addresses)).delete()


def owns(user: User, email: str) -> bool:
    """Say whether ``email`` is a proven address of ``user``."""
    proven: bool = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
    return proven


def _user_of(email: str) -> User | None:
    found = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True).select_related("user")
    address = found.first()
    return address.user if address else None


def _lock(subscriber_id: int) -> Subscriber:
    return Subscriber.objects.select_for_update().get(pk=subscriber_id)


def _find_or_make(new: SignUp) -> Subscriber:
    """Return the one row of an address, locked. Whoever comes second waits for the first."""
    while True:
        made = Subscriber(**new.key, client=new.client, confirmation_sent_at=timezone.now())
        Subscriber.objects.bulk_create([made], ignore_conflicts=True)
        found = Subscriber.objects.select_for_update().filter(**new.key).first()
        # Nothing, when an old one was swept just now.
        if found is not None:
            return found


def _begin_again(subscriber: Subscriber) -> None:
    """Make an ended subscription one that waits to be confirmed; its links in old mails go on to work."""
    if subscriber.ended_at is not None:
        subscriber.confirmed_at = subscriber.ended_at = subscriber.given_up_at = None
        subscriber.confirmations_sent = 0


def _take_wishes(subscriber: Subscriber, new: SignUp) -> None:
    subscriber.language, subscriber.time_zone = new.language, new.time_zone or settings.STATUS_TIME_ZONE
    if subscriber.confirmed_at is None:
        subscriber.client = new.client
    if subscriber.way == Way.WEBHOOK and not subscriber.secret:
        subscriber.secret = webhooks.new_secret()
    _write_wishes(subscriber, new.wishes)
    subscriber.save()


def _write_wishes(subscriber: Subscriber, wishes: Wishes) -> None:
    subscriber.wants_incidents = wishes.incidents
    subscriber.wants_maintenance = wishes.maintenance
    subscriber.wants_components = wishes.component_changes
    subscriber.wants_everything = not wishes.components and not wishes.regions
    # Programs are told at once: nobody gathers for them.
    subscriber.delivery = wishes.delivery if subscriber.way == Way.MAIL else Delivery.AT_ONCE
    subscriber.components.set(wishes.components)
    subscriber.regions.set(wishes.regions)


def _confirm(subscriber: Subscriber, user: User | None) -> None:
    subscriber.confirmed_at = subscriber.confirmed_at or timezone.now()
    subscriber.ended_at = subscriber.given_up_at = None
    subscriber.client, subscriber.confirmations_sent = "", 0
    subscriber.user = user
    subscriber.save()


def _send_link(subscriber: Subscriber) -> None:
    """Mail the owner of a locked row what there is to do, unless they were mailed just now."""
    now = timezone.now()
    if subscriber.confirmations_sent and subscriber.confirmation_sent_at:
        wait = min(FIRST_WAIT * 2 ** min(subscriber.confirmations_sent - 1, 20), LONGEST_WAIT)
        if now < subscriber.confirmation_sent_at + wait:
            return
    of_mailbox = Subscriber.objects.filter(owner_email=subscriber.owner_email, confirmations_sent__gt=0)
    if of_mailbox.filter(confirmation_sent_at__gt=now - LIMIT_HOURS)[:LINKS_PER_MAILBOX].count() >= LINKS_PER_MAILBOX:
        return
    subscriber.confirmation_sent_at = now
    subscriber.confirmations_sent += 1
    subscriber.save(update_fields=["confirmation_sent_at", "confirmations_sent"])
    if subscriber.confirmed_at is None:
        letters.confirm(subscriber)
    else:
        letters.already(subscriber)


def _check_client(client: str) -> None:
    """Count in the database: this limit holds without Redis."""
    if not client:
        return
    since = timezone.now() - LIMIT_HOURS
    recent = Subscriber.objects.filter(client=client, confirmation_sent_at__gt=since)
    if recent[:SIGN_UPS_PER_CLIENT].count() >= SIGN_UPS_PER_CLIENT:
        raise TooMany(_("Too many sign-ups come from your network. Please try again in an hour."))
