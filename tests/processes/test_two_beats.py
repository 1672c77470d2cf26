"""Beat started twice by mistake: what it sets off happens once."""

from datetime import timedelta

from django.utils import timezone

from notifications.models import Delivery
from status import maintenance
from status.changes import By
from status.constants import Stage
from status.maintenance import NewMaintenance, Plan
from tests.factories.status import ComponentFactory, SubscriberFactory
from tests.mail_sink import MailSink
from tests.servers import wait_until
from tests.workers import StartCelery

# Longer than the schedule's interval.
A_ROUND = timedelta(seconds=18)


def test_maintenance_that_is_due_begins_once_and_is_told_once(start_celery: StartCelery, mail_sink: MailSink) -> None:
    readers = [SubscriberFactory().address for _number in range(3)]
    start = timezone.now() - timedelta(seconds=1)
    plan = Plan(start=start, end=start + timedelta(hours=1))
    new = NewMaintenance("Upgrade", "We upgrade.", plan, [ComponentFactory().pk], deliver=False)
    incident = maintenance.schedule(by=By(), new=new)
    start_celery("worker")
    for _number in range(2):
        start_celery("beat")

    def is_told() -> bool:
        incident.refresh_from_db()
        return incident.status == Stage.IN_PROGRESS and len(mail_sink.received) >= len(readers)

    wait_until(is_told, seconds=120, what="the start of the maintenance and its mails")
    told = timezone.now()
    wait_until(lambda: timezone.now() > told + A_ROUND, seconds=60, what="another round of both beats")
    assert incident.updates.count() == 2
    assert sorted(Delivery.objects.values_list("address", flat=True)) == sorted(readers)
    assert sorted(mail.recipients[0] for mail in mail_sink.received) == sorted(readers)
