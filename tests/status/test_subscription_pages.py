"""The pages of subscribing: what they say, to whom they open, and what they refuse."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery, Message
from status import gate
from status.constants import Delivery as Rhythm
from status.constants import Way
from status.models import Subscriber
from tests.cast import SignedIn
from tests.factories.status import (
    ComponentFactory,
    ComponentGroupFactory,
    EndpointFactory,
    RegionFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db

SUBSCRIBE = "/status/subscribe/"
SENT = "/status/subscribe/sent/"
BROWSER = {"Sec-Fetch-Site": "same-origin"}
HOOK = "https://93.184.216.34/hook"


def page(subscriber: Subscriber, act: str = "") -> str:
    return f"/status/subscriptions/{subscriber.token}/{act}"


def confirmation(subscriber: Subscriber) -> str:
    return f"/status/subscriptions/confirm/{subscriber.confirmation}/"


def post(client: Client, address: str = SUBSCRIBE, **data: Any) -> HttpResponse:
    """Post as a browser does from a page of ours."""
    response: Any = client.post(address, data, headers=BROWSER)
    found: HttpResponse = response
    return found


def full(**data: Any) -> dict[str, Any]:
    """Return what the large form sends."""
    return {"full": "1", "by": "mail", "email": "ann@readers.example", "incidents": "on", "scope": "everything", **data}


# --- The form -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["mail", "webhook", "chat", "feeds", "calendar"])
def test_each_way_is_explained(client: Client, by: str) -> None:
    response = client.get(SUBSCRIBE, {"by": by})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "What we keep" in response.content.decode()


def test_there_is_no_other_way(client: Client) -> None:
    assert client.get(SUBSCRIBE, {"by": "pigeon"}).status_code == 404
    assert post(client, by="pigeon", email="ann@readers.example").status_code == 404


def test_the_form_offers_components_by_group_and_regions(client: Client) -> None:
    group = ComponentGroupFactory(name="Integrations")
    region = RegionFactory(slug="eu", name="Europe")
    component = ComponentFactory(name="API", group=group, region=region)
    ComponentFactory(name="Gone", archived_at=timezone.now())
    text = client.get(SUBSCRIBE).content.decode()
    assert "Integrations" in text
    assert f'value="{component.public_id}"' in text
    assert 'value="eu"' in text
    assert "Gone" not in text


def test_the_form_costs_the_same_for_any_number_of_components(client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(SUBSCRIBE)
        return len(captured)

    ComponentFactory.create_batch(2, group=ComponentGroupFactory(), region=RegionFactory())
    few = statements()
    ComponentFactory.create_batch(20, group=ComponentGroupFactory(), region=RegionFactory())
    assert statements() == few


def test_one_click_from_a_status_page_signs_up(client: Client) -> None:
    response = post(client, email="ann@readers.example", topic="")
    assert (response.status_code, response["Location"]) == (302, SENT)
    subscriber = Subscriber.objects.get()
    assert (subscriber.way, subscriber.address, subscriber.confirmed_at) == (Way.MAIL, "ann@readers.example", None)
    assert subscriber.wants_incidents
    assert subscriber.wants_maintenance
    assert subscriber.wants_everything
    assert "ann@readers.example" in client.get(SENT).content.decode()


def test_wishes_are_taken(client: Client) -> None:
    component, region = ComponentFactory(), RegionFactory()
    data = full(
        maintenance="on",
        component_changes="on",
        scope="chosen",
        components=[component.public_id],
        regions=[region.slug],
        delivery="daily",
        time_zone="Asia/Tokyo",
    )
    assert post(client, **data).status_code == 302
    subscriber = Subscriber.objects.get()
    assert subscriber.wants_components
    assert (list(subscriber.components.all()), list(subscriber.regions.all())) == ([component], [region])
    assert (subscriber.delivery, subscriber.time_zone) == (Rhythm.DAILY, "Asia/Tokyo")


@pytest.mark.parametrize("by", ["webhook", "chat"])
def test_an_endpoint_is_signed_up(client: Client, by: str) -> None:
    assert post(client, **full(by=by, endpoint=HOOK)).status_code == 302
    subscriber = Subscriber.objects.get()
    assert (subscriber.way, subscriber.address, subscriber.owner_email) == (by, HOOK, "ann@readers.example")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"email": ""}, "This field is required"),
        ({"email": "ann"}, "Enter a valid email address"),
        ({"email": "ann\0@readers.example"}, "Null characters are not allowed"),
        ({"email": f"{'a' * 300}@readers.example"}, "at most 254 characters"),
        ({"incidents": ""}, "Choose at least one kind of news"),
        ({"scope": "chosen"}, "Choose at least one component or region"),
        ({"scope": "chosen", "components": "nothing-of-ours"}, "is not one of the available choices"),
        ({"delivery": "yearly"}, "is not one of the available choices"),
        ({"by": "webhook", "endpoint": "https://127.0.0.1/"}, "leads into a private network"),
        ({"by": "webhook", "endpoint": "https://"}, "begins with https://"),
        ({"by": "webhook", "endpoint": f"https://{'a' * 64}.example/"}, "is not the address of an endpoint"),
        ({"by": "chat", "endpoint": "x" * 500}, "at most 400 characters"),
    ],
    ids=[
        "no address", "no mailbox", "NUL", "too long", "no kind", "nothing chosen", "unknown component",
        "unknown rhythm", "private endpoint", "no host", "a name too long", "endpoint too long",
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(client: Client, data: dict[str, str], said: str) -> None:
    response = post(client, **full(email="kept@readers.example", time_zone="Asia/Tokyo") | data)
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert 'value="Asia/Tokyo"' in text
    assert not Subscriber.objects.exists()


def test_a_zone_that_does_not_exist_is_the_pages_own(client: Client) -> None:
    post(client, **full(time_zone="Moon/Tranquility"))
    assert Subscriber.objects.get().time_zone == "UTC"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("address", [SUBSCRIBE, SENT])
def test_other_verbs_are_refused(client: Client, method: str, address: str) -> None:
    assert getattr(client, method)(address).status_code == 405


# --- Telling nothing ----------------------------------------------------------------------------------------------


def test_an_answer_tells_nothing_of_an_address(client: Client) -> None:
    SubscriberFactory(address="confirmed@readers.example")
    SubscriberFactory(address="waiting@readers.example", confirmed_at=None, confirmations_sent=1)
    SubscriberFactory(address="ended@readers.example", ended_at=timezone.now())
    answers, pages, costs = set(), set(), []
    for name in ("new", "waiting", "confirmed", "ended"):
        visitor = Client()
        with CaptureQueriesContext(connection) as captured:
            response = post(visitor, email=f"{name}@readers.example")
        costs.append(len(captured))
        headers = {key: value for key, value in response.items() if key != "Expires"}
        answers.add((response.status_code, response.content, str(headers)))
        shown = visitor.get(SENT).content.decode().replace(f"{name}@readers.example", "ADDRESS")
        pages.add(re.sub(r'nonce="[^"]*"', "", shown))
    assert len(answers) == 1
    assert len(pages) == 1
    assert max(costs) - min(costs) <= 12


def test_what_an_endpoint_answers_tells_nothing(client: Client) -> None:
    EndpointFactory(address=HOOK, owner_email="ann@readers.example")
    known = post(client, **full(by="webhook", endpoint=HOOK))
    new = post(client, **full(by="webhook", endpoint=f"{HOOK}/other"))
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])


# --- Programs -----------------------------------------------------------------------------------------------------


def test_a_filled_trap_signs_up_nobody_and_says_the_same(client: Client) -> None:
    response = post(client, email="ann@readers.example", topic="Buy now")
    assert (response.status_code, response["Location"]) == (302, SENT)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://forum.harbor.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
    ],
    ids=["cross-site", "sibling", "origin", "no origin", "referer"],
)
def test_forms_of_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.post(SUBSCRIBE, {"email": "ann@readers.example"}, headers=headers).status_code == 403
    assert not Subscriber.objects.exists()


def test_the_status_sites_own_domain_is_no_other_site(client: Client, settings: Any) -> None:
    settings.STATUS_URL = "https://status.harbor.example"
    headers = {"Sec-Fetch-Site": "same-site", "Origin": "https://status.harbor.example"}
    response = client.post(SUBSCRIBE, {"email": "ann@readers.example"}, headers=headers)
    assert response.status_code == 302


def stamp_in(response: Any) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def test_who_says_not_where_they_come_from_clicks_once_more(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = client.post(SUBSCRIBE, {"email": "ann@readers.example"})
        assert "One more click" in first.content.decode()
        assert 'value="ann@readers.example"' in first.content.decode()
        assert not Subscriber.objects.exists()
        data = full(stamp=stamp_in(first))
        clock.shift(1)
        too_soon = client.post(SUBSCRIBE, data)
        assert "One more click" in too_soon.content.decode()
        clock.shift(5)
        assert client.post(SUBSCRIBE, full(stamp=stamp_in(too_soon))).status_code == 302
    assert Subscriber.objects.count() == 1


@pytest.mark.parametrize("stamp", ["", "form:1:x", "\0", "x" * 5_000])
def test_a_stamp_of_somebody_elses_is_none(client: Client, stamp: str) -> None:
    assert "One more click" in client.post(SUBSCRIBE, full(stamp=stamp)).content.decode()


def test_a_stamp_is_good_for_a_day(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        stamp = gate.new_stamp()
        clock.shift(timedelta(hours=25))
        assert "One more click" in client.post(SUBSCRIBE, full(stamp=stamp)).content.decode()


def test_one_network_posts_so_often(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "POSTS_PER_CLIENT", 2)
    for number in range(2):
        assert post(client, email=f"s{number}@readers.example").status_code == 302
    response = post(client, email="one.more@readers.example")
    assert response.status_code == 429
    assert "one.more@readers.example" in response.content.decode()
    assert Subscriber.objects.count() == 2


# --- Sending again ------------------------------------------------------------------------------------------------


def test_the_link_is_sent_again_when_its_time_has_come(client: Client) -> None:
    post(client, email="ann@readers.example")
    assert post(client, SENT)["Location"] == f"{SENT}?again=1"
    assert Message.objects.count() == 1
    Subscriber.objects.update(confirmation_sent_at=timezone.now() - timedelta(minutes=3))
    post(client, SENT)
    assert Message.objects.count() == 2
    assert "another is on its way" in client.get(f"{SENT}?again=1").content.decode()


def test_the_page_after_a_sign_up_opens_without_one(client: Client) -> None:
    assert client.get(SENT).status_code == 200
    assert post(client, SENT).status_code == 302
    client.cookies["status_sign_up"] = "forged"
    assert client.get(SENT).status_code == 200
    assert not Message.objects.exists()


# --- The link in the mailbox ----------------------------------------------------------------------------------------


def waiting() -> Subscriber:
    subscriber: Subscriber = SubscriberFactory(confirmed_at=None, confirmations_sent=1)
    return subscriber


def test_following_the_link_confirms_nothing(client: Client) -> None:
    subscriber = waiting()
    for method in (client.get, client.head):
        assert method(confirmation(subscriber)).status_code == 200
    subscriber.refresh_from_db()
    assert subscriber.confirmed_at is None


def test_the_button_confirms(client: Client) -> None:
    subscriber = waiting()
    response = client.post(confirmation(subscriber))
    assert (response.status_code, response["Location"]) == (302, f"{page(subscriber)}?done=confirmed")
    assert "You are subscribed." in client.get(response["Location"]).content.decode()
    again = client.get(confirmation(subscriber))
    assert (again.status_code, again["Location"]) == (302, page(subscriber))


@pytest.mark.parametrize(("zone", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("Moon/Base", "Europe/Berlin")])
def test_the_browser_that_confirms_says_where_its_reader_is(client: Client, zone: str, kept: str) -> None:
    subscriber = SubscriberFactory(confirmed_at=None, time_zone="Europe/Berlin")
    client.post(confirmation(subscriber), {"time_zone": zone})
    subscriber.refresh_from_db()
    assert subscriber.time_zone == kept


@pytest.mark.parametrize("token", ["x", "a" * 22, "ä" * 22])
def test_a_link_that_was_never_sent_opens_nothing(client: Client, token: str) -> None:
    for address in (f"/status/subscriptions/confirm/{token}/", f"/status/subscriptions/{token}/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    for act in ("unsubscribe", "resume", "secret", "test"):
        assert client.post(f"/status/subscriptions/{token}/{act}/").status_code == 404


def test_an_old_link_says_how_to_get_another(client: Client) -> None:
    subscriber = SubscriberFactory(confirmed_at=None, confirmation_sent_at=timezone.now() - timedelta(days=8))
    for response in (client.get(confirmation(subscriber)), client.post(confirmation(subscriber))):
        assert response.status_code == 404
        assert SUBSCRIBE in response.content.decode()
    subscriber.refresh_from_db()
    assert subscriber.confirmed_at is None


# --- A subscriber's own page ----------------------------------------------------------------------------------------


def test_an_address_opens_nothing(client: Client) -> None:
    subscriber = waiting()
    assert client.get(page(subscriber)).status_code == 404
    assert client.get(f"/status/subscriptions/{subscriber.address}/").status_code == 404


@pytest.mark.parametrize("make", [page, lambda subscriber: page(subscriber, "unsubscribe/"), confirmation])
def test_own_pages_are_kept_by_nobody(client: Client, make: Callable[[Subscriber], str]) -> None:
    response = client.get(make(SubscriberFactory()))
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]


def test_wishes_are_changed(client: Client) -> None:
    subscriber = SubscriberFactory()
    component = ComponentFactory()
    data = {"maintenance": "on", "scope": "chosen", "components": component.public_id, "delivery": "hourly"}
    response = post(client, page(subscriber), **data, time_zone="Europe/Berlin", language="en")
    assert response["Location"] == f"{page(subscriber)}?done=saved"
    subscriber.refresh_from_db()
    assert (subscriber.wants_incidents, subscriber.wants_maintenance) == (False, True)
    assert list(subscriber.components.all()) == [component]
    assert (subscriber.delivery, subscriber.time_zone) == (Rhythm.HOURLY, "Europe/Berlin")
    text = client.get(page(subscriber)).content.decode()
    assert re.search(rf'value="{component.public_id}"[^>]* checked', text)


def test_wishes_that_are_none_are_refused(client: Client) -> None:
    subscriber = SubscriberFactory()
    assert post(client, page(subscriber), scope="everything").status_code == 422
    subscriber.refresh_from_db()
    assert subscriber.wants_incidents


def test_following_unsubscribe_ends_nothing(client: Client) -> None:
    subscriber = SubscriberFactory()
    assert "Unsubscribe?" in client.get(page(subscriber, "unsubscribe/")).content.decode()
    client.head(page(subscriber, "unsubscribe/"))
    subscriber.refresh_from_db()
    assert subscriber.is_active


def test_a_bare_post_unsubscribes(client: Client) -> None:
    subscriber = SubscriberFactory()
    mail_program = Client(enforce_csrf_checks=True)
    for _time in range(2):
        response = mail_program.post(
            page(subscriber, "unsubscribe/"),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert response.status_code == 200
    subscriber.refresh_from_db()
    assert not subscriber.is_active


def test_unsubscribing_is_undone(client: Client) -> None:
    subscriber = SubscriberFactory(ended_at=timezone.now())
    assert "Subscribe again" in client.get(page(subscriber)).content.decode()
    assert client.post(page(subscriber, "resume/"))["Location"] == f"{page(subscriber)}?done=resumed"
    subscriber.refresh_from_db()
    assert subscriber.is_active


def test_an_endpoint_shows_its_secret_and_makes_a_new_one(client: Client) -> None:
    subscriber = EndpointFactory()
    assert subscriber.secret in client.get(page(subscriber)).content.decode()
    client.post(page(subscriber, "secret/"))
    fresh = Subscriber.objects.get().secret
    assert fresh != subscriber.secret
    assert fresh in client.get(page(subscriber)).content.decode()


def test_a_test_is_sent_once_a_minute(client: Client) -> None:
    subscriber = EndpointFactory()
    assert client.post(page(subscriber, "test/"))["Location"].endswith("?done=tested")
    assert client.post(page(subscriber, "test/"))["Location"].endswith("?done=too-soon")
    assert Delivery.objects.count() == 1


def test_a_mailbox_has_nothing_to_test(client: Client) -> None:
    client.post(page(SubscriberFactory(), "test/"))
    assert not Delivery.objects.exists()


def test_an_endpoint_that_was_given_up_is_switched_on_again(client: Client) -> None:
    subscriber = EndpointFactory(given_up_at=timezone.now())
    assert "Switch it on again" in client.get(page(subscriber)).content.decode()
    client.post(page(subscriber, "resume/"))
    subscriber.refresh_from_db()
    assert subscriber.is_active


@pytest.mark.parametrize("act", ["", "resume/", "secret/", "test/"])
def test_other_sites_forms_change_nothing(client: Client, act: str) -> None:
    response = client.post(page(EndpointFactory(), act), {}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403


@pytest.mark.parametrize("act", ["resume/", "secret/", "test/"])
def test_acts_are_posted(client: Client, act: str) -> None:
    assert client.get(page(EndpointFactory(), act)).status_code == 405


# --- Who is signed in -----------------------------------------------------------------------------------------------

ACCOUNT = "/account/status/"


def test_who_is_signed_in_subscribes_at_once(member: User, as_user: SignedIn) -> None:
    response = post(as_user(member), email=member.email)
    subscriber = Subscriber.objects.get()
    assert response["Location"] == f"{page(subscriber)}?done=confirmed"
    assert subscriber.user == member
    assert not Message.objects.exists()


def test_a_program_with_somebodys_cookie_is_not_somebody(member: User, as_user: SignedIn) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        stamp = gate.new_stamp()
        clock.shift(5)
        response = as_user(member).post(SUBSCRIBE, full(email=member.email, stamp=stamp))
    assert response["Location"] == SENT
    assert not Subscriber.objects.get().is_active


def test_an_account_lists_its_own_subscriptions(member: User, as_user: SignedIn) -> None:
    own = EndpointFactory(user=member)
    other = SubscriberFactory()
    text = as_user(member).get(ACCOUNT).content.decode()
    assert page(own) in text
    assert page(other) not in text


def test_an_operators_account_lists_their_own_too(operator: User, as_user: SignedIn) -> None:
    other = SubscriberFactory()
    assert page(other) not in as_user(operator).get(ACCOUNT).content.decode()


def test_an_account_subscribes_its_address(member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    assert f"Subscribe {member.email}" in client.get(ACCOUNT).content.decode()
    assert client.post(ACCOUNT)["Location"] == ACCOUNT
    assert Subscriber.objects.get().user == member
    assert f"Subscribe {member.email}" not in client.get(ACCOUNT).content.decode()


def test_an_account_is_its_persons_alone(client: Client) -> None:
    assert client.get(ACCOUNT).status_code == 302
    assert client.post(ACCOUNT).status_code == 302
    assert not Subscriber.objects.exists()


def test_an_account_is_not_deleted_by_its_list(member: User, as_user: SignedIn) -> None:
    assert as_user(member).delete(ACCOUNT).status_code == 405


def test_every_address_is_where_the_mails_say() -> None:
    subscriber = SubscriberFactory()
    assert reverse("status_subscriptions:manage", args=[subscriber.token]) == page(subscriber)
    assert reverse("status_subscriptions:confirm", args=[subscriber.confirmation]) == confirmation(subscriber)
