"""DESIGN's promise about delivery, on a real worker that is killed in the middle."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from notifications import claims
from notifications.models import Delivery
from tests.factories.notifications import DeliveryFactory, MessageFactory
from tests.mail_sink import MailSink
from tests.servers import wait_until
from tests.workers import StartCelery

COUNT = 200
KILLED_AFTER = 60
FAN_OUT_COUNT = 3_000
FAN_OUT_KILLED_AFTER = 700
FAN_OUT_KIND = "benchmarks.incident"


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


def fan_out() -> list[Delivery]:
    """Write thousands of deliveries whose words are shared."""
    context = {"title": "Trouble", "status": "Investigating", "body": "We look into it.", "components": ["API"]}
    message = MessageFactory(kind=FAN_OUT_KIND, context=context)
    rows = [
        DeliveryFactory.build(
            message=message, user=None, address=f"s{number}@people.example", reference=f"t{number}", is_bulk=True
        )
        for number in range(FAN_OUT_COUNT)
    ]
    deliveries: list[Delivery] = Delivery.objects.bulk_create(rows)
    return deliveries


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
    deliveries = fan_out()
    own = {"EMAIL_URL": mail_sink.url, "DJANGO_SETTINGS_MODULE": "tests.processes.fan_out_settings"}
    first = start_celery("worker", **own)
    _nudge()
    mail_sink.wait_for(FAN_OUT_KILLED_AFTER, seconds=60)
    first.kill()
    assert unsent() > 0
    held = Delivery.objects.filter(state=Delivery.State.SENDING)
    held.update(claimed_at=timezone.now() - claims.STALE_AFTER - timedelta(seconds=1))
    start_celery("worker", **own)
    _nudge()
    _nudge()  # two of its processes drain what is left
    wait_until(lambda: unsent() == 0, seconds=120, what="sending the rest", detail=lambda: f"{unsent()} are unsent")
    arrived = Counter(str(mail.message["Message-ID"]) for mail in mail_sink.received)
    assert set(arrived) == {f"<{delivery.mail_id}>" for delivery in deliveries}
    assert len(mail_sink.received) <= FAN_OUT_COUNT + 1
    assert all(mail.message["List-Unsubscribe"] for mail in mail_sink.received)


def _nudge() -> None:
    from notifications import nudge

    nudge.send("notifications.tasks.deliver_due")
