"""Mail on real servers: the ledger in PostgreSQL, the nudge through Redis, a real worker, a real SMTP server."""

from accounts import contacts
from accounts.models import Account, User
from notifications.models import Delivery
from tests.mail_sink import MailSink
from tests.servers import ThrowawayRedis, wait_until
from tests.workers import StartCelery

INVITED = "newcomer@acme.example"


def state() -> str:
    return Delivery.objects.get(address=INVITED).state


def test_a_real_worker_mails_what_is_in_the_ledger(
    start_celery: StartCelery, mail_sink: MailSink, acme: Account, csm: User
) -> None:
    start_celery("worker")
    contacts.add_by_email(account=acme, email=INVITED, actor=csm)
    (mail,) = mail_sink.wait_for(1, address=INVITED)
    assert acme.name in mail.subject
    assert mail.message["Message-ID"]
    wait_until(lambda: state() == Delivery.State.SENT, seconds=10, what="the ledger's record")


def test_a_mail_whose_nudge_was_lost_goes_out_once_redis_is_back(
    start_celery: StartCelery, throwaway_redis: ThrowawayRedis, mail_sink: MailSink, acme: Account, csm: User
) -> None:
    throwaway_redis.stop()
    contacts.add_by_email(account=acme, email=INVITED, actor=csm)
    assert state() == Delivery.State.PENDING
    throwaway_redis.start()
    start_celery("worker")
    start_celery("beat")
    mail_sink.wait_for(1, address=INVITED, seconds=60)
