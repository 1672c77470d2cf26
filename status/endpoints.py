"""The verbs of endpoints: programs and chat rooms that are told."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lib import outbound, webhooks
from status import letters
from status.constants import Way
from status.errors import StatusError, TooMany
from status.models import Subscriber

TEST_PAUSE = timedelta(minutes=1)


def check(address: str) -> None:
    """Raise ``StatusError`` for an address that would never be posted to. Asks the name service."""
    try:
        outbound.check(address, allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS)
    except outbound.RefusedAddress as error:
        raise StatusError(str(error)) from error


@transaction.atomic
def give_up(*, token: str) -> None:
    """Send an endpoint no more, for it does not answer, and tell its owner once. Does nothing for a mailbox."""
    subscriber = Subscriber.objects.select_for_update().active().exclude(way=Way.MAIL).filter(token=token).first()
    if subscriber is not None:
        subscriber.given_up_at = timezone.now()
        subscriber.save(update_fields=["given_up_at"])
        letters.given_up(subscriber)


@transaction.atomic
def renew_secret(*, subscriber_id: int) -> Subscriber:
    """Sign a webhook's deliveries with a fresh secret from now on; the old one is gone at once."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
    if subscriber.way == Way.WEBHOOK:
        subscriber.secret = webhooks.new_secret()
        subscriber.save(update_fields=["secret"])
    return subscriber


@transaction.atomic
def test(*, subscriber_id: int) -> None:
    """Send an endpoint a delivery that says it is a test. Raises ``TooMany`` when the last was just now."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
    if not subscriber.is_active or subscriber.way == Way.MAIL:
        raise StatusError(_("Only a subscribed endpoint can be tested."))
    now = timezone.now()
    if subscriber.tested_at and now < subscriber.tested_at + TEST_PAUSE:
        raise TooMany(_("A test was sent less than a minute ago. Wait a moment, then send another."))
    subscriber.tested_at = now
    subscriber.save(update_fields=["tested_at"])
    letters.test(subscriber)
