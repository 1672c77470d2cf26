import json
import threading

import pytest
from django.utils import timezone

from accounts.models import User
from lib import webhooks
from notifications import claims, outcomes, sending, transports
from notifications.ledger import To, post
from notifications.models import ENDPOINTS, Channel, Delivery, OptOut
from tests.cast import SignedIn
from tests.factories.notifications import DeliveryFactory, registered, templates, toy, toy_templates
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


def test_body_in_somebody_elses_shape_is_sent_as_it_is_and_signed(endpoint: Endpoint):
    delivery = deliver(endpoint.url, webhook_body=lambda shown: {"incident": {"name": shown["thing"]}})
    ((_path, headers, body),) = endpoint.received
    assert json.loads(body) == {"incident": {"name": "Ümlaut"}}
    assert webhooks.verify(SECRET, headers=headers, body=body)
    assert delivery.text == body.decode()


def test_body_of_bytes_is_not_touched(endpoint: Endpoint):
    delivery = deliver(endpoint.url, webhook_body=lambda shown: b"\xff\x00 bytes")
    assert endpoint.received[0][2] == b"\xff\x00 bytes"
    assert delivery.state == Delivery.State.SENT


def test_secret_goes_by_the_reference(endpoint: Endpoint):
    secrets = {"one": webhooks.new_secret(), "two": webhooks.new_secret()}
    kind = toy("toy.alert", endpoint_secret=lambda who: secrets.get(who.reference, ""))
    with registered(kind), templates(toy_templates("toy.alert")):
        post(
            kind="toy.alert",
            event="alert:1",
            recipients=[
                To(address=endpoint.url, channel=Channel.WEBHOOK, reference=name) for name in ("one", "two", "removed")
            ],
            context={"thing": "x"},
        )
        sending.run()
    assert dict(Delivery.objects.values_list("reference", "state")) == {
        "one": "sent",
        "two": "sent",
        "removed": "dropped",
    }
    verified = {
        name
        for name, secret in secrets.items()
        for _path, headers, body in endpoint.received
        if webhooks.verify(secret, headers=headers, body=body)
    }
    assert verified == {"one", "two"}


def test_endpoint_is_given_up_after_about_a_day(endpoint: Endpoint):
    endpoint.status = 500
    given_up: list[tuple[str, str]] = []
    kind = {"on_given_up": lambda delivery: given_up.append((delivery.address, delivery.state))}
    delivery = deliver(endpoint.url, **kind)
    assert given_up == []
    with registered(toy("toy.alert", webhook_secret=lambda address: SECRET, **kind)):
        Delivery.objects.update(attempts=outcomes.ENDPOINT_MAX_ATTEMPTS - 1, not_before=timezone.now())
        with templates(toy_templates("toy.alert")):
            sending.run()
    delivery.refresh_from_db()
    assert (delivery.state, given_up) == (Delivery.State.FAILED, [(endpoint.url, "failed")])


def test_giving_up_and_what_follows_are_one_change(endpoint: Endpoint):
    endpoint.status = 410
    kind = {"on_given_up": lambda delivery: OptOut.objects.create(category="told", address="owner@x.example")}
    assert deliver(endpoint.url, **kind).state == Delivery.State.FAILED
    assert OptOut.objects.count() == 1


def test_broken_hook_leaves_no_half_of_it(endpoint: Endpoint):
    def hook(delivery):
        OptOut.objects.create(category="told", address="owner@x.example")
        raise RuntimeError("broken")

    endpoint.status = 410
    assert deliver(endpoint.url, on_given_up=hook).state == Delivery.State.FAILED
    assert not OptOut.objects.exists()


def test_slow_endpoints_are_posted_to_side_by_side(endpoint: Endpoint, monkeypatch):
    waiting = threading.Barrier(3, timeout=10)
    monkeypatch.setattr(transports, "post_json", lambda url, **options: waiting.wait())
    with registered(toy("toy.alert")), templates(toy_templates("toy.alert")):
        hooks = [To(address=f"https://chat.example/{number}", channel=Channel.CHAT) for number in range(3)]
        post(kind="toy.alert", event="alert:1", recipients=hooks, context={"thing": "x"})
        sending.run()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_one_worker_at_a_time_posts_to_endpoints():
    DeliveryFactory.create_batch(2, channel=Channel.WEBHOOK, user=None, address="https://x.example/")
    assert len(claims.take(channels=ENDPOINTS, limit=1)) == 1
    assert claims.take(channels=ENDPOINTS) == []
    Delivery.objects.filter(state="sending").update(claimed_at=timezone.now() - claims.ENDPOINTS_BATCH_LASTS)
    assert len(claims.take(channels=ENDPOINTS)) == 1


class TestChat:
    def chat(self, url, **options):
        with registered(toy("toy.alert", **options)), templates(toy_templates("toy.alert")):
            to = To(address=url, channel=Channel.CHAT)
            message = post(kind="toy.alert", event="alert:1", recipients=[to], context={"thing": "Ümlaut"})
            sending.run()
        return Delivery.objects.get(message=message)

    def test_gets_text_and_no_signature(self, endpoint: Endpoint):
        delivery = self.chat(endpoint.url)
        ((_path, headers, body),) = endpoint.received
        assert json.loads(body)["text"].startswith("News of Ümlaut\n")
        assert not [name for name in headers if name.startswith("webhook-")]
        assert delivery.state == Delivery.State.SENT

    def test_kind_makes_its_blocks(self, endpoint: Endpoint):
        self.chat(endpoint.url, chat_body=lambda shown: {"text": shown["thing"], "blocks": []})
        assert json.loads(endpoint.received[0][2]) == {"text": "Ümlaut", "blocks": []}

    @pytest.mark.parametrize("status", [302, 404, 500])
    def test_other_answer_is_tried_again(self, endpoint: Endpoint, status):
        endpoint.status = status
        assert self.chat(endpoint.url).state == Delivery.State.PENDING

    def test_private_address_fails_for_good(self, endpoint: Endpoint, settings):
        settings.WEBHOOK_ALLOWED_HOSTS = []
        delivery = self.chat(f"https://127.0.0.1:{endpoint.port}/")
        assert (delivery.state, endpoint.received) == (Delivery.State.FAILED, [])

    def test_removed_one_gets_nothing(self, endpoint: Endpoint):
        delivery = self.chat(endpoint.url, may_receive=lambda recipient, context: False)
        assert (delivery.state, endpoint.received) == (Delivery.State.DROPPED, [])

    def test_its_address_is_a_secret(self, as_user: SignedIn, manager: User):
        secret = "https://hooks.chat.example/services/T000/B000/verysecret"
        delivery = DeliveryFactory(channel=Channel.CHAT, user=None, address=secret)
        pages = (
            "/admin/notifications/delivery/",
            f"/admin/notifications/delivery/{delivery.pk}/change/",
            f"/admin/notifications/message/{delivery.message_id}/change/",
        )
        with registered(toy()):
            for page in pages:
                text = as_user(manager).get(page).text
                assert "verysec" not in text
                assert "https://hooks.chat.example/…cret" in text
        assert "verysec" not in str(delivery)
