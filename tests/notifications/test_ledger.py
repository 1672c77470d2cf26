import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts import outbox
from accounts.outbox import Letter
from notifications import audiences, kinds, ledger, sending
from notifications.identifiers import mail_host
from notifications.kinds import Kind
from notifications.ledger import To, post, post_to_audience
from notifications.models import Channel, Delivery, Message
from tests.factories.accounts import UserFactory
from tests.factories.notifications import DeliveryFactory, registered, templates, toy, toy_templates


@pytest.mark.django_db
@pytest.mark.usefixtures("toy_kind")
class TestPost:
    def tell(self, recipients, *, event="happened:1", **options):
        return post(kind="toy.news", event=event, recipients=recipients, context={"thing": "x"}, **options)

    def test_one_delivery_for_each_recipient_and_channel(self):
        user = UserFactory()
        self.tell([To(user=user), To(user=user, channel=Channel.SITE), To(address="bare@x.example")])
        assert sorted(Delivery.objects.values_list("channel", "address")) == [
            ("mail", "bare@x.example"),
            ("mail", user.email),
            ("site", ""),
        ]

    def test_two_spellings_of_an_address_are_one_recipient(self):
        user = UserFactory(email="ann@x.example")
        self.tell([To(user=user), To(address=" ANN@x.example "), To(user=user)])
        assert Delivery.objects.count() == 1

    def test_same_event_again_writes_nothing_more(self):
        user = UserFactory()
        self.tell([To(user=user)])
        self.tell([To(user=user)])
        assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_actor_gets_nothing(self):
        actor, other = UserFactory.create_batch(2)
        self.tell([To(user=actor), To(address=actor.email.upper()), To(user=other)], actor=actor)
        assert list(Delivery.objects.values_list("user", flat=True)) == [other.pk]

    def test_nobody_left_writes_nothing(self):
        actor = UserFactory()
        assert self.tell([To(user=actor)], actor=actor) is None
        assert not Message.objects.exists()

    def test_closed_account_and_empty_address_get_nothing(self):
        assert self.tell([To(user=UserFactory(is_active=False)), To(address="  ")]) is None

    def test_unknown_kind_is_a_fault_of_the_caller(self):
        with pytest.raises(KeyError):
            post(kind="no.such", event="e", recipients=[To(address="a@x.example")], context={})

    def test_message_ids_are_the_portals_and_differ(self):
        self.tell([To(address="a@x.example"), To(address="b@x.example")])
        ids = set(Delivery.objects.values_list("mail_id", flat=True))
        assert len(ids) == 2
        assert all(mail_id.endswith(f"@{mail_host()}") for mail_id in ids)

    def test_number_of_queries_does_not_grow_with_recipients(self, django_assert_max_num_queries):
        people = UserFactory.create_batch(20)
        with django_assert_max_num_queries(8):
            self.tell([To(user=user) for user in people])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("toy_kind")
class TestRaces:
    def test_rolled_back_change_leaves_no_message(self):
        with transaction.atomic():
            post(kind="toy.news", event="e", recipients=[To(address="a@x.example")], context={})
            transaction.set_rollback(True)
        assert not Message.objects.exists()

    def test_eight_posts_of_one_event_make_one_delivery(self):
        user = UserFactory()
        self.at_once(lambda: post(kind="toy.news", event="e", recipients=[To(user=user)], context={}))
        assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_eight_workers_send_each_delivery_once(self):
        deliveries = DeliveryFactory.create_batch(120)
        self.at_once(sending.run)
        assert sorted(message.to[0] for message in mail.outbox) == sorted(delivery.address for delivery in deliveries)
        assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}

    def test_eight_workers_send_one_digest_once(self):
        user = UserFactory()
        for number in range(10):
            post(
                kind="toy.news", event=f"e:{number}", recipients=[To(user=user)], context={"thing": "x"}, digest_key="d"
            )
        self.at_once(sending.run)
        assert len(mail.outbox) == 1

    def at_once(self, act, count=8):
        barrier = threading.Barrier(count)

        def run():
            barrier.wait()
            try:
                act()
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as pool:
            for future in [pool.submit(run) for _ in range(count)]:
                future.result()


@pytest.mark.django_db
class TestAudience:
    @pytest.fixture(autouse=True)
    def everybody(self, toy_kind, monkeypatch):
        from accounts.models import User

        monkeypatch.setattr(audiences, "_audiences", {})
        audiences.register_audience(
            "toy.everybody",
            lambda criteria: User.objects.filter(email__endswith=criteria["domain"]).values_list("pk", "email"),
        )

    def tell(self, event="e", **options):
        return post_to_audience(
            kind="toy.news",
            event=event,
            audience="toy.everybody",
            criteria={"domain": "@people.example"},
            context={"thing": "x"},
            **options,
        )

    def test_small_audience_is_written_at_once(self):
        people = UserFactory.create_batch(3)
        message = self.tell()
        assert message.expanded_at is not None
        assert set(Delivery.objects.values_list("user", flat=True)) == {user.pk for user in people}

    def test_large_audience_waits_for_the_worker(self, monkeypatch):
        monkeypatch.setattr(ledger, "AUDIENCE_LIMIT", 2)
        UserFactory.create_batch(3)
        message = self.tell()
        assert not Delivery.objects.exists()
        assert audiences.expand_due() == 1
        message.refresh_from_db()
        assert message.expanded_at is not None
        assert Delivery.objects.count() == 3
        assert audiences.expand_due() == 0

    def test_rows_of_the_statement_are_like_those_of_post(self):
        user = UserFactory()
        self.tell()
        delivery = Delivery.objects.get()
        assert delivery.dedupe_key == ledger.dedupe_key("e", user.email, "mail")
        assert delivery.address == user.email
        assert delivery.mail_id.endswith(f"@{mail_host()}")
        assert (delivery.state, delivery.attempts, delivery.claim) == ("pending", 0, "")
        assert delivery.not_before <= timezone.now()
        sending.run()
        assert [message.to for message in mail.outbox] == [[user.email]]

    def test_message_ids_differ(self):
        UserFactory.create_batch(3)
        self.tell()
        assert len(set(Delivery.objects.values_list("mail_id", flat=True))) == 3

    def test_actor_gets_nothing(self):
        actor, other = UserFactory.create_batch(2)
        self.tell(actor=actor)
        assert list(Delivery.objects.values_list("user", flat=True)) == [other.pk]

    def test_same_event_again_writes_nothing_more(self):
        UserFactory()
        self.tell()
        UserFactory()
        self.tell()
        assert Delivery.objects.count() == 1

    def test_site_channel_keeps_no_address(self):
        user = UserFactory()
        self.tell(channel=Channel.SITE)
        assert Delivery.objects.values_list("user", "address", "mail_id").get() == (user.pk, "", "")

    def test_user_wins_over_the_same_bare_address(self):
        from django.db.models import CharField, F, IntegerField, Value

        user = UserFactory(email="ann@people.example")

        def twice(criteria):
            people = type(user).objects.all()
            bare = people.annotate(
                who=Value(None, output_field=IntegerField()),
                where=Value(" ANN@people.example", output_field=CharField()),
            )
            known = people.annotate(who=F("pk"), where=F("email"))
            return bare.values_list("who", "where").union(known.values_list("who", "where"), all=True)

        audiences.register_audience("toy.twice", twice)
        post_to_audience(kind="toy.news", event="e", audience="toy.twice", criteria={}, context={"thing": "x"})
        assert Delivery.objects.values_list("user", "address").get() == (user.pk, "ann@people.example")

    def test_audience_of_an_app_that_is_gone_holds_up_no_other(self, monkeypatch):
        monkeypatch.setattr(ledger, "AUDIENCE_LIMIT", 0)
        UserFactory()
        self.tell("first")
        Message.objects.update(audience={"name": "gone", "criteria": {}, "channel": "mail"})
        self.tell("second")
        assert audiences.expand_due() == 1
        assert Delivery.objects.get().message.event == "second"

    def test_name_is_taken_once(self):
        with pytest.raises(ValueError, match="Two audiences"):
            audiences.register_audience("toy.everybody", lambda criteria: None)


class TestKinds:
    def test_name_is_taken_once(self):
        with registered(toy()), pytest.raises(ValueError, match="Two kinds"):
            kinds.register(toy())

    def test_every_registered_kind_has_its_templates(self):
        from django.template.loader import get_template

        for kind in kinds.registered():
            if kind.summary and kind.webhook_body and kind.chat_body and not kind.is_shared:
                continue  # it goes to endpoints only, and says all by itself
            for ending in (".subject.txt", ".txt", ".html"):
                assert get_template(kind.template + ending).template.name == kind.template + ending  # type: ignore[attr-defined]

    def test_templates_follow_from_the_name(self):
        assert Kind(name="cases.status_changed", label="x").template == "emails/cases/status_changed"


@pytest.mark.django_db
class TestOutbox:
    def test_letter_of_accounts_becomes_a_delivery(self):
        with registered(toy("accounts.toy")), templates(toy_templates("accounts.toy")):
            outbox.post(Letter(kind="accounts.toy", event="letter:1", context={"thing": "x"}, address="new@x.example"))
            sending.run()
        assert [message.to for message in mail.outbox] == [["new@x.example"]]

    def test_sign_in_mail_is_sent_and_kept_from_everybody(self):
        outbox.post(
            Letter(
                kind="accounts.sign_in_mail",
                event="sign-in-mail:1",
                context={
                    "subject": "Reset",
                    "text": "Secret link",
                    "action_label": "Reset",
                    "action_url": "https://x/s",
                },
                address="ann@x.example",
            )
        )
        sending.run()
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.last_error) == (Delivery.State.SENT, "")
        assert "Secret link" in mail.outbox[0].body
        assert (delivery.text, delivery.html, delivery.message.context) == ("", "", {})
