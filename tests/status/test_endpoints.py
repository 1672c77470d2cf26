"""Webhooks and chat rooms: what they are sent, how it is signed, and what follows when they do not take it."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import User
from notifications import sending
from notifications.models import Channel, Delivery
from status import emails, endpoints, payloads, subscribing
from status.constants import Act, ComponentStatus, Stage, Way
from status.errors import StatusError, TooMany
from status.models import Component, ComponentMark, Incident, Subscriber
from status.snapshot import api as read_api
from status.subscribing import SignUp
from tests.factories.status import (
    ComponentFactory,
    EndpointFactory,
    IncidentFactory,
    MaintenanceFactory,
    RegionFactory,
    SubscriberFactory,
    UpdateFactory,
)
from tests.lib.test_outbound import Endpoint, endpoint

__all__ = ["endpoint"]

pytestmark = pytest.mark.django_db

UP, PARTIAL = ComponentStatus.OPERATIONAL, ComponentStatus.PARTIAL
Outbox = list[EmailMultiAlternatives]
Json = dict[str, Any]


@pytest.fixture
def local(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]


@pytest.fixture
def component() -> Component:
    made: Component = ComponentFactory(name="API", status=PARTIAL, region=RegionFactory(slug="eu", name="Europe"))
    return made


def tell(component: Component, **fields: Any) -> Incident:
    incident: Incident = IncidentFactory(affecting=[component], **fields)
    emails.tell_update(UpdateFactory(incident=incident, effects={component: (UP, PARTIAL)}), act=Act.OPENED)
    sending.run()
    return incident


def body_of(endpoint: Endpoint) -> Json:
    _path, _headers, body = endpoint.received[-1]
    found: Json = json.loads(body)
    return found


# --- What is sent -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("local")
def test_the_published_library_verifies_a_delivery(endpoint: Endpoint, component: Component) -> None:
    subscriber = EndpointFactory(address=endpoint.url)
    incident = tell(component)
    ((_path, headers, body),) = endpoint.received
    told = Webhook(subscriber.secret).verify(body, headers)
    assert told["incident"]["id"] == incident.public_id
    with pytest.raises(WebhookVerificationError):
        Webhook(subscriber.secret).verify(body.replace(b"investigating", b"resolved"), headers)


@pytest.mark.usefixtures("local")
def test_an_incident_has_statuspages_shape(endpoint: Endpoint, component: Component) -> None:
    subscriber = EndpointFactory(address=endpoint.url)
    incident = tell(component, name="No exports")
    told = body_of(endpoint)
    assert set(told) == {"meta", "page", "incident"}
    assert set(told["meta"]) == {"unsubscribe", "documentation", "generated_at"}
    assert told["meta"]["unsubscribe"].endswith(f"/status/subscriptions/{subscriber.token}/unsubscribe/")
    assert told["page"] == {
        "id": read_api.page_id(),
        "status_indicator": "major",
        "status_description": "Partial System Outage",
    }
    shown = told["incident"]
    assert (shown["name"], shown["status"], shown["impact"]) == ("No exports", "investigating", "major")
    assert shown["shortlink"].endswith(f"/status/incidents/{incident.public_id}/")
    assert shown["backfilled"] is False
    assert shown["resolved_at"] is None
    [update] = shown["incident_updates"]
    assert update["incident_id"] == incident.public_id
    assert update["affected_components"] == [
        {"code": component.public_id, "name": "API", "old_status": UP.value, "new_status": PARTIAL.value}
    ]
    assert [one["id"] for one in shown["components"]] == [component.public_id]


@pytest.mark.usefixtures("local")
def test_a_late_delivery_tells_what_was_said_then(endpoint: Endpoint, component: Component) -> None:
    EndpointFactory(address=endpoint.url)
    incident = IncidentFactory(affecting=[component])
    emails.tell_update(UpdateFactory(incident=incident), act=Act.OPENED)
    Incident.objects.filter(pk=incident.pk).update(
        status=Stage.RESOLVED, resolved_at=timezone.now() + timedelta(minutes=1)
    )
    UpdateFactory(incident=incident, status=Stage.RESOLVED, created_at=timezone.now() + timedelta(minutes=1))
    sending.run()
    shown = body_of(endpoint)["incident"]
    assert (shown["status"], shown["resolved_at"]) == ("investigating", None)
    assert [update["status"] for update in shown["incident_updates"]] == ["investigating"]


@pytest.mark.usefixtures("local")
def test_a_maintenance_has_its_plan(endpoint: Endpoint, component: Component) -> None:
    EndpointFactory(address=endpoint.url)
    start = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)
    incident = MaintenanceFactory(affecting=[component], scheduled_for=start, reminders=[60])
    emails.tell_update(UpdateFactory(incident=incident), act=Act.SCHEDULED)
    sending.run()
    shown = body_of(endpoint)["incident"]
    assert (shown["scheduled_for"], shown["scheduled_until"]) == (
        "2027-01-15T09:00:00.000Z",
        "2027-01-15T11:00:00.000Z",
    )
    assert (shown["impact"], shown["scheduled_remind_prior"]) == ("maintenance", True)


@pytest.mark.usefixtures("local")
def test_a_component_has_statuspages_shape(endpoint: Endpoint, component: Component) -> None:
    EndpointFactory(address=endpoint.url, wants_components=True)
    mark = ComponentMark.objects.create(component=component, status=PARTIAL)
    emails.tell_component(component, old=UP, new=PARTIAL, mark=mark)
    sending.run()
    told = body_of(endpoint)
    assert set(told) == {"meta", "page", "component_update", "component"}
    changed = told["component_update"]
    assert changed == {
        "created_at": read_api.moment(mark.at),
        "old_status": "operational",
        "new_status": "partial_outage",
        "id": changed["id"],
        "component_id": component.public_id,
    }
    assert len(changed["id"]) == 12
    assert (told["component"]["name"], told["component"]["status"]) == ("API", "partial_outage")


@pytest.mark.usefixtures("local")
def test_two_owners_of_one_endpoint_each_have_their_signature(endpoint: Endpoint, component: Component) -> None:
    subscribers = [EndpointFactory(address=endpoint.url), EndpointFactory(address=endpoint.url)]
    tell(component)
    verified = set()
    for _path, headers, body in endpoint.received:
        for subscriber in subscribers:
            try:
                Webhook(subscriber.secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            verified.add(subscriber.pk)
    assert verified == {subscriber.pk for subscriber in subscribers}


@pytest.mark.usefixtures("local")
def test_a_chat_room_gets_slacks_shape(endpoint: Endpoint, component: Component) -> None:
    EndpointFactory(address=endpoint.url, way=Way.CHAT, secret="")
    incident = tell(component, name="No exports <!channel> & more")
    told = body_of(endpoint)
    assert told["text"].startswith("Investigating: No exports &lt;!channel&gt; &amp; more ")
    kinds = [block["type"] for block in told["blocks"]]
    assert kinds == ["header", "section", "section", "section"]
    said = [block["text"]["text"] for block in told["blocks"]]
    assert said[1] == "We are looking into it."
    assert said[2] == "API (Europe): *Partial outage*"
    assert incident.public_id in said[3]
    assert "webhook-signature" not in endpoint.received[0][1]


def test_a_long_text_fits_what_slack_takes() -> None:
    shown = {"what": "Investigating", "title": "x" * 200, "body": "<" * 5_000, "when": "", "shows_statuses": False}
    message = payloads.chat_message({**shown, "told": [], "names": "", "url": "https://status.example/"})
    assert all(len(block["text"]["text"]) <= 3_000 for block in message["blocks"])
    assert len(message["blocks"][0]["text"]["text"]) <= 150


@pytest.mark.parametrize("call", ["@channel", "@here", "@all", "@Everyone", "(@all)", "_@here_"])
def test_no_text_calls_a_whole_room(call: str) -> None:
    shown = {"what": "Investigating", "title": call, "body": f"{call} help", "when": "", "shows_statuses": False}
    message = payloads.chat_message({**shown, "told": [], "names": call, "url": "https://status.example/"})
    texts = [message["text"], *(block["text"]["text"] for block in message["blocks"])]
    assert not [text for text in texts if call.strip("()_") in text]
    assert [text.replace("\u200b", "") for text in texts[:2]] == [
        f"Investigating: {call} https://status.example/",
        f"Investigating: {call}",
    ]


def test_an_address_in_a_chat_rooms_text_stays_as_it_is() -> None:
    shown = {"what": "News", "title": "x", "body": "Ask help@all.example or @allison.", "when": "", "names": ""}
    message = payloads.chat_message({**shown, "shows_statuses": False, "told": [], "url": "https://status.example/"})
    assert message["blocks"][1]["text"]["text"] == "Ask help@all.example or @allison."


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("way", [Way.WEBHOOK, Way.CHAT])
def test_an_endpoint_outlives_its_owners_sign_in_and_not_its_subscription(
    endpoint: Endpoint, component: Component, engineer: User, way: Way
) -> None:
    subscriber = EndpointFactory(address=endpoint.url, way=way, user=engineer)
    engineer.is_active = False
    engineer.save()
    tell(component)
    assert len(endpoint.received) == 1
    subscribing.end(subscriber_id=subscriber.pk)
    tell(component)
    assert len(endpoint.received) == 1


# --- When it is not taken -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_answer_is_a_failure_and_tried_again(endpoint: Endpoint, component: Component, status: int) -> None:
    EndpointFactory(address=endpoint.url)
    endpoint.status, endpoint.location = status, "http://localhost/elsewhere"
    tell(component)
    [delivery] = Delivery.objects.filter(channel=Channel.WEBHOOK)
    assert delivery.state == Delivery.State.PENDING
    assert delivery.not_before > timezone.now()
    assert len(endpoint.received) == 1


def run_out(endpoint: Endpoint) -> None:
    """Let what waits fail until it is given up."""
    endpoint.status = 500
    for _attempt in range(40):
        Delivery.objects.filter(channel=Channel.WEBHOOK).update(not_before=timezone.now())
        sending.run()


@pytest.mark.usefixtures("local")
def test_an_endpoint_that_is_given_up_is_switched_off_and_its_owner_told_once(
    endpoint: Endpoint, component: Component, mailoutbox: Outbox
) -> None:
    subscriber = EndpointFactory(address=endpoint.url, owner_email="owner@readers.example")
    for _number in range(2):
        emails.tell_update(UpdateFactory(incident=IncidentFactory(affecting=[component])), act=Act.OPENED)
    run_out(endpoint)
    subscriber.refresh_from_db()
    assert subscriber.given_up_at is not None
    [mail] = mailoutbox
    assert mail.to == ["owner@readers.example"]
    assert mail.subject == "Your endpoint no longer hears of the system status of Harbor"
    assert f"/status/subscriptions/{subscriber.token}/" in mail.body
    emails.tell_update(UpdateFactory(incident=IncidentFactory(affecting=[component])), act=Act.OPENED)
    assert Delivery.objects.filter(channel=Channel.WEBHOOK).count() == 2


@pytest.mark.usefixtures("local")
def test_an_endpoint_that_is_gone_is_given_up_at_once(endpoint: Endpoint, component: Component) -> None:
    subscriber = EndpointFactory(address=endpoint.url)
    endpoint.status = 410
    tell(component)
    subscriber.refresh_from_db()
    assert subscriber.given_up_at is not None


@pytest.mark.usefixtures("local")
def test_an_endpoint_that_works_again_is_switched_on_by_its_owner(endpoint: Endpoint, component: Component) -> None:
    subscriber = EndpointFactory(address=endpoint.url, given_up_at=timezone.now())
    tell(component)
    assert endpoint.received == []
    subscribing.take_up_again(subscriber_id=subscriber.pk)
    tell(component)
    assert len(endpoint.received) == 1


def test_a_mailbox_is_never_given_up() -> None:
    subscriber = SubscriberFactory()
    endpoints.give_up(token=subscriber.token)
    subscriber.refresh_from_db()
    assert subscriber.given_up_at is None


# --- Where it may lead --------------------------------------------------------------------------------------------


def sign_up(address: str, way: Way = Way.WEBHOOK) -> None:
    subscribing.sign_up(new=SignUp(way=way, address=address, owner_email="owner@readers.example"))


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/hook",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/hook",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "http://93.184.216.34/hook",
        "https://user:secret@93.184.216.34/",
        "ftp://93.184.216.34/",
        "hook",
        "https://",
        "https://93.184.216.34:99999/",
    ],
)
@pytest.mark.parametrize("way", [Way.WEBHOOK, Way.CHAT])
def test_no_address_in_our_own_network_is_taken(address: str, way: Way) -> None:
    with pytest.raises(StatusError):
        sign_up(address, way)
    assert not Subscriber.objects.exists()


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let a name stand for one address after the other, and note where a connection is made."""

    def resolve(*answers: str) -> list[str]:
        given = iter(answers)
        real = socket.getaddrinfo
        connected: list[str] = []

        def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
            if host != "rebinding.example":
                return real(host, port, *rest, **options)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(given), port))]

        def connect(address: tuple[str, int], **_options: Any) -> Any:
            connected.append(address[0])
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", connect)
        return connected

    return resolve


def test_a_name_that_later_leads_into_our_network_is_refused_then(
    resolved: Callable[..., list[str]], component: Component
) -> None:
    connected = resolved("93.184.216.34", "169.254.169.254")
    sign_up("https://rebinding.example/hook")
    [subscriber] = Subscriber.objects.all()
    subscribing.confirm(confirmation=subscriber.confirmation)
    tell(component)
    [delivery] = Delivery.objects.filter(channel=Channel.WEBHOOK)
    assert (delivery.state, connected) == (Delivery.State.FAILED, [])
    subscriber.refresh_from_db()
    assert subscriber.given_up_at is not None


# --- Trying it out ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("local")
def test_a_test_is_signed_and_tells_no_news(endpoint: Endpoint) -> None:
    subscriber = EndpointFactory(address=endpoint.url)
    endpoints.test(subscriber_id=subscriber.pk)
    sending.run()
    ((_path, headers, body),) = endpoint.received
    told = Webhook(subscriber.secret).verify(body, headers)
    assert set(told) == {"meta"}
    assert told["meta"]["test"] is True


@pytest.mark.usefixtures("local")
def test_a_test_reaches_a_chat_room(endpoint: Endpoint) -> None:
    endpoints.test(subscriber_id=EndpointFactory(address=endpoint.url, way=Way.CHAT).pk)
    sending.run()
    assert body_of(endpoint) == {"text": "Test: the system status of Harbor will be told here."}


def test_tests_are_a_minute_apart() -> None:
    subscriber = EndpointFactory()
    endpoints.test(subscriber_id=subscriber.pk)
    with pytest.raises(TooMany):
        endpoints.test(subscriber_id=subscriber.pk)
    Subscriber.objects.update(tested_at=timezone.now() - timedelta(minutes=2))
    endpoints.test(subscriber_id=subscriber.pk)
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    "make", [SubscriberFactory, lambda: EndpointFactory(given_up_at=timezone.now())], ids=["mailbox", "switched off"]
)
def test_only_an_active_endpoint_is_tested(make: Callable[[], Subscriber]) -> None:
    with pytest.raises(StatusError):
        endpoints.test(subscriber_id=make().pk)


def test_a_fresh_secret_replaces_the_old_one(endpoint: Endpoint, component: Component, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    subscriber = EndpointFactory(address=endpoint.url)
    old = subscriber.secret
    new = endpoints.renew_secret(subscriber_id=subscriber.pk).secret
    assert new != old
    tell(component)
    ((_path, headers, body),) = endpoint.received
    Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)
