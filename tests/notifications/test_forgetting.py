import pytest

from accounts import erasure
from accounts.models import User
from notifications import sending
from notifications.ledger import To, post
from notifications.models import Channel, Delivery, Message, OptOut
from tests.factories.accounts import UserFactory
from tests.factories.notifications import DeliveryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy_kind")]


def send(*recipients: To) -> None:
    post(kind="toy.news", event="toy:1", recipients=recipients, context={"thing": "the release"})


def test_ledger_forgets_addresses_and_words_of_an_erased_person(administrator: User) -> None:
    user, other = UserFactory(), UserFactory()
    send(To(user=user), To(user=user, channel=Channel.SITE), To(user=other))
    sending.run()
    address = user.email
    OptOut.objects.create(user=user, category="news")

    erasure.erase(user=user, actor=administrator)

    mine = Delivery.objects.filter(user=user)
    assert mine.count() == 2
    assert {(row.state, row.address, row.subject, row.text, row.html) for row in mine} == {("sent", "", "", "", "")}
    assert not any(address in row.dedupe_key for row in mine)
    assert Delivery.objects.get(user=other).text
    assert not OptOut.objects.exists()


def test_what_waits_for_an_erased_person_is_not_sent(administrator: User, mailoutbox: list[object]) -> None:
    user = UserFactory()
    send(To(user=user))

    erasure.erase(user=user, actor=administrator)
    sending.run()

    assert Delivery.objects.get().state == Delivery.State.DROPPED
    assert not mailoutbox


def test_mail_to_the_bare_address_of_an_erased_person_is_forgotten(administrator: User) -> None:
    user = UserFactory()
    DeliveryFactory(user=None, address=user.email, state=Delivery.State.SENT, text="Dear Ann")

    erasure.erase(user=user, actor=administrator)

    row = Delivery.objects.get()
    assert (row.user, row.address, row.text) == (user, "", "")
    assert Message.objects.exists()
