"""Against a real SMTP server."""

import smtplib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from notifications import sending, transports
from notifications.models import Delivery
from tests.factories.notifications import DeliveryFactory
from tests.mail_sink import MailSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy_kind")]


@pytest.fixture
def sink(mail_sink: MailSink, settings) -> MailSink:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = urlsplit(mail_sink.url).hostname, mail_sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return mail_sink


def due_again() -> None:
    Delivery.objects.filter(state="pending").update(not_before=timezone.now() - timedelta(seconds=1))


def test_mail_arrives_as_text_and_html(sink):
    delivery = DeliveryFactory()
    sending.run()
    (received,) = sink.received
    assert received.recipients == [delivery.address]
    assert received.subject == "News of the release"
    assert "the release & more." in received.text
    assert "<p>the release</p>" in received.html


def test_temporary_refusal_is_repeated_with_the_same_message_id(sink):
    delivery = DeliveryFactory()
    sink.refuse("451 try later")
    sending.run()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (Delivery.State.PENDING, "451 try later")
    due_again()
    sending.run()
    assert [received.message["Message-ID"] for received in sink.received] == [f"<{delivery.mail_id}>"]


def test_permanent_refusal_fails_at_once_and_the_next_goes_out(sink):
    refused, fine = DeliveryFactory.create_batch(2)
    sink.refuse("554 we do not want it")
    sending.run()
    refused.refresh_from_db()
    fine.refresh_from_db()
    assert (refused.state, refused.last_error) == (Delivery.State.FAILED, "554 we do not want it")
    assert fine.state == Delivery.State.SENT


def test_server_that_is_away_loses_nothing(sink):
    delivery = DeliveryFactory()
    sink.stop()
    sending.run()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.PENDING
    assert "mail server cannot be used" in delivery.last_error
    sink.start()
    due_again()
    sending.run()
    assert len(sink.received) == 1


def test_connection_that_broke_between_two_mails_is_opened_again(sink):
    worker = sending.Worker()
    DeliveryFactory()
    worker.deliver(worker.take())
    sink.stop()
    sink.start()
    late = DeliveryFactory()
    worker.deliver(worker.take())
    worker.mail.close()
    late.refresh_from_db()
    assert (late.state, late.attempts) == (Delivery.State.SENT, 1)
    assert len(sink.received) == 2


def test_session_that_the_server_ends_is_followed_by_another(sink):
    DeliveryFactory.create_batch(2)
    worker = sending.Worker()
    batch = worker.take()
    sink.received.clear()
    worker.deliver(batch[:1])
    sink.refuse("421 enough for one session")
    Delivery.objects.filter(pk=batch[1].pk).update(state="pending", claim="", claimed_at=None)
    worker.deliver(worker.take())
    worker.mail.close()
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len(sink.received) == 2


class Scripted:
    """A server that lets envelopes be told in one go, and answers what it is told to."""

    does_esmtp = True

    def __init__(self, *replies: int) -> None:
        self.replies = list(replies)
        self.said: list[str] = []

    def has_extn(self, name: str) -> bool:
        return name == "pipelining"

    def send(self, text: str) -> None:
        self.said.append(text)

    def getreply(self) -> tuple[int, bytes]:
        return self.replies.pop(0), b"so"

    def docmd(self, command: str) -> tuple[int, bytes]:
        self.said.append(command)
        return self.getreply()


LETTER = transports.Letter("us@x.example", ["you@x.example"], b"Subject: x\r\n\r\nx\r\n")
ENVELOPE = "MAIL FROM:<us@x.example>\r\nRCPT TO:<you@x.example>\r\nDATA\r\n"


def test_envelope_goes_in_one_go_where_the_server_lets_it() -> None:
    server: Any = Scripted(250, 250, 354)
    transports._open(server, LETTER)
    assert server.said == [ENVELOPE]


@pytest.mark.parametrize(
    ("replies", "refusal", "said"),
    [
        ((250, 550, 354, 554), smtplib.SMTPRecipientsRefused, [ENVELOPE, "."]),
        ((250, 550, 503), smtplib.SMTPRecipientsRefused, [ENVELOPE]),
        ((530, 503, 503), smtplib.SMTPSenderRefused, [ENVELOPE]),
        ((250, 250, 451), smtplib.SMTPDataError, [ENVELOPE]),
        ((250, 421, 421), smtplib.SMTPResponseException, [ENVELOPE]),
    ],
)
def test_refused_envelope_leaves_no_mail_behind(
    replies: tuple[int, ...], refusal: type[Exception], said: list[str]
) -> None:
    server: Any = Scripted(*replies)
    with pytest.raises(refusal):
        transports._open(server, LETTER)
    assert (server.said, server.replies) == (said, [])


def test_address_with_more_than_plain_characters_is_told_by_smtplib() -> None:
    assert not transports._PLAIN_ADDRESS.match("a@x.example>\r\nRCPT TO:<b@x.example")
    assert not transports._PLAIN_ADDRESS.match("a@x.example\n")
