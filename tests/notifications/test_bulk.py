"""Shared mails: rendered once, sent by the hundred, each with its recipient's own links."""

import email
import email.policy
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from notifications import bulk, claims, links, mime, outcomes, sending, shared
from notifications.handovers import Handovers
from notifications.kinds import Kind
from notifications.ledger import To, post
from notifications.links import Links
from notifications.models import Channel, Delivery, Handover, OptOut, SharedBody
from notifications.moulds import Mould
from notifications.transports import MailTransport
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.notifications import registered, templates, toy
from tests.mail_sink import MailSink

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/delivery/"
TEMPLATES = {
    "emails/toy/shared.subject.txt": "Störung: {{ thing }}",
    "emails/toy/shared.txt": (
        "{{ thing }} at {{ moment|date:'H:i' }}\n\nStop: {{ unsubscribe_url }}\nMore: {{ preferences_url }}\n"
    ),
    "emails/toy/shared.html": '<p>{{ thing }}</p><a href="{{ unsubscribe_url }}">stop</a> {{ preferences_url }}',
}
RENDERED: list[str] = []


def present(recipient, context):
    RENDERED.append(recipient.address)
    return {**context, "moment": datetime.fromisoformat(context["moment"])}


def shared_kind(**options) -> Kind:
    options.setdefault("unsubscribe_url", lambda who, context: f"https://status.example/out/{who.reference}/?a=1&b=2")
    options.setdefault("manage_url", lambda who, context: f"https://status.example/me/{who.reference}/")
    return toy("toy.shared", is_shared=True, present=present, **options)


@pytest.fixture
def kind() -> Iterator[Kind]:
    RENDERED.clear()
    found = shared_kind()
    with registered(found), templates(TEMPLATES):
        yield found


def tell(*recipients: To, event: str = "shared:1", thing: str = "the release", **options) -> None:
    context = {"thing": thing, "moment": "2026-11-29T12:00:00+00:00"}
    post(kind="toy.shared", event=event, recipients=recipients, context=context, **options)


def subscriber(number: int, **options) -> To:
    return To(address=f"s{number}@people.example", reference=f"token-{number}", **options)


@pytest.fixture
def sink(mail_sink: MailSink, settings) -> MailSink:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = urlsplit(mail_sink.url).hostname, mail_sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return mail_sink


@pytest.mark.usefixtures("kind")
class TestWords:
    def test_each_has_their_own_links(self, sink: MailSink):
        tell(subscriber(1), subscriber(2))
        assert sending.run() == 2
        for number in (1, 2):
            (received,) = sink.to(f"s{number}@people.example")
            link = f"https://status.example/out/token-{number}/?a=1&b=2"
            assert received.message["List-Unsubscribe"] == f"<{link}>"
            assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert f"Stop: {link}\nMore: https://status.example/me/token-{number}/" in received.text.replace(
                "\r\n", "\n"
            )
            assert f'href="https://status.example/out/token-{number}/?a=1&amp;b=2"' in received.html
            assert received.subject == "Störung: the release"

    def test_words_are_rendered_and_kept_once_for_all_who_share_them(self):
        tell(*(subscriber(number) for number in range(30)))
        sending.run()
        assert RENDERED == [""]
        assert SharedBody.objects.count() == 1
        assert set(Delivery.objects.values_list("text", "html", "subject")) == {("", "", "Störung: the release")}

    def test_each_language_and_zone_has_its_words(self):
        tell(
            subscriber(1, language="en", time_zone="Europe/Berlin"),
            subscriber(2, language="en", time_zone="Asia/Tokyo"),
            subscriber(4, language="xx", time_zone="No/Where"),
        )
        sending.run()
        told = {message.to[0][:2]: message.body.splitlines()[0] for message in mail.outbox}
        assert (told["s1"], told["s2"], told["s4"]) == (
            "the release at 13:00",
            "the release at 21:00",
            "the release at 12:00",
        )
        assert SharedBody.objects.count() == 3

    def test_user_reads_their_own_language_and_zone(self):
        tell(To(user=UserFactory(time_zone="Asia/Tokyo")))
        sending.run()
        assert mail.outbox[0].body.startswith("the release at 21:00")

    def test_manager_sees_what_each_was_sent(self, as_user: SignedIn, manager: User):
        tell(subscriber(1), subscriber(2))
        sending.run()
        delivery = Delivery.objects.get(reference="token-2")
        page = as_user(manager).get(f"{LIST}{delivery.pk}/change/").text
        assert "https://status.example/out/token-2/?a=1&amp;b=2" in page
        assert "token-1" not in page
        assert "token-2/?a=1&amp;b=2" in as_user(manager).get(f"{LIST}{delivery.pk}/body/").text

    def test_person_sees_what_they_were_sent(self, as_user: SignedIn, member: User):
        tell(To(user=member, reference="mine"))
        sending.run()
        delivery = Delivery.objects.get()
        client = as_user(member)
        assert "https://status.example/me/mine/" in client.get(f"/account/notifications/{delivery.pk}/").text
        assert "out/mine/" in client.get(f"/account/notifications/{delivery.pk}/body/").text

    def test_mark_in_what_somebody_wrote_is_no_link(self):
        tell(subscriber(1), thing="unsubscribe manage {{ unsubscribe_url }}")
        sending.run()
        assert mail.outbox[0].body.startswith("unsubscribe manage {{ unsubscribe_url }} at")

    @pytest.mark.parametrize(
        "link", ["javascript:x", "https://x.example/a b", "https://x.example/>", "https://é.example"]
    )
    def test_link_that_no_mail_can_hold_is_not_sent(self, link):
        broken = toy("toy.broken", is_shared=True, unsubscribe_url=lambda who, context: link)
        with registered(broken), pytest.raises(ValueError, match="cannot hold"):
            links.of(broken, Delivery(message=SharedBodyless("toy.broken"), address="a@x.example"))

    def test_shared_and_secret_at_once_is_refused(self):
        with pytest.raises(ValueError, match="secret"):
            toy("toy.both", is_shared=True, is_secret=True)


def SharedBodyless(kind_name):  # noqa: N802 - made like a model
    from notifications.models import Message

    return Message(kind=kind_name, context={})


@pytest.mark.usefixtures("kind")
class TestAsking:
    def test_whole_batch_is_asked_at_once(self, kind: Kind):
        asked = []

        def may(recipients, context):
            asked.append(len(recipients))
            return {recipient for recipient in recipients if recipient.reference != "token-3"}

        from notifications import kinds

        kinds._kinds["toy.shared"] = shared_kind(may_receive_many=may)
        tell(*(subscriber(number) for number in range(10)))
        sending.run()
        assert asked == [10]
        dropped = Delivery.objects.get(reference="token-3")
        assert (dropped.state, dropped.last_error) == (Delivery.State.DROPPED, outcomes.MAY_NOT_SEE)
        assert len(mail.outbox) == 9

    def test_number_of_queries_does_not_grow_with_recipients(self):
        counts = []
        for size in (2, 90):
            tell(*(subscriber(number) for number in range(size)), event=f"shared:{size}")
            with CaptureQueriesContext(connection) as asked:
                assert sending.run() == size
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_opted_out_and_closed_get_nothing(self):
        from notifications import kinds

        kinds._kinds["toy.shared"] = shared_kind(category="status")
        opted_out, closed, fine = UserFactory(), UserFactory(is_active=False), UserFactory()
        tell(To(user=opted_out), To(user=fine), subscriber(1), subscriber(2))
        Delivery.objects.filter(user=fine).update(user=closed, address=closed.email)
        OptOut.objects.create(category="status", user=opted_out)
        OptOut.objects.create(category="status", address="s1@people.example")
        OptOut.objects.create(category="other", address="s2@people.example")
        sending.run()
        assert [message.to for message in mail.outbox] == [["s2@people.example"]]
        assert Counter(Delivery.objects.values_list("last_error", flat=True)) == {
            outcomes.OPTED_OUT: 2,
            outcomes.SIGN_IN_IS_OFF: 1,
            "": 1,
        }


@pytest.mark.usefixtures("kind")
class TestSending:
    def test_urgent_mail_does_not_wait_for_a_fan_out(self, monkeypatch):
        monkeypatch.setattr(bulk, "FIRST_BATCH", 25)
        tell(*(subscriber(number) for number in range(60)))
        worker = sending.Worker()
        worker.bulk.limit = 25
        worker.deliver(worker.take())
        with registered(toy("toy.urgent")), templates({
            "emails/toy/urgent.subject.txt": "Now", "emails/toy/urgent.txt": "Now", "emails/toy/urgent.html": "Now"
        }):  # fmt: skip
            post(kind="toy.urgent", event="u", recipients=[To(address="now@x.example")], context={})
            worker.deliver(worker.take())
        assert mail.outbox[-1].to == ["now@x.example"]
        assert Delivery.objects.filter(state="pending").count() == 35

    def test_everything_is_recorded(self):
        tell(*(subscriber(number) for number in range(5)))
        sending.run()
        assert set(Delivery.objects.values_list("state", "attempts", "claim", "last_error")) == {("sent", 1, "", "")}
        assert not Delivery.objects.filter(sent_at=None).exists()
        assert not Handover.objects.exists()

    def test_refused_one_holds_up_nobody_and_is_tried_again(self, sink: MailSink):
        tell(*(subscriber(number) for number in range(4)))
        sink.refuse("451 not now", "554 never")
        sending.run()
        assert len(sink.received) == 2
        assert Counter(Delivery.objects.values_list("state", "last_error")) == {
            ("pending", "451 not now"): 1,
            ("failed", "554 never"): 1,
            ("sent", ""): 2,
        }

    def test_address_that_no_envelope_can_hold_fails_alone(self, sink: MailSink):
        tell(subscriber(1), subscriber(2), subscriber(3))
        Delivery.objects.filter(reference="token-2").update(address="a@x.example\r\nRCPT TO:<b@x.example>")
        sending.run()
        assert sorted(received.recipients[0] for received in sink.received) == [
            "s1@people.example",
            "s3@people.example",
        ]

    def test_server_that_is_away_loses_nothing(self, sink: MailSink):
        tell(*(subscriber(number) for number in range(3)))
        sink.stop()
        sending.run()
        assert sorted(Delivery.objects.values_list("state", "attempts")) == [
            ("pending", 0),
            ("pending", 0),
            ("pending", 1),
        ]
        sink.start()
        Delivery.objects.update(not_before=timezone.now())
        sending.run()
        assert len(sink.received) == 3

    def test_what_was_handed_over_before_a_kill_is_not_sent_again(self):
        tell(*(subscriber(number) for number in range(3)))
        held = claims.take_bulk(limit=10)
        body = SharedBody.objects.create(
            message=held[0].message, language="en", time_zone="UTC", mark="m", subject="Sent", text="t"
        )
        handovers = Handovers()
        handovers.record(held[0], body_id=body.pk)
        handovers.wait()
        Delivery.objects.update(claimed_at=timezone.now() - claims.STALE_AFTER - timedelta(seconds=1))
        sending.run()
        assert sorted(message.to[0] for message in mail.outbox) == [held[1].address, held[2].address]
        held[0].refresh_from_db()
        assert (held[0].state, held[0].subject) == (Delivery.State.SENT, "Sent")
        assert not Handover.objects.exists()

    def test_interrupted_run_gives_back_what_it_did_not_begin(self, monkeypatch):
        tell(*(subscriber(number) for number in range(3)))
        monkeypatch.setattr(MailTransport, "send", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            sending.run()
        assert sorted(Delivery.objects.values_list("state", "attempts")) == [
            ("pending", 0),
            ("pending", 0),
            ("sending", 1),
        ]

    def test_digest_of_shared_kinds_has_the_recipients_links(self):
        for number in range(3):
            tell(subscriber(7), event=f"shared:{number}", thing=f"thing {number}", digest_key="status")
        assert sending.run() == 3
        (message,) = mail.outbox
        assert message.extra_headers["List-Unsubscribe"] == "<https://status.example/out/token-7/?a=1&b=2>"
        assert "https://status.example/me/token-7/" in message.body
        assert all(f"thing {number} at" in message.body for number in range(3))
        assert set(Delivery.objects.values_list("state", "text")) == {("sent", "")}

    def test_erased_persons_reference_is_forgotten(self, administrator: User):
        from accounts import erasure

        user = UserFactory()
        tell(To(user=user, reference="mine"))
        sending.run()
        erasure.erase(user=user, actor=administrator)
        forgotten = Delivery.objects.get()
        assert (forgotten.reference, forgotten.body_id) == ("", None)


def _interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt


class TestMould:
    """What is cast is what ``mime.build`` makes, for links and words of any length."""

    def both(self, text: str, html: str, link: str, *, name: str = "") -> tuple[EmailMessage, EmailMessage]:
        user = UserFactory(display_name=name, email="zoe@people.example") if name else None
        delivery = Delivery(
            message=SharedBodyless("toy.shared"), user=user, address="zoe@people.example", mail_id="id@portal.example"
        )
        body = SharedBody(mark="0123456789abcdef" * 2, subject="Störung " * 20, text=text, html=html)
        marked = shared.marks(body)
        body.text = text.replace("LINK", marked.unsubscribe).replace("MORE", marked.manage)
        body.html = html.replace("LINK", marked.unsubscribe).replace("MORE", marked.manage)
        own = Links(unsubscribe=link, manage=link + "more")
        built = mime.build(delivery, shared.filled(body, own)).message().as_bytes(linesep="\r\n")
        raw = Mould(delivery, body).cast(delivery, own)
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")
        return tuple(email.message_from_bytes(each, policy=email.policy.default) for each in (raw, built))  # type: ignore[return-value]

    @pytest.mark.parametrize(
        "link", ["https://x.example/a?b=c&d=e", "https://x.example/" + "y=" * 190], ids=["short", "long"]
    )
    @pytest.mark.parametrize(
        "text",
        [
            "LINK\n",
            "Grüße LINK und MORE\n.\n..dots\n",
            "wörd " * 300 + "LINK MORE",
            "x" * 990 + "LINK",
            "=3D LINK=\nMORE",
        ],
        ids=["alone", "dots", "long-line", "just-too-long", "looks-quoted"],
    )
    def test_cast_is_what_would_be_built(self, text: str, link: str):
        cast, built = self.both(text, f'<p>{"ä" * 20}</p><a href="LINK">MORE</a>', link)
        for part in ("plain", "html"):
            parts = [message.get_body((part,)) for message in (cast, built)]
            assert [part and part.get_content() for part in parts[:1]] == [
                part and part.get_content() for part in parts[1:]
            ]
            assert all(parts)
        for header in ("Subject", "From", "To", "Message-ID", "List-Unsubscribe", "Auto-Submitted", "Content-Type"):
            if header != "Content-Type":
                assert cast[header] == built[header]
            assert len(cast.get_all(header, [])) == 1
        assert cast["Date"]

    @pytest.mark.parametrize(
        "name", ["Zoë Müller", "山田 太郎", 'x" <all@evil.example>, "y', "Evil\r\nBcc: x@y.example"]
    )
    def test_name_never_changes_who_gets_it(self, name: str):
        cast, built = self.both("LINK", "", "https://x.example/", name=name)
        assert cast["To"] == built["To"]
        assert [address.addr_spec for address in cast["To"].addresses] == ["zoe@people.example"]
        assert cast["Bcc"] is None


def test_audience_yields_what_a_delivery_carries(kind: Kind, monkeypatch):
    from django.db.models import CharField, F, Value

    from notifications import audiences
    from notifications.ledger import post_to_audience

    monkeypatch.setattr(audiences, "_audiences", {})
    user = UserFactory(email="ann@people.example")
    audiences.register_audience(
        "toy.tokens",
        lambda criteria: User.objects.filter(pk=user.pk).annotate(
            token=Value("t-1", output_field=CharField()), speaks=Value("de", output_field=CharField())
        ).values_list("token", F("pk"), "speaks", "email"),
        yields=("reference", "user_id", "language", "address"),
    )  # fmt: skip
    for channel in (Channel.MAIL, Channel.WEBHOOK):
        context = {"thing": "x", "moment": "2026-11-29T12:00:00+00:00"}
        post_to_audience(
            kind="toy.shared", event=channel, audience="toy.tokens", criteria={}, context=context, channel=channel
        )
    fields = ("reference", "language", "time_zone", "is_bulk", "dedupe_key")
    assert Delivery.objects.order_by("id").values_list(*fields)[0] == (
        "t-1", "de", "", True, "mail:ann@people.example:mail",
    )  # fmt: skip
    assert Delivery.objects.order_by("id").values_list(*fields)[1] == (
        "t-1", "de", "", False, "webhook:ann@people.example#t-1:webhook",
    )  # fmt: skip
    assert json.dumps(list(Delivery.objects.values_list("mail_id", flat=True))).count("msg_") == 1


@pytest.mark.parametrize("yields", [("address",), ("user_id", "address", "colour"), ("user_id", "address", "address")])
def test_audience_that_yields_the_unknown_is_refused(yields):
    from notifications import audiences

    with pytest.raises(ValueError, match="yields"):
        audiences.register_audience("toy.wrong", lambda criteria: None, yields=yields)
