import json

import pytest

from lib import webhooks
from notifications import sending
from notifications.ledger import To, post
from notifications.models import Channel, Delivery
from tests.factories.notifications import registered, templates, toy, toy_templates
from tests.lib.test_outbound import Endpoint, endpoint

__all__ = ["endpoint"]

SECRET = webhooks.new_secret()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]


def deliver(url, **options):
    options.setdefault("webhook_secret", lambda address: SECRET)
    with registered(toy("toy.alert", **options)), templates(toy_templates("toy.alert")):
        message = post(
            kind="toy.alert",
            event="alert:1",
            recipients=[To(address=url, channel=Channel.WEBHOOK)],
            context={"thing": "Ümlaut"},
        )
        sending.run()
    return Delivery.objects.get(message=message)


def test_webhook_is_signed_and_tells_what_happened(endpoint: Endpoint):
    delivery = deliver(endpoint.url)
    ((_path, headers, body),) = endpoint.received
    assert delivery.state == Delivery.State.SENT
    assert webhooks.verify(SECRET, headers=headers, body=body)
    assert headers["webhook-id"] == delivery.mail_id
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["type"] == "toy.alert"
    assert told["data"]["summary"] == "News of Ümlaut"
    assert delivery.text == body.decode()


def test_kind_may_make_its_own_data(endpoint: Endpoint):
    deliver(endpoint.url, payload=lambda shown: {"about": shown["thing"]})
    assert json.loads(endpoint.received[0][2])["data"] == {"about": "Ümlaut"}


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_other_answer_is_tried_again(endpoint: Endpoint, status):
    endpoint.status = status
    delivery = deliver(endpoint.url)
    assert (delivery.state, delivery.last_error) == (Delivery.State.PENDING, f"The endpoint answered {status}.")


def test_endpoint_that_is_gone_is_not_asked_again(endpoint: Endpoint):
    endpoint.status = 410
    assert deliver(endpoint.url).state == Delivery.State.FAILED


def test_removed_endpoint_gets_nothing(endpoint: Endpoint):
    delivery = deliver(endpoint.url, webhook_secret=lambda address: "")
    assert (delivery.state, endpoint.received) == (Delivery.State.DROPPED, [])


def test_kind_without_secret_never_posts_unsigned(endpoint: Endpoint):
    delivery = deliver(endpoint.url, webhook_secret=None)
    assert (delivery.state, endpoint.received) == (Delivery.State.FAILED, [])


def test_private_address_fails_for_good(endpoint: Endpoint, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    delivery = deliver(f"https://127.0.0.1:{endpoint.port}/")
    assert (delivery.state, endpoint.received) == (Delivery.State.FAILED, [])
    assert "private network" in delivery.last_error


def test_secret_that_is_none_is_shown_and_nothing_is_posted(endpoint: Endpoint):
    delivery = deliver(endpoint.url, webhook_secret=lambda address: "hunter2")
    assert (delivery.state, endpoint.received) == (Delivery.State.PENDING, [])
    assert "hunter2" not in delivery.last_error
