import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from notifications import claims, outcomes, sending
from notifications.ledger import To, post
from notifications.models import Channel, Delivery, Message, OptOut
from tests.factories.accounts import UserFactory
from tests.factories.notifications import DeliveryFactory, registered, templates, toy, toy_templates

pytestmark = pytest.mark.django_db


class Refusing(EmailBackend):
    """Takes every mail but those to the addresses in ``refusals``."""

    refusals: dict[str, Exception] = {}
    opened = 0

    def open(self) -> bool:
        type(self).opened += 1
        return True

    def send_messages(self, messages):
        for message in messages:
            error = self.refusals.get(message.to[0])
            if error is not None:
                raise error
        return super().send_messages(messages)


@pytest.fixture
def refusals(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.refusals = {}
    Refusing.opened = 0
    return Refusing.refusals


def refused(code, text=b"no"):
    return smtplib.SMTPRecipientsRefused({"x": (code, text)})


@pytest.mark.usefixtures("toy_kind")
class TestRun:
    def test_due_mail_is_sent_and_recorded(self):
        delivery = DeliveryFactory()
        assert sending.run() == 1
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.SENT
        assert delivery.attempts == 1
        assert delivery.sent_at is not None
        assert delivery.subject == "News of the release"
        assert "the release & more." in delivery.text
        assert delivery.html == "<p>the release</p>"
        assert (delivery.claim, delivery.claimed_at, delivery.last_error) == ("", None, "")
        assert [message.to for message in mail.outbox] == [[delivery.address]]

    def test_sent_mail_is_not_sent_again(self):
        DeliveryFactory()
        sending.run()
        sending.run()
        assert len(mail.outbox) == 1

    def test_mail_that_is_not_due_waits(self):
        DeliveryFactory(not_before=timezone.now() + timedelta(hours=1))
        assert sending.run() == 0
        assert mail.outbox == []

    def test_more_than_a_batch_is_sent_over_one_connection(self, refusals):
        DeliveryFactory.create_batch(claims.BATCH + 3)
        assert sending.run() == claims.BATCH + 3
        assert Refusing.opened == 1

    def test_recipient_who_may_no_longer_see_it_gets_nothing(self):
        with registered(toy("toy.secret", may_receive=lambda recipient, context: False)):
            delivery = DeliveryFactory(message__kind="toy.secret")
            sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.DROPPED
        assert delivery.last_error == "The recipient may no longer see it."
        assert mail.outbox == []

    def test_closed_account_gets_nothing(self):
        delivery = DeliveryFactory(user__is_active=False)
        sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.DROPPED

    @pytest.mark.parametrize("by_address", [True, False])
    def test_recipient_who_opted_out_gets_nothing(self, by_address):
        delivery = DeliveryFactory()
        if by_address:
            OptOut.objects.create(category="news", address=delivery.address)
        else:
            OptOut.objects.create(category="news", user=delivery.user)
        sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.DROPPED
        assert delivery.last_error == "The recipient has opted out."

    def test_opting_out_of_another_category_changes_nothing(self):
        delivery = DeliveryFactory()
        OptOut.objects.create(category="other", user=delivery.user)
        sending.run()
        assert len(mail.outbox) == 1

    def test_broken_template_holds_up_nobody_else(self):
        broken = {**toy_templates("toy.broken"), "emails/toy/broken.txt": "{{ thing|no_such_filter }}"}
        with registered(toy("toy.broken")), templates(broken):
            bad = DeliveryFactory(message__kind="toy.broken")
            good = DeliveryFactory()
            sending.run()
        bad.refresh_from_db()
        good.refresh_from_db()
        assert good.state == Delivery.State.SENT
        assert (bad.state, bad.attempts) == (Delivery.State.PENDING, 1)
        assert "no_such_filter" in bad.last_error
        assert bad.not_before > timezone.now() + timedelta(seconds=20)

    def test_kind_that_no_app_registers_holds_up_nobody_else(self):
        orphan = DeliveryFactory(message__kind="gone.away")
        good = DeliveryFactory()
        sending.run()
        orphan.refresh_from_db()
        good.refresh_from_db()
        assert good.state == Delivery.State.SENT
        assert "gone.away" in orphan.last_error

    def test_context_that_cannot_be_presented_holds_up_nobody_else(self):
        def present(recipient, context):
            raise Message.DoesNotExist("erased")

        with registered(toy("toy.erased", present=present)):
            bad = DeliveryFactory(message__kind="toy.erased")
            good = DeliveryFactory()
            sending.run()
        bad.refresh_from_db()
        good.refresh_from_db()
        assert good.state == Delivery.State.SENT
        assert "erased" in bad.last_error

    def test_secret_mail_leaves_no_words_behind(self):
        with registered(toy("toy.secret", is_secret=True)), templates(toy_templates("toy.secret")):
            delivery = DeliveryFactory(message__kind="toy.secret")
            sending.run()
        delivery.refresh_from_db()
        assert "the release" in mail.outbox[0].body
        assert (delivery.state, delivery.text, delivery.html) == (Delivery.State.SENT, "", "")
        assert delivery.message.context == {}

    def test_secret_words_stay_until_the_last_recipient_has_them(self, refusals):
        with registered(toy("toy.secret", is_secret=True)), templates(toy_templates("toy.secret")):
            sent = DeliveryFactory(message__kind="toy.secret")
            waiting = DeliveryFactory(message=sent.message)
            refusals[waiting.address] = refused(450)
            sending.run()
        sent.message.refresh_from_db()
        assert sent.message.context == {"thing": "the release"}


@pytest.mark.usefixtures("toy_kind")
class TestFailures:
    def test_temporary_refusal_is_tried_again_later(self, refusals):
        delivery = DeliveryFactory()
        refusals[delivery.address] = refused(451, b"greylisted")
        sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.PENDING
        assert delivery.last_error == "451 greylisted"
        assert delivery.not_before > timezone.now()
        refusals.clear()
        Delivery.objects.update(not_before=timezone.now())
        sending.run()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.last_error) == (Delivery.State.SENT, 2, "")

    @pytest.mark.parametrize(
        "error",
        [
            refused(550, b"no such mailbox"),
            smtplib.SMTPDataError(554, b"no such mailbox"),
            smtplib.SMTPSenderRefused(552, b"no such mailbox", "a@b"),
        ],
    )
    def test_permanent_refusal_fails_at_once(self, refusals, error):
        delivery = DeliveryFactory()
        refusals[delivery.address] = error
        sending.run()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (Delivery.State.FAILED, 1)
        assert "no such mailbox" in delivery.last_error

    def test_refused_sender_is_our_fault_and_tried_again(self, refusals):
        delivery = DeliveryFactory()
        refusals[delivery.address] = smtplib.SMTPSenderRefused(530, b"sign in first", "a@b")
        sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.PENDING

    def test_refusal_of_one_leaves_the_others_alone(self, refusals):
        bad, good = DeliveryFactory.create_batch(2)
        refusals[bad.address] = refused(550)
        sending.run()
        good.refresh_from_db()
        assert good.state == Delivery.State.SENT

    def test_last_attempt_fails_for_good(self, refusals):
        delivery = DeliveryFactory(attempts=outcomes.MAX_ATTEMPTS - 1)
        refusals[delivery.address] = refused(451)
        sending.run()
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.FAILED

    def test_message_id_is_the_same_at_each_attempt(self, refusals):
        delivery = DeliveryFactory()
        refusals[delivery.address] = refused(451)
        sending.run()
        refusals.clear()
        Delivery.objects.update(not_before=timezone.now())
        sending.run()
        assert mail.outbox[0].message()["Message-ID"] == f"<{delivery.mail_id}>"

    def test_mail_server_that_is_away_is_asked_once_and_stops_no_other_channel(self, refusals, monkeypatch):
        asked = []

        def away(self):
            asked.append(1)
            raise ConnectionRefusedError("nobody listens")

        monkeypatch.setattr(Refusing, "open", away)
        mails = DeliveryFactory.create_batch(5)
        on_site = DeliveryFactory(channel=Channel.SITE)
        sending.run()
        on_site.refresh_from_db()
        assert on_site.state == Delivery.State.SENT
        assert len(asked) == 1
        states = Delivery.objects.filter(pk__in=[delivery.pk for delivery in mails])
        assert {delivery.state for delivery in states} == {Delivery.State.PENDING}
        assert sum(delivery.attempts for delivery in states) == 1
        assert all(delivery.not_before > timezone.now() for delivery in states)

    def test_back_off_doubles_up_to_its_limit(self):
        waits = [outcomes.back_off(attempts).total_seconds() for attempts in (1, 2, 3, 40)]
        bases = [30, 60, 120, 4 * 3600]
        assert all(0.8 * base <= wait <= 1.2 * base for wait, base in zip(waits, bases, strict=True))


@pytest.mark.usefixtures("toy_kind")
class TestClaims:
    def test_claimed_delivery_is_not_claimed_again(self):
        DeliveryFactory()
        assert len(claims.take(channels=["mail"])) == 1
        assert claims.take(channels=["mail"]) == []

    def test_fresh_claim_is_left_alone(self):
        DeliveryFactory()
        claims.take(channels=["mail"])
        sending.run()
        assert mail.outbox == []

    def test_claim_of_a_dead_worker_is_recovered_with_its_message_id(self):
        delivery = DeliveryFactory()
        (claimed,) = claims.take(channels=["mail"])
        claims.start([claimed])
        Delivery.objects.update(claimed_at=timezone.now() - claims.STALE_AFTER - timedelta(seconds=1))
        sending.run()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (Delivery.State.SENT, 2)
        assert mail.outbox[0].message()["Message-ID"] == f"<{delivery.mail_id}>"

    def test_worker_whose_claim_was_recovered_can_neither_start_nor_record(self):
        DeliveryFactory()
        (claimed,) = claims.take(channels=["mail"])
        Delivery.objects.update(claimed_at=timezone.now() - timedelta(days=1))
        claims.recover()
        assert not claims.start([claimed])
        assert not claims.finish(claimed, state=Delivery.State.SENT)

    def test_starting_one_renews_the_claim_of_the_rest(self):
        DeliveryFactory.create_batch(2)
        first, second = claims.take(channels=["mail"])
        Delivery.objects.update(claimed_at=timezone.now() - timedelta(days=1))
        claims.start([first])
        claims.recover()
        assert claims.start([second])

    def test_interrupted_run_gives_back_what_it_did_not_begin(self, monkeypatch):
        DeliveryFactory.create_batch(3)

        def interrupted(self, group):
            raise KeyboardInterrupt

        monkeypatch.setattr(sending.Worker, "_deliver", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sending.run()
        states = sorted(Delivery.objects.values_list("state", flat=True))
        assert states == ["pending", "pending", "sending"]


@pytest.mark.usefixtures("toy_kind")
class TestDigest:
    def post(self, number, user, **options):
        return post(
            kind="toy.news",
            event=f"digest:{number}",
            recipients=[To(user=user)],
            context={"thing": f"thing {number}"},
            digest_key="daily",
            **options,
        )

    def test_what_waits_together_becomes_one_mail(self):
        user = UserFactory()
        for number in range(3):
            self.post(number, user)
        assert sending.run() == 3
        (message,) = mail.outbox
        assert message.subject.startswith("3 messages from")
        assert all(f"thing {number} & more." in message.body for number in range(3))
        assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
        assert len(set(Delivery.objects.values_list("mail_id", flat=True))) == 1

    def test_another_persons_digest_is_another_mail(self):
        for person in UserFactory.create_batch(2):
            for number in range(2):
                self.post(f"{person.pk}-{number}", person)
        sending.run()
        assert len(mail.outbox) == 2

    def test_single_message_is_an_ordinary_mail(self):
        self.post(1, UserFactory())
        sending.run()
        assert mail.outbox[0].subject == "News of thing 1"

    def test_digest_waits_for_its_time(self):
        self.post(1, UserFactory(), not_before=timezone.now() + timedelta(hours=1))
        assert sending.run() == 0

    def test_opted_out_part_is_left_out(self):
        user = UserFactory()
        self.post(1, user)
        with registered(toy("toy.other", category="other")), templates(toy_templates("toy.other")):
            post(
                kind="toy.other",
                event="other:1",
                recipients=[To(user=user)],
                context={"thing": "x"},
                digest_key="daily",
            )
            OptOut.objects.create(category="other", user=user)
            sending.run()
        assert mail.outbox[0].subject == "News of thing 1"
        assert Delivery.objects.get(message__kind="toy.other").state == Delivery.State.DROPPED
