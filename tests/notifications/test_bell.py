"""The bell in the header: how many notifications wait, and the newest of them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Contact, User
from notifications import centre
from notifications.models import Channel, Delivery
from tests.cast import SignedIn
from tests.factories.notifications import DeliveryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy_kind")]

CENTRE = "/account/notifications/centre/"
READ_ALL = "/account/notifications/read/"
IN_BELL = {"HX-Request": "true", "HX-Target": "bell-panel"}
SITE = {
    "channel": Channel.SITE,
    "address": "",
    "state": Delivery.State.SENT,
    "sent_at": "2026-11-23T10:00:00Z",
    "subject": "News of the release",
}


def notify(user: User, number: int = 1) -> list[Delivery]:
    made: list[Delivery] = DeliveryFactory.create_batch(number, user=user, **SITE)
    return made


class TestBell:
    def test_it_tells_how_many_wait_in_number_and_words(self, member: User, as_user: SignedIn) -> None:
        notify(member, 3)
        text = as_user(member).get("/support/").text
        assert '<span class="bell-count" aria-hidden="true">3</span>' in text
        assert "Notifications, 3 unread" in text

    def test_with_nothing_unread_there_is_no_number(self, member: User, as_user: SignedIn) -> None:
        assert "bell-count" not in as_user(member).get("/support/").text

    def test_it_counts_no_further_than_it_says(self, member: User, as_user: SignedIn) -> None:
        notify(member, 101)
        assert ">99+</span>" in as_user(member).get("/support/").text

    def test_ninety_nine_are_counted(self, member: User, as_user: SignedIn) -> None:
        notify(member, 99)
        text = as_user(member).get("/support/").text
        assert ">99</span>" in text
        assert "99+" not in text

    def test_others_notifications_do_not_count(self, member: User, stranger: Contact, as_user: SignedIn) -> None:
        notify(stranger.user)
        assert "bell-count" not in as_user(member).get("/support/").text

    def test_a_visitor_has_none_and_no_query_is_made_for_them(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as queries:
            text = client.get("/support/").text
        assert 'id="bell"' not in text
        assert not [query for query in queries if "notifications_delivery" in query["sql"]]

    @pytest.mark.parametrize("address", ["/forums/", "/data-loader/"])
    def test_pages_that_caches_keep_hold_no_bell(self, client: Client, address: str) -> None:
        answer = client.get(address)
        assert "public" in answer["Cache-Control"]
        assert 'id="bell"' not in answer.text

    @pytest.mark.parametrize("address", ["/forums/", "/data-loader/"])
    def test_who_is_signed_in_gets_the_bell_on_a_page_that_nobody_keeps(
        self, member: User, as_user: SignedIn, address: str
    ) -> None:
        answer = as_user(member).get(address)
        assert "no-store" in answer["Cache-Control"]
        assert 'id="bell"' in answer.text

    def test_without_a_script_it_holds_a_link_to_the_page(self, member: User, as_user: SignedIn) -> None:
        assert f'<a class="menu-item" href="{CENTRE}">' in as_user(member).get("/support/").text

    def test_the_count_is_one_query_of_the_partial_index(self, member: User, as_user: SignedIn) -> None:
        notify(member, 3)
        client = as_user(member)
        with CaptureQueriesContext(connection) as queries:
            client.get("/support/")
        counting = [query["sql"] for query in queries if "notifications_delivery" in query["sql"]]
        assert len(counting) == 1
        assert "LIMIT 100" in counting[0]


class TestPanel:
    def test_it_lists_the_newest_and_the_new_number(self, member: User, as_user: SignedIn) -> None:
        delivery = notify(member)[0]
        answer = as_user(member).get(CENTRE, headers=IN_BELL)
        assert "<html" not in answer.text
        assert "News of the release" in answer.text
        assert reverse("notifications:read", args=[delivery.pk]) in answer.text
        assert 'hx-swap-oob="true"' in answer.text

    def test_caches_tell_it_from_the_page(self, member: User, as_user: SignedIn) -> None:
        answer = as_user(member).get(CENTRE)
        assert "HX-Target" in answer["Vary"]
        assert "no-store" in answer["Cache-Control"]

    def test_looking_marks_nothing(self, member: User, as_user: SignedIn) -> None:
        notify(member)
        as_user(member).get(CENTRE, headers=IN_BELL)
        assert centre.unread_count(member) == 1

    def test_an_empty_one_says_so(self, member: User, as_user: SignedIn) -> None:
        assert "All quiet" in as_user(member).get(CENTRE, headers=IN_BELL).text

    def test_rows_cost_no_query(self, member: User, as_user: SignedIn) -> None:
        client = as_user(member)
        notify(member)
        client.get(CENTRE, headers=IN_BELL)
        with CaptureQueriesContext(connection) as few:
            client.get(CENTRE, headers=IN_BELL)
        notify(member, 8)
        with CaptureQueriesContext(connection) as many:
            client.get(CENTRE, headers=IN_BELL)
        assert len(few) == len(many)

    def test_all_are_marked_in_place_and_that_can_be_taken_back(self, member: User, as_user: SignedIn) -> None:
        notify(member, 2)
        client = as_user(member)
        answer = client.post(READ_ALL, headers=IN_BELL)
        assert centre.unread_count(member) == 0
        undo = reverse("notifications:undo_read_all", args=[answer.context["stamp"]])
        assert undo in answer.text
        again = client.post(undo, headers=IN_BELL)
        assert centre.unread_count(member) == 2
        assert "Notifications, 2 unread" in again.text

    def test_what_came_after_it_was_drawn_stays_unread(self, member: User, as_user: SignedIn) -> None:
        shown = notify(member, 2)
        client = as_user(member)
        found = re.search(r'name="newest" value="(\d+)"', client.get(CENTRE, headers=IN_BELL).text)
        assert found
        assert int(found[1]) == max(one.pk for one in shown)
        late = notify(member)
        answer = client.post(READ_ALL, {"newest": found[1]}, headers=IN_BELL)
        assert list(Delivery.objects.visible_to(member).unread()) == late
        assert "All read." not in answer.text

    @pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 40, "\uff11"])
    def test_a_number_that_is_none_says_nothing(self, newest: str, member: User, as_user: SignedIn) -> None:
        notify(member)
        assert as_user(member).post(READ_ALL, {"newest": newest}).status_code == 302
        assert centre.unread_count(member) == 0


class TestUndo:
    def test_the_page_offers_to_take_back(self, member: User, as_user: SignedIn) -> None:
        notify(member, 2)
        client = as_user(member)
        page = client.post(READ_ALL, follow=True)
        assert "All notifications are marked as read." in page.text
        assert "/undo/" in page.text

    def test_what_was_read_before_stays_read(self, member: User) -> None:
        early = notify(member)[0]
        centre.mark_read(user=member, delivery_id=early.pk)
        late = notify(member)[0]
        done = centre.mark_all_read(user=member)
        assert done.number == 1
        centre.mark_unread_again(user=member, stamp=done.stamp)
        unread = Delivery.objects.visible_to(member).unread()
        assert list(unread) == [late]

    def test_anothers_press_is_not_taken_back(self, member: User, stranger: Contact, as_user: SignedIn) -> None:
        notify(stranger.user)
        done = centre.mark_all_read(user=stranger.user)
        url = reverse("notifications:undo_read_all", args=[done.stamp])
        assert as_user(member).post(url).status_code == 302
        assert centre.unread_count(stranger.user) == 0

    def test_a_stamp_beyond_all_time_changes_nothing(self, member: User, as_user: SignedIn) -> None:
        assert as_user(member).post(f"/account/notifications/read/{10**30}/undo/").status_code == 302

    def test_with_nothing_to_mark_nothing_is_offered(self, member: User, as_user: SignedIn) -> None:
        assert "/undo/" not in as_user(member).post(READ_ALL, follow=True).text

    def test_looking_takes_nothing_back(self, member: User, as_user: SignedIn) -> None:
        assert as_user(member).get("/account/notifications/read/1/undo/").status_code == 405

    def test_a_visitor_signs_in_first(self, client: Client) -> None:
        assert client.post("/account/notifications/read/1/undo/")["Location"].startswith("/accounts/login/")
