"""The verbs of subscriptions: who is signed up, confirmed, ended and forgotten, and what each is mailed."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone

from accounts import erasure
from accounts.models import User
from notifications import sending
from notifications.models import Delivery, Message
from status import emails, subscribing
from status.constants import Act, Way
from status.constants import Delivery as Rhythm
from status.errors import TooMany
from status.models import Subscriber
from status.subscribing import Outcome, SignUp, Wishes
from tests.factories.accounts import UserFactory
from tests.factories.status import (
    ComponentFactory,
    EndpointFactory,
    IncidentFactory,
    RegionFactory,
    SubscriberFactory,
    UpdateFactory,
)

pytestmark = pytest.mark.django_db

Outbox = list[EmailMultiAlternatives]
HOOK = "https://93.184.216.34/hook"


def sign_up(address: str = "ann@readers.example", *, user: User | None = None, **fields: Any) -> Outcome:
    return subscribing.sign_up(new=SignUp(way=fields.pop("way", Way.MAIL), address=address, **fields), user=user)


def links() -> list[str]:
    """Return the kinds of mails about subscriptions, oldest first."""
    return list(Message.objects.order_by("id").values_list("kind", flat=True))


def later(minutes: float) -> None:
    """Let time pass for every subscriber."""
    for subscriber in Subscriber.objects.exclude(confirmation_sent_at=None):
        assert subscriber.confirmation_sent_at is not None
        subscriber.confirmation_sent_at -= timedelta(minutes=minutes)
        subscriber.save()


# --- Signing up ---------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_mailbox_confirms(mailoutbox: Outbox) -> None:
    assert sign_up() is Outcome.ASKED
    emails.tell_update(UpdateFactory(), act=Act.OPENED)
    sending.run()
    [mail] = mailoutbox
    [subscriber] = Subscriber.objects.all()
    assert mail.subject == "Confirm your subscription to the system status of Harbor"
    assert f"/status/subscriptions/confirm/{subscriber.confirmation}/" in mail.body
    assert subscriber.token not in str(mail.message())
    subscribing.confirm(confirmation=subscriber.confirmation)
    emails.tell_update(UpdateFactory(), act=Act.OPENED)
    sending.run()
    assert len(mailoutbox) == 2


def test_the_link_is_not_kept_in_the_ledger(mailoutbox: Outbox) -> None:
    sign_up()
    sending.run()
    [delivery] = Delivery.objects.select_related("message")
    assert (delivery.text, delivery.html, delivery.message.context) == ("", "", {})


def test_one_mailbox_is_one_subscriber_however_it_is_spelt() -> None:
    sign_up("Ann@Readers.example")
    sign_up(" ann@readers.example ")
    assert Subscriber.objects.get().address == "ann@readers.example"


def test_wishes_are_kept() -> None:
    component, region = ComponentFactory(), RegionFactory()
    wishes = Wishes(
        incidents=False, component_changes=True, components=[component], regions=[region], delivery=Rhythm.DAILY
    )
    sign_up(wishes=wishes, language="en", time_zone="Asia/Tokyo")
    subscriber = Subscriber.objects.get()
    assert (subscriber.wants_incidents, subscriber.wants_maintenance, subscriber.wants_components) == (
        False,
        True,
        True,
    )
    assert not subscriber.wants_everything
    assert list(subscriber.components.all()) == [component]
    assert list(subscriber.regions.all()) == [region]
    assert (subscriber.delivery, subscriber.language, subscriber.time_zone) == (Rhythm.DAILY, "en", "Asia/Tokyo")


def test_the_newest_wishes_of_an_unconfirmed_sign_up_count() -> None:
    sign_up(wishes=Wishes(delivery=Rhythm.DAILY))
    sign_up(wishes=Wishes(delivery=Rhythm.HOURLY))
    assert Subscriber.objects.get().delivery == Rhythm.HOURLY


def test_nobody_changes_a_confirmed_subscription_by_typing_its_address() -> None:
    sign_up()
    subscriber = subscribing.confirm(confirmation=Subscriber.objects.get().confirmation)
    later(60 * 48)
    assert sign_up(wishes=Wishes(delivery=Rhythm.DAILY), language="xx") is Outcome.ASKED
    subscriber.refresh_from_db()
    assert (subscriber.delivery, subscriber.language) == (Rhythm.AT_ONCE, "")
    assert links() == ["status.confirm", "status.already"]


def test_who_is_subscribed_already_is_told_so_and_where_to_change_it(mailoutbox: Outbox) -> None:
    subscriber = SubscriberFactory(address="ann@readers.example")
    sign_up()
    sending.run()
    [mail] = mailoutbox
    assert mail.subject == "You are subscribed to the system status of Harbor already"
    assert f"/status/subscriptions/{subscriber.token}/" in mail.body


def test_an_ended_subscription_asks_the_mailbox_again() -> None:
    subscriber = SubscriberFactory(address="ann@readers.example", ended_at=timezone.now())
    sign_up()
    subscriber.refresh_from_db()
    assert (subscriber.confirmed_at, subscriber.ended_at) == (None, None)
    assert links() == ["status.confirm"]


def test_two_at_once_make_one_row_and_one_mail(transactional_db: None) -> None:
    barrier = threading.Barrier(6)
    outcomes: list[Outcome] = []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(sign_up(client="c"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome.ASKED] * 6
    assert Subscriber.objects.count() == 1
    assert Delivery.objects.count() == 1


# --- Limits -------------------------------------------------------------------------------------------------------


def test_each_link_waits_twice_as_long_as_the_one_before() -> None:
    sign_up()
    sent = []
    for minutes in (1, 1.1, 2, 2.1, 4, 4.1):
        later(minutes)
        subscribing.send_again(key=SignUp(way=Way.MAIL, address="ann@readers.example").key)
        sent.append(len(links()))
    assert sent == [1, 2, 2, 3, 3, 4]


def test_sending_again_says_nothing_of_who_is_known() -> None:
    subscribing.send_again(key=SignUp(way=Way.MAIL, address="nobody@readers.example").key)
    assert not Message.objects.exists()
    assert not Subscriber.objects.exists()


def test_one_mailbox_gets_few_links_whatever_they_are_for() -> None:
    for number in range(8):
        sign_up(f"{HOOK}/{number}", way=Way.WEBHOOK, owner_email="ann@readers.example")
    assert len(links()) == subscribing.LINKS_PER_MAILBOX


def test_one_network_is_stopped_in_the_database() -> None:
    for number in range(subscribing.SIGN_UPS_PER_CLIENT):
        SubscriberFactory(address=f"s{number}@readers.example", confirmed_at=None, client="here")
    with pytest.raises(TooMany):
        sign_up(client="here")
    assert sign_up(client="elsewhere") is Outcome.ASKED
    later(61)
    assert sign_up("late@readers.example", client="here") is Outcome.ASKED


def test_confirming_forgets_where_a_sign_up_came_from() -> None:
    sign_up(client="here")
    assert subscribing.confirm(confirmation=Subscriber.objects.get().confirmation).client == ""


# --- Endpoints ----------------------------------------------------------------------------------------------------


def test_an_endpoint_is_confirmed_from_its_owners_mailbox(mailoutbox: Outbox) -> None:
    sign_up(HOOK, way=Way.WEBHOOK, owner_email="ann@readers.example", wishes=Wishes(delivery=Rhythm.DAILY))
    sending.run()
    [mail] = mailoutbox
    assert mail.to == ["ann@readers.example"]
    assert HOOK in mail.body
    subscriber = Subscriber.objects.get()
    assert subscriber.secret.startswith("whsec_")
    assert subscriber.delivery == Rhythm.AT_ONCE


def test_a_chat_rooms_address_is_in_no_mail(mailoutbox: Outbox) -> None:
    sign_up("https://93.184.216.34/services/T0/B0/secret", way=Way.CHAT, owner_email="ann@readers.example")
    sending.run()
    assert "secret" not in str(mailoutbox[0].message())


def test_who_names_an_endpoint_first_keeps_nobody_from_it() -> None:
    EndpointFactory(address=HOOK, owner_email="squatter@readers.example")
    assert sign_up(HOOK, way=Way.WEBHOOK, owner_email="ann@readers.example") is Outcome.ASKED
    assert Subscriber.objects.filter(address=HOOK).count() == 2
    assert links() == ["status.confirm"]


# --- People who sign in -------------------------------------------------------------------------------------------


def test_who_is_signed_in_with_this_address_is_confirmed_at_once(member: User) -> None:
    assert sign_up(member.email, user=member, client="here") is Outcome.CONFIRMED
    subscriber = Subscriber.objects.get()
    assert (subscriber.user, subscriber.client) == (member, "")
    assert subscriber.is_active
    assert links() == []


def test_who_is_signed_in_with_another_address_is_asked(member: User) -> None:
    assert sign_up("ann@readers.example", user=member) is Outcome.ASKED
    assert Subscriber.objects.get().user is None


def test_an_address_that_is_not_proven_is_asked() -> None:
    user = UserFactory(verified=False)
    assert sign_up(user.email, user=user) is Outcome.ASKED


def test_a_mailbox_that_belongs_to_somebody_is_linked_when_it_confirms(member: User) -> None:
    sign_up(member.email)
    assert subscribing.confirm(confirmation=Subscriber.objects.get().confirmation).user == member


def test_an_erased_person_leaves_no_subscription(member: User, administrator: User) -> None:
    SubscriberFactory(user=member, address=member.email)
    EndpointFactory(owner_email=member.email)
    other = SubscriberFactory()
    erasure.erase(user=member, actor=administrator)
    assert list(Subscriber.objects.all()) == [other]


# --- Confirming, ending, forgetting -------------------------------------------------------------------------------


def test_confirming_twice_is_confirming_once() -> None:
    sign_up()
    confirmation = Subscriber.objects.get().confirmation
    first = subscribing.confirm(confirmation=confirmation).confirmed_at
    assert subscribing.confirm(confirmation=confirmation).confirmed_at == first


def test_a_link_works_for_seven_days() -> None:
    sign_up()
    later(7 * 24 * 60 + 1)
    with pytest.raises(Subscriber.DoesNotExist):
        subscribing.confirm(confirmation=Subscriber.objects.get().confirmation)


def test_what_is_ended_can_be_taken_up_again() -> None:
    subscriber = SubscriberFactory(wants_components=True)
    ended = subscribing.end(subscriber_id=subscriber.pk)
    assert not ended.is_active
    assert subscribing.end(subscriber_id=subscriber.pk).ended_at == ended.ended_at
    again = subscribing.take_up_again(subscriber_id=subscriber.pk)
    assert again.is_active
    assert again.wants_components


def test_an_old_confirmation_does_not_undo_an_end() -> None:
    subscriber = SubscriberFactory()
    subscribing.end(subscriber_id=subscriber.pk)
    assert not subscribing.confirm(confirmation=subscriber.confirmation).is_active


@pytest.mark.parametrize(
    ("make", "stays"),
    [
        (lambda ago: {"confirmed_at": None, "confirmation_sent_at": ago(days=6)}, True),
        (lambda ago: {"confirmed_at": None, "confirmation_sent_at": ago(days=8)}, False),
        (lambda ago: {"confirmation_sent_at": ago(days=800)}, True),
        (lambda ago: {"ended_at": ago(days=29)}, True),
        (lambda ago: {"ended_at": ago(days=31)}, False),
        (lambda ago: {"given_up_at": ago(days=400)}, True),
    ],
    ids=["young sign-up", "old sign-up", "confirmed", "just ended", "long ended", "switched off"],
)
def test_the_sweep_forgets_what_nobody_needs(make: Callable[..., dict[str, Any]], *, stays: bool) -> None:
    SubscriberFactory(**make(lambda **span: timezone.now() - timedelta(**span)))
    assert subscribing.sweep() == (0 if stays else 1)
    assert Subscriber.objects.exists() is stays


def test_the_sweep_leaves_what_somebody_confirms_just_now(transactional_db: None) -> None:
    subscriber = SubscriberFactory(confirmed_at=None, confirmation_sent_at=timezone.now() - timedelta(days=8))
    swept: list[int] = []

    def run() -> None:
        try:
            swept.append(subscribing.sweep())
        finally:
            connection.close()

    with transaction.atomic():
        held = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        held.confirmed_at = timezone.now()
        held.save()
    subscribing.sweep()
    assert swept == [0]
    assert Subscriber.objects.filter(pk=subscriber.pk).exists()


def test_the_sweep_forgets_where_sign_ups_came_from_after_a_day() -> None:
    sign_up(client="here")
    subscribing.sweep()
    assert Subscriber.objects.get().client == "here"
    later(25 * 60)
    subscribing.sweep()
    assert Subscriber.objects.get().client == ""


def test_changing_is_for_the_subscriber_alone() -> None:
    subscriber, other = SubscriberFactory(), SubscriberFactory()
    component = ComponentFactory()
    subscribing.change(
        subscriber_id=subscriber.pk,
        wishes=Wishes(maintenance=False, components=[component], delivery=Rhythm.HOURLY),
        language="en",
        time_zone="Europe/Berlin",
    )
    subscriber.refresh_from_db()
    assert (subscriber.wants_maintenance, subscriber.delivery, subscriber.time_zone) == (
        False,
        Rhythm.HOURLY,
        "Europe/Berlin",
    )
    other.refresh_from_db()
    assert other.wants_maintenance
    emails.tell_update(UpdateFactory(incident=IncidentFactory(affecting=[ComponentFactory()])), act=Act.OPENED)
    assert [delivery.address for delivery in Delivery.objects.all()] == [other.address]
