import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Contact, User
from notifications import categories, centre, kinds, unsubscribing
from notifications.models import Channel, Delivery, OptOut
from tests.cast import SignedIn
from tests.factories.notifications import DeliveryFactory, registered, toy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy_kind")]

SENT = "/account/notifications/"
SENT_FIELDS = {
    "state": Delivery.State.SENT,
    "sent_at": "2026-11-23T10:00:00Z",
    "subject": "News of the release",
    "text": "The release is out.",
    "html": "<html><head></head><p>The release</p></html>",
}


@pytest.fixture
def delivery(member: User) -> Delivery:
    return DeliveryFactory(user=member, **SENT_FIELDS)


class TestSent:
    def test_own_messages_are_listed(self, as_user: SignedIn, member: User, delivery: Delivery):
        response = as_user(member).get(SENT)
        assert response.status_code == 200
        for expected in ("News of the release", "News", "E-mail", "Sent"):
            assert expected in response.text

    def test_other_peoples_messages_are_not(self, as_user: SignedIn, stranger: Contact, delivery: Delivery):
        assert "News of the release" not in as_user(stranger.user).get(SENT).text

    def test_what_waits_is_shown_by_its_kind(self, as_user: SignedIn, member: User):
        DeliveryFactory(user=member)
        text = as_user(member).get(SENT).text
        assert "Waiting" in text
        assert "News" in text

    def test_what_was_dropped_is_not_shown(self, as_user: SignedIn, member: User):
        DeliveryFactory(user=member, state=Delivery.State.DROPPED, subject="Not for you")
        assert "Not for you" not in as_user(member).get(SENT).text

    def test_message_of_an_app_that_has_gone_is_listed(self, as_user: SignedIn, member: User):
        DeliveryFactory(user=member, message__kind="gone.away")
        assert as_user(member).get(SENT).status_code == 200

    def test_visitor_signs_in_and_comes_back(self, client: Client):
        assert client.get(SENT)["Location"] == f"/accounts/login/?next={SENT}"

    def test_wrong_verb_is_told(self, as_user: SignedIn, member: User):
        assert as_user(member).post(SENT).status_code == 405

    def test_tampered_cursor_is_a_bad_request(self, as_user: SignedIn, member: User):
        assert as_user(member).get(f"{SENT}?after=tampered").status_code == 400

    def test_older_ones_are_a_page_away(self, as_user: SignedIn, member: User):
        for number in range(35):
            DeliveryFactory(user=member, subject=f"Message number {number}.")
        client = as_user(member)
        response = client.get(SENT)
        assert "Message number 34." in response.text
        assert "Message number 0." not in response.text
        older = client.get(SENT + response.context["page"].next_url)
        assert "Message number 0." in older.text

    def test_number_of_queries_does_not_grow_with_rows(self, as_user: SignedIn, member: User):
        client = as_user(member)
        DeliveryFactory.create_batch(2, user=member)
        client.get(SENT)
        with CaptureQueriesContext(connection) as few:
            client.get(SENT)
        DeliveryFactory.create_batch(18, user=member)
        with CaptureQueriesContext(connection) as many:
            client.get(SENT)
        assert len(few) == len(many)


class TestDetail:
    def test_mail_is_shown_as_it_was_sent(self, as_user: SignedIn, member: User, delivery: Delivery):
        response = as_user(member).get(reverse("notifications:detail", args=[delivery.pk]))
        body = reverse("notifications:body", args=[delivery.pk])
        assert f'src="{body}"' in response.text
        assert "The release is out." in response.text
        assert "frame-src 'self'" in response["Content-Security-Policy"]

    def test_body_may_do_nothing(self, as_user: SignedIn, member: User, delivery: Delivery):
        response = as_user(member).get(reverse("notifications:body", args=[delivery.pk]))
        assert "<p>The release</p>" in response.text
        policy = response["Content-Security-Policy"]
        assert policy.startswith("sandbox ")
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy
        assert "default-src 'none'" in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN"

    @pytest.mark.parametrize("name", ["detail", "body"])
    def test_stranger_gets_404(self, as_user: SignedIn, stranger: Contact, delivery: Delivery, name: str):
        assert as_user(stranger.user).get(reverse(f"notifications:{name}", args=[delivery.pk])).status_code == 404

    @pytest.mark.parametrize("name", ["detail", "body"])
    def test_number_that_is_none_is_404(self, as_user: SignedIn, member: User, name: str):
        assert as_user(member).get(reverse(f"notifications:{name}", args=[10**30])).status_code == 404

    @pytest.mark.parametrize("name", ["detail", "body"])
    def test_wrong_verb_is_told(self, as_user: SignedIn, member: User, delivery: Delivery, name: str):
        assert as_user(member).post(reverse(f"notifications:{name}", args=[delivery.pk])).status_code == 405

    def test_secret_is_never_shown(self, as_user: SignedIn, member: User, delivery: Delivery):
        with registered(toy("toy.secret", is_secret=True)):
            delivery.message.kind = "toy.secret"
            delivery.message.save()
            page = as_user(member).get(reverse("notifications:detail", args=[delivery.pk]))
            assert "The release is out." not in page.text
            assert as_user(member).get(reverse("notifications:body", args=[delivery.pk])).status_code == 404


class TestCentre:
    @pytest.fixture
    def notification(self, member: User) -> Delivery:
        return DeliveryFactory(user=member, **{**SENT_FIELDS, "channel": Channel.SITE, "address": ""})

    def test_unread_ones_are_counted_and_listed(self, as_user: SignedIn, member: User, notification: Delivery):
        response = as_user(member).get(reverse("notifications:centre"))
        assert "1 unread" in response.text
        assert centre.unread_count(member) == 1

    def test_fragment_is_the_same_without_the_page(self, as_user: SignedIn, member: User, notification: Delivery):
        response = as_user(member).get(reverse("notifications:centre"), headers={"HX-Request": "true"})
        assert "1 unread" in response.text
        assert "<html" not in response.text

    def test_what_is_not_sent_yet_does_not_count(self, member: User):
        DeliveryFactory(user=member, channel=Channel.SITE)
        assert centre.unread_count(member) == 0

    def test_reading_one_marks_it_and_leads_to_the_thing(self, as_user: SignedIn, member: User, notification: Delivery):
        with registered(toy("toy.linked", url=lambda context: "/support/")):
            notification.message.kind = "toy.linked"
            notification.message.save()
            response = as_user(member).post(reverse("notifications:read", args=[notification.pk]))
        notification.refresh_from_db()
        assert response["Location"] == "/support/"
        assert notification.read_at is not None

    def test_reading_all_marks_only_ones_own(self, as_user: SignedIn, member: User, notification: Delivery):
        other = DeliveryFactory(**{**SENT_FIELDS, "channel": Channel.SITE})
        as_user(member).post(reverse("notifications:read_all"))
        notification.refresh_from_db()
        other.refresh_from_db()
        assert notification.read_at is not None
        assert other.read_at is None

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
    def test_nobody_is_led_elsewhere(self, as_user: SignedIn, member: User, target: str):
        response = as_user(member).post(reverse("notifications:read_all"), {"next": target})
        assert response["Location"] == reverse("notifications:centre")

    def test_stranger_gets_404(self, as_user: SignedIn, stranger: Contact, notification: Delivery):
        client = as_user(stranger.user)
        assert client.post(reverse("notifications:read", args=[notification.pk])).status_code == 404
        notification.refresh_from_db()
        assert notification.read_at is None

    def test_looking_marks_nothing(self, as_user: SignedIn, member: User, notification: Delivery):
        client = as_user(member)
        client.get(reverse("notifications:centre"))
        assert client.get(reverse("notifications:read", args=[notification.pk])).status_code == 405
        assert client.get(reverse("notifications:read_all")).status_code == 405
        notification.refresh_from_db()
        assert notification.read_at is None


class TestPreferences:
    URL = "/account/notifications/preferences/"

    def test_choices_and_what_is_always_sent_are_shown(self, as_user: SignedIn, member: User):
        text = as_user(member).get(self.URL).text
        assert 'value="news"' in text
        assert "checked" in text
        assert "cannot be switched off" in text

    def test_switching_off_and_on(self, as_user: SignedIn, member: User):
        client = as_user(member)
        assert client.post(self.URL, {}).status_code == 302
        assert "news" in OptOut.objects.filter(user=member).values_list("category", flat=True)
        assert "news" not in centre.wanted_categories(member)
        client.post(self.URL, {"categories": ["news"]})
        assert "news" in centre.wanted_categories(member)

    def test_category_that_is_none_is_refused(self, as_user: SignedIn, member: User):
        response = as_user(member).post(self.URL, {"categories": ["no-such"]})
        assert response.status_code == 422
        assert not OptOut.objects.exists()

    def test_category_without_a_name_goes_by_its_code(self):
        assert categories.get("some-news").label == "Some news"


class TestUnsubscribe:
    def url(self, delivery: Delivery) -> str:
        return unsubscribing.url(delivery, kinds.get("toy.news")).removeprefix("http://localhost:8140")

    @pytest.fixture(autouse=True)
    def portal_url(self, settings):
        settings.PORTAL_URL = "http://localhost:8140"

    def test_looking_asks_and_changes_nothing(self, client: Client, delivery: Delivery):
        response = client.get(self.url(delivery))
        assert response.status_code == 200
        assert "<button" in response.text
        assert not OptOut.objects.exists()

    def test_one_click_of_a_mail_provider_opts_out(self, delivery: Delivery):
        client = Client(enforce_csrf_checks=True)
        response = client.post(self.url(delivery), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert OptOut.objects.values_list("user", "category").get() == (delivery.user_id, "news")

    def test_twice_is_once(self, client: Client, delivery: Delivery):
        client.post(self.url(delivery))
        assert client.post(self.url(delivery)).status_code == 200
        assert OptOut.objects.count() == 1

    def test_bare_address_opts_out(self, client: Client):
        client.post(self.url(DeliveryFactory(user=None)))
        opted_out = OptOut.objects.get()
        assert (opted_out.user, opted_out.address) == (None, "bare@people.example")

    @pytest.mark.parametrize("token", ["x", "a:b:c", "W10:1:x", "x" * 3000])
    def test_tampered_token_is_404(self, client: Client, token: str):
        assert client.get(f"/account/notifications/unsubscribe/{token}/").status_code == 404
        assert client.post(f"/account/notifications/unsubscribe/{token}/").status_code == 404

    def test_token_of_another_purpose_is_404(self, client: Client, delivery: Delivery):
        from django.core import signing

        token = signing.dumps(["news", delivery.user_id], salt="another")
        assert client.post(reverse("notifications:unsubscribe", args=[token])).status_code == 404

    def test_erased_person_is_no_error(self, client: Client, member: User, delivery: Delivery):
        url = self.url(delivery)
        Delivery.objects.all().delete()
        member.delete()
        assert client.post(url).status_code == 200


def test_nobody_sees_the_ledger_of_nobody():
    DeliveryFactory()
    assert not Delivery.objects.visible_to(AnonymousUser()).exists()
