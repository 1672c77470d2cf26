"""What a subscriber is mailed about the subscription itself, and the test that an endpoint is sent."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from lib.tokens import new_token
from notifications import ledger
from notifications.kinds import Kind, Recipient, Sample
from notifications.ledger import To
from notifications.models import Channel
from status import links, samples
from status.constants import Way
from status.models import Subscriber

_ENDPOINTS = {Way.WEBHOOK.value: Channel.WEBHOOK, Way.CHAT.value: Channel.CHAT}


def confirm(subscriber: Subscriber) -> None:
    """Mail the link that confirms a sign-up."""
    _mail("status.confirm", subscriber)


def already(subscriber: Subscriber) -> None:
    """Mail that the address is subscribed already, and where to change what it gets."""
    _mail("status.already", subscriber)


def given_up(subscriber: Subscriber) -> None:
    """Mail an endpoint's owner that it gets nothing more, and how to switch it on again."""
    _mail("status.endpoint_given_up", subscriber)


def test(subscriber: Subscriber) -> None:
    """Send an endpoint a delivery that says it is a test."""
    ledger.post(
        kind="status.test",
        event=f"status-test:{subscriber.pk}:{new_token()}",
        recipients=[To(address=subscriber.address, channel=_ENDPOINTS[subscriber.way], reference=subscriber.token)],
        context={"at": timezone.now().isoformat()},
    )


def _mail(kind: str, subscriber: Subscriber) -> None:
    to = To(
        address=subscriber.owner_email,
        language=subscriber.language,
        time_zone=subscriber.time_zone,
        reference=subscriber.token,
    )
    # Not to the person: who asked was not signed in, and the link is for the mailbox alone.
    ledger.post(
        kind=kind,
        event=f"{kind}:{subscriber.pk}:{new_token()}",
        recipients=[to],
        context={"subscriber": subscriber.pk},
    )


def manage_url(reference: str) -> str:
    """Return the address of the page where a subscriber chooses."""
    return links.absolute(f"subscriptions/{reference}/")


def unsubscribe_url(reference: str) -> str:
    """Return the address that ends a subscription by a bare POST (RFC 8058)."""
    return links.absolute(f"subscriptions/{reference}/unsubscribe/")


def _present(_recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return _shown(Subscriber.objects.get(pk=context["subscriber"]))


def _shown(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "is_endpoint": subscriber.is_endpoint,
        "endpoint": subscriber.shown_address,
        "confirm_url": links.absolute(f"subscriptions/confirm/{subscriber.confirmation}/"),
        "manage_url": manage_url(subscriber.token),
        "url": manage_url(subscriber.token),
        "status_url": links.absolute("", subscriber.language),
    }


def _samples(*ways: Way) -> tuple[Sample, ...]:
    return tuple(Sample(partial(_sample, way), code=str(way.value), has_account=False) for way in ways)


def _sample(way: Way) -> dict[str, Any]:
    return _shown(samples.subscriber(way))


def _awaits(_recipient: Recipient, context: Mapping[str, Any]) -> bool:
    return Subscriber.objects.filter(pk=context["subscriber"], confirmed_at=None).exists()


def _is_known(_recipient: Recipient, context: Mapping[str, Any]) -> bool:
    return Subscriber.objects.filter(pk=context["subscriber"], confirmed_at__isnull=False).exists()


def _is_active(recipient: Recipient, _context: Mapping[str, Any]) -> bool:
    return Subscriber.objects.active().filter(token=recipient.reference).exists()


def secret_of(recipient: Recipient) -> str:
    """Return what a webhook's deliveries are signed with; empty when it gets none any more."""
    found = Subscriber.objects.active().filter(token=recipient.reference).values_list("secret", flat=True).first()
    return found or ""


def test_payload(presented: Mapping[str, Any]) -> dict[str, Any]:
    """Return a test's body: without an incident or a component, so that no program takes it for news."""
    return {
        "meta": {
            "unsubscribe": presented["unsubscribe_url"],
            "documentation": links.absolute("subscribe/"),
            "generated_at": presented["at"],
            "test": True,
        }
    }


def test_message(presented: Mapping[str, Any]) -> dict[str, Any]:
    """Return a test for a chat room."""
    text = _("Test: the system status of %(vendor)s will be told here.") % {"vendor": presented["site_vendor"]}
    return {"text": text}


KINDS = (
    Kind(
        name="status.confirm",
        label=_l("Confirm a status subscription"),
        may_receive=_awaits,
        present=_present,
        is_secret=True,
        samples=_samples(Way.MAIL, Way.WEBHOOK),
    ),
    Kind(
        name="status.already",
        label=_l("Already subscribed to status"),
        may_receive=_is_known,
        present=_present,
        is_secret=True,
        samples=_samples(Way.MAIL, Way.WEBHOOK),
    ),
    Kind(
        name="status.endpoint_given_up",
        label=_l("Status endpoint given up"),
        may_receive=_is_known,
        present=_present,
        is_secret=True,
        samples=_samples(Way.WEBHOOK),
    ),
    Kind(
        name="status.test",
        label=_l("Status endpoint test"),
        may_receive=_is_active,
        summary=lambda _shown: _("Test delivery"),
        unsubscribe_url=lambda recipient, _context: unsubscribe_url(recipient.reference),
        endpoint_secret=secret_of,
        webhook_body=test_payload,
        chat_body=test_message,
    ),
)
