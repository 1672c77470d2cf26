"""Who subscribes, in the administration: to look at, and to end."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from status.models import Subscriber
from tests.cast import SignedIn
from tests.factories.status import EndpointFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:status_subscriber_changelist")


def end(subscribers: list[Subscriber]) -> dict[str, object]:
    return {"action": "end", "_selected_action": [subscriber.pk for subscriber in subscribers]}


def test_an_operator_finds_a_mailbox_by_its_whole_address(operator: User, as_user: SignedIn) -> None:
    SubscriberFactory(address="ann@readers.example")
    SubscriberFactory(address="bob@readers.example")
    text = as_user(operator).get(LIST, {"q": " Ann@Readers.example"}).content.decode()
    assert "ann@readers.example" in text
    assert "bob@readers.example" not in text


def test_an_operator_ends_subscriptions(operator: User, as_user: SignedIn) -> None:
    ended = SubscriberFactory(ended_at=timezone.now())
    active, other = SubscriberFactory(), SubscriberFactory()
    response = as_user(operator).post(LIST, end([ended, active]), follow=True)
    assert "1 subscription has ended." in response.content.decode()
    active.refresh_from_db()
    other.refresh_from_db()
    assert (active.is_active, other.is_active) == (False, True)


def test_a_secret_and_links_are_not_shown(operator: User, as_user: SignedIn) -> None:
    subscriber = EndpointFactory(address="https://hooks.example/very-secret")
    address = reverse("admin:status_subscriber_change", args=[subscriber.pk])
    text = as_user(operator).get(address).content.decode()
    assert subscriber.owner_email in text
    for secret in (subscriber.secret, subscriber.token, subscriber.confirmation):
        assert secret not in text


@pytest.mark.parametrize("who", ["manager", "moderator", "engineer", "csm", "member"])
def test_others_see_and_end_nothing(who: str, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    subscriber = SubscriberFactory()
    client = as_user(request.getfixturevalue(who))
    assert client.get(LIST).status_code in {302, 403}
    assert client.post(LIST, end([subscriber])).status_code in {302, 403}
    subscriber.refresh_from_db()
    assert subscriber.is_active
