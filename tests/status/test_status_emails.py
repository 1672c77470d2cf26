"""What is written into the ledger of an act, for whom, and what it says."""

import itertools
import zoneinfo
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from lib import zones
from notifications import audiences as ledger_audiences
from notifications import ledger, sending
from notifications.models import Channel, Delivery, Message
from status import audiences, emails, maintenance, presenting
from status.changes import By
from status.constants import Act, ComponentStatus, Kind, Stage, Way
from status.constants import Delivery as Rhythm
from status.models import Component, ComponentMark, Incident, IncidentUpdate, Subscriber
from tests.factories.status import (
    ComponentFactory,
    EndpointFactory,
    IncidentFactory,
    MaintenanceFactory,
    RegionFactory,
    SubscriberFactory,
    UpdateFactory,
)

pytestmark = pytest.mark.django_db

Outbox = list[EmailMultiAlternatives]

UP, PARTIAL, MAJOR = ComponentStatus.OPERATIONAL, ComponentStatus.PARTIAL, ComponentStatus.MAJOR


@pytest.fixture
def api() -> Component:
    component: Component = ComponentFactory(name="API", region=RegionFactory(slug="eu", name="Europe"))
    return component


@pytest.fixture
def console() -> Component:
    component: Component = ComponentFactory(name="Console", region=RegionFactory(slug="us", name="United States"))
    return component


def opened(*components: Component, **fields: object) -> IncidentUpdate:
    """Return the first update of an incident that gives components a partial outage."""
    incident = IncidentFactory(affecting=components, **fields)
    update: IncidentUpdate = UpdateFactory(incident=incident, effects=dict.fromkeys(components, (UP, PARTIAL)))
    return update


def told(way: Channel = Channel.MAIL) -> list[str]:
    """Return who has a delivery, once for each."""
    return sorted(Delivery.objects.filter(channel=way).values_list("address", flat=True))


def mails(mailoutbox: Outbox) -> dict[str, EmailMultiAlternatives]:
    sending.run()
    return {mail.to[0]: mail for mail in mailoutbox}


# --- Who ------------------------------------------------------------------------------------------------------


def test_one_message_a_person_however_many_components(api: Component, console: Component) -> None:
    both = SubscriberFactory(wants_everything=False, components=[api, console], regions=[api.region])
    emails.tell_update(opened(api, console), act=Act.OPENED)
    assert told() == [both.address]


@pytest.mark.parametrize("way", [Way.WEBHOOK, Way.CHAT])
def test_a_room_hears_of_what_is_done_by_whoever_registered_it(operator: User, api: Component, way: Way) -> None:
    endpoint = EndpointFactory(user=operator, way=way)
    SubscriberFactory(user=operator, address=operator.email)
    emails.tell_update(opened(api), act=Act.OPENED, actor=operator)
    assert told(emails.CHANNELS[way]) == [endpoint.address]
    assert told() == []
    counted = audiences.recipients_of(component_ids=[api.pk], kind=Kind.INCIDENT, actor=operator)
    assert counted == {**dict.fromkeys(Way, 0), way: 1}


def test_chosen_components_and_regions_decide(api: Component, console: Component) -> None:
    everything = SubscriberFactory()
    chosen = SubscriberFactory(wants_everything=False, components=[api])
    region = SubscriberFactory(wants_everything=False, regions=[api.region])
    SubscriberFactory(wants_everything=False, components=[console], regions=[console.region])
    emails.tell_update(opened(api), act=Act.OPENED)
    assert told() == sorted([everything.address, chosen.address, region.address])


def test_an_act_that_names_no_component_concerns_everybody(api: Component) -> None:
    chosen = SubscriberFactory(wants_everything=False, components=[api])
    emails.tell_update(opened(), act=Act.OPENED)
    assert told() == [chosen.address]


@pytest.mark.parametrize(
    ("wishes", "kind", "hears"),
    [
        ({"wants_incidents": True, "wants_maintenance": False}, Kind.INCIDENT, True),
        ({"wants_incidents": False, "wants_maintenance": True}, Kind.INCIDENT, False),
        ({"wants_incidents": True, "wants_maintenance": False}, Kind.MAINTENANCE, False),
        ({"wants_incidents": False, "wants_maintenance": True}, Kind.MAINTENANCE, True),
    ],
)
def test_kinds_decide(api: Component, wishes: dict[str, bool], kind: Kind, *, hears: bool) -> None:
    SubscriberFactory(**wishes)
    make = IncidentFactory if kind == Kind.INCIDENT else MaintenanceFactory
    emails.tell_update(UpdateFactory(incident=make(affecting=[api])), act=Act.UPDATED)
    assert bool(told()) is hears


def test_who_follows_components_hears_of_incidents_that_change_one(api: Component, console: Component) -> None:
    follower = SubscriberFactory(
        wants_incidents=False, wants_maintenance=False, wants_components=True, wants_everything=False, components=[api]
    )
    emails.tell_update(opened(console), act=Act.OPENED)
    assert told() == []
    update = opened(api)
    emails.tell_update(update, act=Act.OPENED)
    assert told() == [follower.address]
    emails.tell_update(UpdateFactory(incident=update.incident), act=Act.UPDATED)
    assert told() == [follower.address]


@pytest.mark.parametrize("state", ["confirmed_at", "ended_at", "given_up_at"])
def test_who_is_not_active_is_not_told(api: Component, state: str) -> None:
    SubscriberFactory(**{state: None if state == "confirmed_at" else timezone.now()})
    emails.tell_update(opened(api), act=Act.OPENED)
    assert told() == []


def test_the_actor_is_not_told(api: Component, operator: User, member: User) -> None:
    SubscriberFactory(address=operator.email, user=operator)
    other = SubscriberFactory(address=member.email, user=member)
    emails.tell_update(opened(api), act=Act.OPENED, actor=operator)
    assert told() == [other.address]


def test_telling_twice_is_telling_once(api: Component) -> None:
    SubscriberFactory()
    EndpointFactory()
    update = opened(api)
    emails.tell_update(update, act=Act.OPENED)
    emails.tell_update(update, act=Act.OPENED)
    assert Delivery.objects.count() == 2


def test_ten_and_a_thousand_subscribers_cost_the_same_statements(api: Component) -> None:
    def statements() -> int:
        update = opened(api)
        with CaptureQueriesContext(connection) as captured:
            emails.tell_update(update, act=Act.OPENED)
        return len(captured)

    def subscribe(count: int, start: int) -> None:
        rhythms = itertools.cycle(Rhythm)
        Subscriber.objects.bulk_create(
            Subscriber(
                address=f"s{number}@readers.example",
                owner_email=f"s{number}@readers.example",
                delivery=next(rhythms),
                confirmed_at=timezone.now(),
            )
            for number in range(start, start + count)
        )

    EndpointFactory()
    subscribe(10, 0)
    few = statements()
    subscribe(1_000, 10)
    assert statements() == few
    assert Delivery.objects.count() == 11 + 1_011


def test_above_the_limit_a_worker_writes_the_rows(api: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "AUDIENCE_LIMIT", 2)
    for _number in range(3):
        SubscriberFactory()
    emails.tell_update(opened(api), act=Act.OPENED)
    assert told() == []
    ledger_audiences.expand_due()
    assert len(told()) == 3


# --- When -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-29T10:00:00+00:00", "2026-11-29T11:00:00+00:00"),
        ("2026-11-29T10:59:59+00:00", "2026-11-29T11:00:00+00:00"),
        ("2026-11-29T23:30:00+00:00", "2026-11-30T00:00:00+00:00"),
    ],
)
def test_hourly_news_come_at_the_next_full_hour(now: str, due: str) -> None:
    assert audiences.next_hour(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("Europe/Berlin", "2026-11-29T05:59:00+00:00", "2026-11-29T06:00:00+00:00"),
        ("Europe/Berlin", "2026-11-29T06:00:00+00:00", "2026-11-30T06:00:00+00:00"),
        ("Asia/Kolkata", "2026-11-29T05:00:00+00:00", "2026-11-30T01:30:00+00:00"),
        # The night in which clocks go forward has an hour less.
        ("Europe/Berlin", "2026-03-28T07:00:00+00:00", "2026-03-29T05:00:00+00:00"),
    ],
)
def test_daily_news_come_at_seven_in_the_readers_zone(zone: str, now: str, due: str) -> None:
    found = zones.next_at_hour(7, zoneinfo.ZoneInfo(zone), datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)


def test_batches_wait_in_the_ledger(api: Component) -> None:
    now = timezone.now()
    hourly = SubscriberFactory(delivery=Rhythm.HOURLY)
    daily = SubscriberFactory(delivery=Rhythm.DAILY, time_zone="Asia/Tokyo")
    lost = SubscriberFactory(delivery=Rhythm.DAILY, time_zone="Nowhere/AtAll")
    at_once = SubscriberFactory()
    emails.tell_update(opened(api), act=Act.OPENED)
    waits = dict(Delivery.objects.values_list("address", "not_before"))
    assert waits[at_once.address] <= timezone.now()
    assert waits[hourly.address] == audiences.next_hour(now)
    assert waits[daily.address].astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).hour == 7
    assert waits[lost.address].astimezone(UTC).hour == 7
    keys = dict(Delivery.objects.values_list("address", "digest_key"))
    assert keys == {
        at_once.address: "",
        hourly.address: "status:hourly",
        daily.address: "status:daily",
        lost.address: "status:daily",
    }


def test_an_hour_of_news_is_one_mail(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory(address="hourly@readers.example", delivery=Rhythm.HOURLY)
    for name in ("Slow logins", "No exports"):
        emails.tell_update(opened(api, name=name), act=Act.OPENED)
    assert mails(mailoutbox) == {}
    Delivery.objects.update(not_before=timezone.now())
    [mail] = mails(mailoutbox).values()
    assert "Slow logins" in mail.body
    assert "No exports" in mail.body


def test_programs_are_told_at_once_whatever_their_row_says(api: Component) -> None:
    EndpointFactory(delivery=Rhythm.AT_ONCE)
    emails.tell_update(opened(api), act=Act.OPENED)
    [delivery] = Delivery.objects.filter(channel=Channel.WEBHOOK)
    assert delivery.digest_key == ""
    assert delivery.not_before <= timezone.now()


# --- What -----------------------------------------------------------------------------------------------------


def test_an_incident_by_mail(api: Component, mailoutbox: Outbox) -> None:
    reader = SubscriberFactory()
    update = opened(api, name="Slow logins & more")
    emails.tell_update(update, act=Act.OPENED)
    mail = mails(mailoutbox)[reader.address]
    assert mail.subject == "[Harbor] Investigating: Slow logins & more"
    for words in (
        "We are **looking** into it.",
        "API (Europe): Partial outage",
        f"/status/incidents/{update.incident.public_id}/",
        f"/status/subscriptions/{reader.token}/unsubscribe/",
        f"Change what you get:\nhttp://localhost:8000/status/subscriptions/{reader.token}/",
    ):
        assert words in mail.body
    html = str(mail.alternatives[0][0])
    assert "<strong>looking</strong>" in html
    assert "Slow logins &amp; more" in html


def test_mails_of_one_incident_are_one_thread_with_one_click(api: Component, mailoutbox: Outbox) -> None:
    reader = SubscriberFactory()
    update = opened(api)
    emails.tell_update(update, act=Act.OPENED)
    emails.tell_update(UpdateFactory(incident=update.incident, status=Stage.IDENTIFIED), act=Act.UPDATED)
    sending.run()
    messages = [mail.message() for mail in mailoutbox]
    assert len({message["References"] for message in messages}) == 1
    assert update.incident.public_id in messages[0]["References"]
    for message in messages:
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"/{reader.token}/unsubscribe/>" in message["List-Unsubscribe"]


def test_a_resolution_says_that_components_work_again(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    update = opened(api)
    incident = update.incident
    Incident.objects.filter(pk=incident.pk).update(status=Stage.RESOLVED, resolved_at=timezone.now())
    incident.refresh_from_db()
    done = UpdateFactory(incident=incident, body="It works again.", effects={api: (PARTIAL, UP)})
    emails.tell_update(done, act=Act.UPDATED)
    [mail] = mails(mailoutbox).values()
    assert mail.subject.startswith("[Harbor] Resolved: ")
    assert "API (Europe): Operational" in mail.body


def test_a_mail_tells_what_was_true_when_it_was_written(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    update = opened(api)
    emails.tell_update(update, act=Act.OPENED)
    update.incident.affected.update(status=MAJOR)
    [mail] = mails(mailoutbox).values()
    assert "API (Europe): Partial outage" in mail.body


def test_maintenance_is_told_in_the_readers_zone(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory(address="berlin@readers.example", time_zone="Europe/Berlin")
    SubscriberFactory(address="tokyo@readers.example", time_zone="Asia/Tokyo")
    start = datetime(2027, 1, 15, 22, 0, tzinfo=UTC)
    incident = MaintenanceFactory(affecting=[api], scheduled_for=start, scheduled_until=start + timedelta(hours=2))
    emails.tell_update(UpdateFactory(incident=incident, body="We move house."), act=Act.SCHEDULED)
    found = mails(mailoutbox)
    berlin, tokyo = found["berlin@readers.example"], found["tokyo@readers.example"]
    assert "Jan. 15, 2027, 11 p.m. \N{EN DASH} Jan. 16, 2027, 1 a.m. CET (Europe/Berlin)" in berlin.body
    assert "Jan. 16, 2027, 7 a.m. \N{EN DASH} 9 a.m. JST (Asia/Tokyo)" in tokyo.body
    assert "Affected: API (Europe)" in berlin.body
    assert "Under maintenance" not in berlin.body


def test_rescheduled_maintenance_says_old_and_new_time(api: Component, operator: User, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    old = datetime(timezone.now().year + 1, 1, 14, 9, tzinfo=UTC)
    incident = MaintenanceFactory(affecting=[api], scheduled_for=old, scheduled_until=old + timedelta(hours=1))
    plan = maintenance.Plan(start=old + timedelta(hours=37), end=old + timedelta(hours=39))
    maintenance.reschedule(by=By(operator), public_id=incident.public_id, plan=plan, body="Later.")
    [mail] = mails(mailoutbox).values()
    assert mail.subject.startswith("[Harbor] Rescheduled: ")
    year = old.year
    assert f"New time: Jan. 15, {year}, 10 p.m. \N{EN DASH} Jan. 16, {year}, midnight UTC" in mail.body
    assert f"Old time: Jan. 14, {year}, 9 a.m. \N{EN DASH} 10 a.m. UTC" in mail.body


def test_reminders_are_sent_once_for_each_plan(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    incident = MaintenanceFactory(name="Moving house", affecting=[api])
    UpdateFactory(incident=incident)
    emails.tell_reminder(incident, minutes=60)
    emails.tell_reminder(incident, minutes=60)
    [mail] = mails(mailoutbox).values()
    assert mail.subject == "[Harbor] Begins in 1 hour: Moving house"
    incident.sequence += 1
    emails.tell_reminder(incident, minutes=60)
    assert Delivery.objects.count() == 2


def test_cancelled_maintenance_says_so(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    incident = MaintenanceFactory(affecting=[api])
    emails.tell_update(UpdateFactory(incident=incident, status=Stage.CANCELLED), act=Act.CANCELLED)
    [mail] = mails(mailoutbox).values()
    assert mail.subject.startswith("[Harbor] Cancelled: ")


def marked(component: Component, status: str) -> ComponentMark:
    return ComponentMark.objects.create(component=component, status=status)


def test_a_component_that_was_set_is_told_to_who_follows_components(api: Component, mailoutbox: Outbox) -> None:
    follower = SubscriberFactory(wants_components=True)
    SubscriberFactory()
    emails.tell_component(api, old=UP, new=MAJOR, mark=marked(api, MAJOR))
    assert told() == [follower.address]
    [mail] = mails(mailoutbox).values()
    assert mail.subject == "[Harbor] API (Europe): Major outage"
    assert "API (Europe): Operational → Major outage" in mail.body


def test_nothing_is_told_when_nothing_changed(api: Component) -> None:
    SubscriberFactory(wants_components=True)
    emails.tell_component(api, old=MAJOR, new=MAJOR, mark=marked(api, MAJOR))
    assert not Message.objects.exists()


def test_several_components_set_in_one_act_are_one_mail(api: Component, console: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory(wants_components=True)
    EndpointFactory(wants_components=True)
    changes = [emails.Change(one, UP, MAJOR, marked(one, MAJOR)) for one in (api, console)]
    emails.tell_components(changes)
    assert Counter(Delivery.objects.values_list("channel", flat=True)) == {Channel.MAIL: 1, Channel.WEBHOOK: 2}
    Delivery.objects.filter(channel=Channel.WEBHOOK).delete()
    [mail] = mails(mailoutbox).values()
    assert mail.subject == "[Harbor] 2 components changed status"


# --- Just before sending ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"ended_at": timezone.now}, {"given_up_at": timezone.now}, {"wants_incidents": lambda: False}],
    ids=["ended", "given up", "wants it no more"],
)
def test_who_wants_it_no_more_gets_nothing(api: Component, mailoutbox: Outbox, change: Mapping[str, object]) -> None:
    reader = SubscriberFactory()
    other = SubscriberFactory()
    emails.tell_update(opened(api), act=Act.OPENED)
    Subscriber.objects.filter(pk=reader.pk).update(**{name: make() for name, make in change.items()})  # type: ignore[operator]
    assert set(mails(mailoutbox)) == {other.address}


def test_nothing_is_sent_of_an_incident_that_is_public_no_more(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    update = opened(api)
    emails.tell_update(update, act=Act.OPENED)
    Incident.objects.filter(pk=update.incident_id).update(published_at=None)
    assert mails(mailoutbox) == {}


# --- What an operator sees beforehand -----------------------------------------------------------------------------


def test_how_many_would_be_told_by_way(api: Component, console: Component, operator: User) -> None:
    SubscriberFactory()
    SubscriberFactory(wants_everything=False, components=[console])
    SubscriberFactory(wants_incidents=False, wants_maintenance=False, wants_components=True)
    SubscriberFactory(address=operator.email, user=operator)
    EndpointFactory()
    EndpointFactory(way=Way.CHAT)
    numbers = audiences.recipients_of(component_ids=[api.pk], kind=Kind.INCIDENT, actor=operator)
    assert numbers == {Way.MAIL: 2, Way.WEBHOOK: 1, Way.CHAT: 1}
    numbers = audiences.recipients_of(component_ids=[api.pk], changed_ids=[], kind=Kind.INCIDENT)
    assert numbers == {Way.MAIL: 2, Way.WEBHOOK: 1, Way.CHAT: 1}


def test_the_number_is_one_of_two_statements(api: Component, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        audiences.recipients_of(component_ids=[api.pk], kind=Kind.INCIDENT)


def test_the_preview_is_what_is_sent(api: Component, mailoutbox: Outbox) -> None:
    SubscriberFactory()
    shown = emails.preview(
        act=Act.OPENED,
        kind=Kind.INCIDENT,
        name="Slow logins",
        status=Stage.INVESTIGATING,
        body="We are **looking** into it.",
        components={api.pk: PARTIAL},
    )
    assert not Message.objects.exists()
    emails.tell_update(opened(api, name="Slow logins"), act=Act.OPENED)
    [mail] = mails(mailoutbox).values()
    assert shown.subject == mail.subject
    said, sent = (text.split("Follow it here:")[0] for text in (shown.text, mail.body))
    assert said == sent
    assert "<strong>looking</strong>" in shown.html


def test_the_preview_of_a_maintenance_names_its_time(api: Component) -> None:
    start = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)
    shown = emails.preview(
        act=Act.SCHEDULED,
        kind=Kind.MAINTENANCE,
        name="Moving house",
        status=Stage.SCHEDULED,
        body="We move.",
        components={api.pk: ComponentStatus.MAINTENANCE},
        plan=presenting.Plan(start, start + timedelta(hours=1)),
    )
    assert shown.subject == "[Harbor] Scheduled: Moving house, Jan. 15, 2027, 9 a.m. \N{EN DASH} 10 a.m. UTC"
    assert "Affected: API (Europe)" in shown.text
