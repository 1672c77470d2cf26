import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import User
from notifications.models import Delivery
from notifications.retrying import retry
from tests.cast import SignedIn
from tests.factories.notifications import DeliveryFactory, registered, toy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy_kind")]

LIST = "/admin/notifications/delivery/"
FAILED = {"state": Delivery.State.FAILED, "attempts": 35, "last_error": "550 no such mailbox"}


class TestDeliveries:
    def test_manager_sees_state_attempts_and_error(self, as_user: SignedIn, manager: User):
        DeliveryFactory(**FAILED)
        text = as_user(manager).get(LIST).text
        for expected in ("Failed", "35", "550 no such mailbox"):
            assert expected in text

    @pytest.mark.parametrize("role", ["engineer", "csm", "moderator", "operator"])
    def test_other_staff_do_not_enter(self, as_user: SignedIn, role: str, request: pytest.FixtureRequest):
        delivery = DeliveryFactory(html="<p>private</p>")
        client = as_user(request.getfixturevalue(role))
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}{delivery.pk}/change/").status_code == 403
        assert client.get(f"{LIST}{delivery.pk}/body/").status_code == 403

    def test_what_was_sent_is_shown_in_a_sandbox(self, as_user: SignedIn, manager: User):
        delivery = DeliveryFactory(state="sent", text="The <text>", html="<p>private</p>")
        response = as_user(manager).get(f"{LIST}{delivery.pk}/change/")
        assert "The &lt;text&gt;" in response.text
        assert f'sandbox="" src="{LIST}{delivery.pk}/body/"' in response.text
        assert "frame-src 'self'" in response["Content-Security-Policy"]
        body = as_user(manager).get(f"{LIST}{delivery.pk}/body/")
        assert "<p>private</p>" in body.text
        assert body["Content-Security-Policy"].startswith("sandbox")

    def test_secret_is_never_shown(self, as_user: SignedIn, administrator: User):
        with registered(toy("toy.secret", is_secret=True)):
            delivery = DeliveryFactory(message__kind="toy.secret", text="sign-in link", html="<p>sign-in link</p>")
            client = as_user(administrator)
            assert "sign-in link" not in client.get(f"{LIST}{delivery.pk}/change/").text
            assert client.get(f"{LIST}{delivery.pk}/body/").status_code == 404

    def test_rows_are_for_looking_only(self, as_user: SignedIn, administrator: User):
        delivery = DeliveryFactory()
        client = as_user(administrator)
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.get(f"{LIST}{delivery.pk}/delete/").status_code == 403
        assert client.post(f"{LIST}{delivery.pk}/change/", {"state": "sent"}).status_code == 403

    @pytest.mark.parametrize("term", ["ANN@x.example", "toy.n"])
    def test_search_finds_by_address_and_kind(self, as_user: SignedIn, manager: User, term: str):
        DeliveryFactory(address="ann@x.example", user=None, subject="Found")
        with registered(toy("other.kind")):
            DeliveryFactory(message__kind="other.kind", subject="Hidden")
            text = as_user(manager).get(LIST, {"q": term}).text
        assert "Found" in text
        assert "Hidden" not in text

    @pytest.mark.parametrize("query", ["q=%00", "q=%25", "state=nonsense", "kind=nonsense", "p=99999", "o=-1"])
    def test_odd_queries_are_no_error_of_ours(self, as_user: SignedIn, manager: User, query: str):
        assert as_user(manager).get(f"{LIST}?{query}").status_code < 500

    def test_filters_work(self, as_user: SignedIn, manager: User):
        DeliveryFactory(**FAILED, subject="Broken")
        DeliveryFactory(subject="Waits")
        text = as_user(manager).get(LIST, {"state__exact": "failed", "kind": "toy.news"}).text
        assert "Broken" in text
        assert "Waits" not in text


class TestRetry:
    def act(self, client, *deliveries: Delivery):
        chosen = [delivery.pk for delivery in deliveries]
        return client.post(LIST, {"action": "retry", "_selected_action": chosen}, follow=True)

    def test_failed_and_dropped_ones_wait_again(self, as_user: SignedIn, manager: User, caplog):
        failed, dropped = DeliveryFactory(**FAILED), DeliveryFactory(state="dropped")
        with caplog.at_level(logging.INFO, logger="notifications.retrying"):
            response = self.act(as_user(manager), failed, dropped)
        assert "2 deliveries wait to be sent" in response.text
        assert set(Delivery.objects.values_list("state", "attempts", "last_error")) == {("pending", 0, "")}
        assert f"Delivery {failed.pk} is tried again: user {manager.pk} asked for it." in caplog.text
        assert LogEntry.objects.filter(user=manager).count() == 2

    def test_sent_one_stays_sent(self, as_user: SignedIn, manager: User):
        sent = DeliveryFactory(state="sent")
        self.act(as_user(manager), sent)
        sent.refresh_from_db()
        assert sent.state == "sent"

    def test_secret_whose_words_are_gone_stays(self, as_user: SignedIn, manager: User):
        with registered(toy("toy.secret", is_secret=True)):
            secret = DeliveryFactory(message__kind="toy.secret", **FAILED)
            self.act(as_user(manager), secret)
        secret.refresh_from_db()
        assert secret.state == "failed"

    def test_who_may_not_is_refused(self, engineer: User):
        delivery = DeliveryFactory(**FAILED)
        with pytest.raises(PermissionDenied):
            retry(delivery_ids=[delivery.pk], actor=engineer)


class TestMessages:
    def test_message_shows_each_delivery(self, as_user: SignedIn, manager: User):
        delivery = DeliveryFactory(**FAILED)
        DeliveryFactory(message=delivery.message)
        client = as_user(manager)
        text = client.get(reverse("admin:notifications_message_change", args=[delivery.message_id])).text
        assert "550 no such mailbox" in text
        assert "Failed: 1 · Waiting: 1" in text
        assert (
            client.get(reverse("admin:notifications_message_changelist"), {"q": delivery.message.event}).status_code
            == 200
        )

    def test_frozen_context_is_not_shown(self, as_user: SignedIn, manager: User):
        delivery = DeliveryFactory(message__context={"thing": "sign-in-link"})
        page = reverse("admin:notifications_message_change", args=[delivery.message_id])
        assert "sign-in-link" not in as_user(manager).get(page).text
