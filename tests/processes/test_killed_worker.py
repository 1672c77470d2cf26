"""DESIGN's promise about delivery, on a real worker that is killed in the middle."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from notifications import claims, nudge
from notifications.models import Delivery
from status import incidents
from status.changes import By
from status.constants import ComponentStatus
from status.incidents import NewIncident
from status.models import Subscriber
from tests.factories.notifications import DeliveryFactory, MessageFactory
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.mail_sink import MailSink
from tests.servers import wait_until
from tests.workers import StartCelery

COUNT = 200
KILLED_AFTER = 60
FAN_OUT_COUNT = 3_000
FAN_OUT_KILLED_AFTER = 700


def letters() -> list[Delivery]:
    """Write 200 deliveries of a kind that is all in its context, so that the worker needs nothing of the test's."""
    context = {
        "subject": "Welcome",
        "text": "Good to have you.",
        "action_label": "Open",
        "action_url": "https://x.example/",
    }
    message = MessageFactory(kind="accounts.sign_in_mail", context=context)
    deliveries: list[Delivery] = DeliveryFactory.create_batch(COUNT, message=message)
    return deliveries


def fan_out() -> set[str]:
    """Open an incident that thousands hear of; return their addresses. The worker writes the rows and sends."""
    readers = [
        SubscriberFactory.build(address=f"s{number}@people.example", owner_email=f"s{number}@people.example")
        for number in range(FAN_OUT_COUNT)
    ]
    Subscriber.objects.bulk_create(readers)
    affected = {ComponentFactory().pk: ComponentStatus.MAJOR.value}
    incidents.open_incident(by=By(), new=NewIncident("Trouble", "We look into it.", components=affected))
    return {reader.address for reader in readers}


def unsent() -> int:
    return Delivery.objects.exclude(state=Delivery.State.SENT).count()


def test_killed_worker_loses_nothing_and_repeats_at_most_one_with_its_message_id(
    start_celery: StartCelery, mail_sink: MailSink
) -> None:
    deliveries = letters()
    first = start_celery("worker", EMAIL_URL=mail_sink.url)
    _nudge()
    mail_sink.wait_for(KILLED_AFTER, seconds=60)
    first.kill()
    assert unsent() > 0
    # The time that a claim of a dead worker stays is long; the test does not wait for it.
    held = Delivery.objects.filter(state=Delivery.State.SENDING)
    held.update(claimed_at=timezone.now() - claims.STALE_AFTER - timedelta(seconds=1))
    start_celery("worker", EMAIL_URL=mail_sink.url)
    _nudge()
    wait_until(lambda: unsent() == 0, seconds=90, what="sending the rest", detail=lambda: f"{unsent()} are unsent")
    arrived = Counter(str(mail.message["Message-ID"]) for mail in mail_sink.received)
    assert set(arrived) == {f"<{delivery.mail_id}>" for delivery in deliveries}
    assert len(mail_sink.received) <= COUNT + 1


def test_worker_killed_in_mid_fan_out_loses_nothing_and_repeats_at_most_one(
    start_celery: StartCelery, mail_sink: MailSink
) -> None:
    readers = fan_out()
    first = start_celery("worker")
    _nudge("notifications.tasks.expand_audiences")
    mail_sink.wait_for(FAN_OUT_KILLED_AFTER, seconds=60)
    first.kill()
    assert unsent() > 0
    held = Delivery.objects.filter(state=Delivery.State.SENDING)
    held.update(claimed_at=timezone.now() - claims.STALE_AFTER - timedelta(seconds=1))
    start_celery("worker")
    _nudge("notifications.tasks.expand_audiences")
    _nudge()
    _nudge()  # two of its processes drain what is left
    wait_until(lambda: unsent() == 0, seconds=120, what="sending the rest", detail=lambda: f"{unsent()} are unsent")
    arrived = Counter(str(mail.message["Message-ID"]) for mail in mail_sink.received)
    assert set(arrived) == {f"<{name}>" for name in Delivery.objects.values_list("mail_id", flat=True)}
    assert Delivery.objects.count() == FAN_OUT_COUNT
    assert {mail.recipients[0] for mail in mail_sink.received} == readers
    assert len(mail_sink.received) <= FAN_OUT_COUNT + 1
    assert all(mail.message["List-Unsubscribe"] for mail in mail_sink.received)


def _nudge(task: str = "notifications.tasks.deliver_due") -> None:
    nudge.send(task)
