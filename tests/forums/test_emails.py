"""Who is told of what in the forums, how soon, and in which words."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import audiences, changes, emails, posting, publishing, voting, watching
from forums.constants import Level, State
from forums.models import Member, Post, Tag, Topic, Watch
from forums.posting import NewTopic
from forums.screening import Hints
from notifications import kinds, ledger, rendering, sending, unsubscribing
from notifications.models import Channel, Delivery, Message
from notifications.rendering import Rendered
from notifications.unsubscribing import Subscription
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db

UTC_ZONE = zoneinfo.ZoneInfo("UTC")


def told(user: User, kind: str = "", channel: Channel = Channel.MAIL) -> list[Delivery]:
    found = Delivery.objects.filter(user=user, channel=channel).select_related("message", "user").order_by("id")
    return list(found.filter(message__kind=kind) if kind else found)


def kinds_told(user: User, channel: Channel = Channel.MAIL) -> list[str]:
    return [delivery.message.kind for delivery in told(user, channel=channel)]


def rendered(user: User, kind: str) -> Rendered:
    (delivery,) = told(user, kind)
    with rendering.personal(user):
        return rendering.mail(kinds.get(kind), delivery)


def may_receive(delivery: Delivery) -> bool:
    user = delivery.user
    assert user is not None
    user = User.objects.get(pk=user.pk)
    kind = kinds.get(delivery.message.kind)
    return kind.may_receive(kinds.Recipient(user=user, address=user.email), delivery.message.context)


@pytest.fixture
def watcher(db: None) -> User:
    person: User = UserFactory(display_name="Wanda Fuchs", email="wanda@people.example")
    return person


# --- New topics -----------------------------------------------------------------------------------------------


def test_the_watcher_of_a_tag_is_told_of_a_new_question(member: User, watcher: User) -> None:
    watching.watch(user=watcher, target=Tag.objects.create(community=main_community(), slug="netsuite"))
    ask(member, title="Orders stop syncing to NetSuite", tags=["netsuite"])
    ask(member, title="Something else entirely here", tags=["sap"])
    mail = rendered(watcher, "forums.new_topic")
    assert mail.subject == "[Community] Orders stop syncing to NetSuite"
    assert "Tags: netsuite\n" in mail.text
    assert kinds_told(watcher, Channel.SITE) == ["forums.new_topic"]


def test_the_watcher_of_a_synonym_is_told_of_the_tag_it_means(member: User, watcher: User) -> None:
    meant = Tag.objects.create(community=main_community(), slug="netsuite")
    synonym = Tag.objects.create(community=main_community(), slug="oracle-netsuite")
    watching.watch(user=watcher, target=synonym)
    Tag.objects.filter(pk=synonym.pk).update(synonym_of=meant)
    ask(member, tags=["netsuite"])
    assert kinds_told(watcher) == ["forums.new_topic"]


@pytest.mark.parametrize("target", [main_community, category])
def test_watchers_of_a_community_or_category_are_told(member: User, watcher: User, target: object) -> None:
    watching.watch(user=watcher, target=target())  # type: ignore[operator]
    ask(member)
    assert kinds_told(watcher) == ["forums.new_topic"]


def test_who_watches_twice_is_told_once_as_their_strongest_watch_says(member: User, watcher: User) -> None:
    watching.watch(user=watcher, target=main_community(), level=Level.WEEKLY)
    watching.watch(user=watcher, target=category(), level=Level.AT_ONCE)
    ask(member)
    (mail,) = told(watcher)
    assert mail.digest_key == ""
    assert mail.not_before <= timezone.now()
    assert len(told(watcher, channel=Channel.SITE)) == 1


def test_the_writer_is_told_nothing_of_their_own_posts(member: User) -> None:
    watching.watch(user=member, target=main_community())
    reply(ask(member), member)
    assert not Delivery.objects.exists()


def test_a_held_topic_is_told_to_nobody(member: User, watcher: User) -> None:
    watching.watch(user=watcher, target=main_community())
    topic = posting.ask(
        community=main_community(),
        category=category(),
        author=member,
        new=NewTopic(title="Orders stop syncing to NetSuite", body="Since this morning."),
        hints=Hints(honeypot="filled in by a program"),
    )
    assert topic.state == State.HELD
    assert not told(watcher)
    assert not told(watcher, channel=Channel.SITE)


# --- Replies, comments, mentions ------------------------------------------------------------------------------


def test_the_asker_is_told_of_a_reply_with_its_text_and_a_way_out(member: User, engineer: User) -> None:
    topic = ask(member)
    post = reply(topic, engineer, "Raise the **limit** & see [members](/members/x/).")
    mail = rendered(member, "forums.new_reply")
    assert mail.subject == "Re: [Community] Orders stop syncing to NetSuite"
    assert "Erik Lind replied to Orders stop syncing to NetSuite:" in mail.text
    assert "Raise the **limit** & see" in mail.text
    assert "<strong>limit</strong>" in mail.html
    assert f'href="{settings.PORTAL_URL}/members/x/"' in mail.html
    assert settings.PORTAL_URL + post.get_absolute_url() in mail.text
    assert f"{settings.PORTAL_URL}{topic.get_absolute_url()}#watch-topic-{topic.pk}" in mail.text
    assert f"{settings.PORTAL_URL}{topic.get_absolute_url()}#watch-topic-{topic.pk}" in mail.html
    assert mail.unsubscribe_url


def test_a_comment_is_told_to_who_wrote_in_the_topic(member: User, engineer: User, watcher: User) -> None:
    answer = reply(ask(member), engineer)
    comment(answer, watcher)
    assert "Wanda Fuchs commented" in rendered(engineer, "forums.new_reply").html
    assert kinds_told(watcher) == []


def test_mails_of_one_topic_are_one_thread(member: User, engineer: User) -> None:
    topic = ask(member, body="Ask @nobody.")
    answer = reply(topic, engineer)
    voting.accept(post_id=answer.pk, actor=member)
    assert set(Message.objects.values_list("thread", flat=True)) == {f"topic:{topic.pk}"}


def test_who_is_named_and_watches_gets_one_mail(member: User, engineer: User) -> None:
    topic = ask(member)
    reply(topic, engineer, f"Look, @{member.handle}.")
    assert kinds_told(member) == kinds_told(member, Channel.SITE) == ["forums.mention"]
    assert "Erik Lind mentioned you" in rendered(member, "forums.mention").html


def test_who_wants_no_mail_of_mentions_is_mailed_as_the_watcher_they_are(member: User, engineer: User) -> None:
    topic = ask(member)
    unsubscribing.opt_out(Subscription(category=emails.MENTIONS, user_id=member.pk, address=""))
    reply(topic, engineer, f"Look, @{member.handle}.")
    sending.run()
    sent = Delivery.objects.filter(user=member, state=Delivery.State.SENT)
    assert sorted(sent.values_list("message__kind", "channel")) == [
        ("forums.mention", "site"),
        ("forums.new_reply", "mail"),
    ]


def test_who_names_themselves_is_not_told(member: User) -> None:
    ask(member, body=f"I am @{member.handle}.")
    assert not Delivery.objects.exists()


# --- How soon -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "zone", "now", "due"),
    [
        (Level.DAILY, "UTC", datetime(2026, 3, 4, 6, 59, tzinfo=UTC), datetime(2026, 3, 4, 7, tzinfo=UTC)),
        (Level.DAILY, "UTC", datetime(2026, 3, 4, 7, 0, tzinfo=UTC), datetime(2026, 3, 5, 7, tzinfo=UTC)),
        (Level.DAILY, "Asia/Tokyo", datetime(2026, 3, 4, 21, tzinfo=UTC), datetime(2026, 3, 4, 22, tzinfo=UTC)),
        # The clocks go forward between: 07:00 is an hour earlier in UTC.
        (Level.DAILY, "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (Level.WEEKLY, "UTC", datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        (Level.WEEKLY, "UTC", datetime(2026, 3, 9, 6, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        (Level.WEEKLY, "UTC", datetime(2026, 3, 9, 8, tzinfo=UTC), datetime(2026, 3, 16, 7, tzinfo=UTC)),
    ],
)
def test_a_digest_is_due_at_seven_of_its_reader(level: Level, zone: str, now: datetime, due: datetime) -> None:
    assert audiences.next_digest(level, zoneinfo.ZoneInfo(zone), now) == due


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Mars/Phobos"])
@pytest.mark.parametrize("level", [Level.DAILY, Level.WEEKLY])
def test_a_digest_waits_for_the_readers_own_morning_while_the_site_tells_at_once(
    member: User, watcher: User, zone: str, level: Level
) -> None:
    User.objects.filter(pk=watcher.pk).update(time_zone=zone)
    watcher.refresh_from_db()
    watching.watch(user=watcher, target=main_community(), level=level)
    before = timezone.now()
    ask(member)
    (mail,) = told(watcher)
    (line,) = told(watcher, channel=Channel.SITE)
    assert mail.digest_key == f"forums:{level}"
    assert mail.not_before == audiences.next_digest(level, watcher.zone, before)
    assert line.not_before <= timezone.now()


def test_a_days_news_of_all_kinds_is_one_mail(
    member: User, engineer: User, watcher: User, mailoutbox: list[object]
) -> None:
    watching.watch(user=watcher, target=main_community(), level=Level.DAILY)
    topic = ask(member, title="First topic of this day")
    watching.watch(user=watcher, target=topic, level=Level.DAILY)
    reply(topic, engineer, "An answer to it.")
    Delivery.objects.exclude(user=watcher).delete()
    Delivery.objects.filter(channel=Channel.SITE).delete()
    sending.run()
    assert mailoutbox == []
    Delivery.objects.update(not_before=timezone.now())
    sending.run()
    (mail,) = mailoutbox
    assert "First topic of this day" in mail.body  # type: ignore[attr-defined]
    assert "An answer to it." in mail.body  # type: ignore[attr-defined]
    # Its own, once: those of the items are left out.
    assert mail.body.count("What we send you") == 1  # type: ignore[attr-defined]
    html = mail.alternatives[0][0]  # type: ignore[attr-defined]
    assert "<p>An answer to it.</p>" in html
    assert settings.PORTAL_URL + topic.posts.get(number=1).get_absolute_url() in html


def test_above_the_limit_a_worker_expands_each_level(
    member: User, watcher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "AUDIENCE_LIMIT", 2)
    readers = [watcher, *UserFactory.create_batch(3)]
    for reader, level in zip(readers, [Level.AT_ONCE, Level.AT_ONCE, Level.DAILY, Level.WEEKLY], strict=True):
        watching.watch(user=reader, target=main_community(), level=level)
    ask(member)
    assert not Delivery.objects.exists()
    from notifications.audiences import expand_due

    assert expand_due() == 4
    assert Delivery.objects.filter(channel=Channel.SITE).count() == 4
    assert [len(told(reader)) for reader in readers] == [1, 1, 1, 1]


def test_a_reply_costs_the_same_however_many_watch(member: User, engineer: User) -> None:
    topic = ask(member)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            reply(topic, engineer)
        return len(queries)

    reply(topic, engineer)
    few = cost()
    Watch.objects.bulk_create([Watch(user=person, topic=topic) for person in UserFactory.create_batch(20)])
    assert cost() == few


# --- Asked again just before sending --------------------------------------------------------------------------


def test_a_post_hidden_meanwhile_is_not_sent(member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(member), engineer, f"@{moderator.handle} see this.")
    publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), State.HIDDEN)
    assert not may_receive(*told(member))
    # Not to moderators either, who may see it.
    assert not may_receive(*told(moderator))


def test_a_reply_in_a_topic_hidden_meanwhile_is_not_sent(member: User, engineer: User, watcher: User) -> None:
    topic = ask(member)
    reply(topic, engineer)
    Topic.objects.filter(pk=topic.pk).update(state=State.HIDDEN)
    assert not may_receive(*told(member))


def test_who_stopped_watching_meanwhile_gets_nothing(member: User, engineer: User, watcher: User) -> None:
    watching.watch(user=watcher, target=main_community())
    topic = ask(member)
    reply(topic, engineer)
    assert may_receive(*told(watcher))
    assert may_receive(*told(member))
    watching.unwatch(user=watcher, target=main_community())
    watching.unwatch(user=member, target=topic)
    assert not may_receive(*told(watcher))
    assert not may_receive(*told(member))


def test_the_suspended_get_nothing(member: User, engineer: User) -> None:
    reply(ask(member), engineer)
    Member.objects.filter(user=member).update(suspended_until=timezone.now() + timedelta(days=1))
    assert not may_receive(*told(member))


def test_the_inactive_are_not_even_written_down(member: User, engineer: User) -> None:
    topic = ask(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    reply(topic, engineer)
    assert told(member) == told(member, channel=Channel.SITE) == []


def test_a_watcher_of_a_community_made_private_gets_nothing(member: User, watcher: User, engineer: User) -> None:
    for person in (watcher, engineer):
        watching.watch(user=person, target=main_community())
    topic = ask(member)
    topic.community.is_public = False
    topic.community.save()
    assert not may_receive(*told(watcher))
    assert may_receive(*told(engineer))


def test_who_opted_out_gets_no_mail_and_still_reads_it_on_the_site(
    member: User, engineer: User, mailoutbox: list[object]
) -> None:
    unsubscribing.opt_out(Subscription(category=emails.REPLIES, user_id=member.pk, address=""))
    reply(ask(member), engineer)
    sending.run()
    assert mailoutbox == []
    assert told(member, channel=Channel.SITE)[0].subject == "Erik Lind replied to: Orders stop syncing to NetSuite"


# --- Answers and moderation -----------------------------------------------------------------------------------


def test_author_and_watchers_are_told_of_an_accepted_answer(member: User, engineer: User, watcher: User) -> None:
    topic = ask(member)
    watching.watch(user=watcher, target=topic)
    answer = reply(topic, engineer)
    voting.accept(post_id=answer.pk, actor=member)
    assert "Your answer was accepted" in rendered(engineer, "forums.answer_accepted").html
    assert len(told(engineer, "forums.answer_accepted")) == 1
    assert "The answer of Erik Lind was accepted" in rendered(watcher, "forums.answer_accepted").html
    assert told(member, "forums.answer_accepted") == []


def test_the_asker_is_told_when_a_moderator_accepts(member: User, engineer: User, moderator: User) -> None:
    answer = reply(ask(member), engineer)
    voting.accept(post_id=answer.pk, actor=moderator)
    assert "A moderator accepted the answer of Erik Lind" in rendered(member, "forums.answer_accepted").html


def test_an_acceptance_withdrawn_meanwhile_is_not_told(member: User, engineer: User) -> None:
    topic = ask(member)
    answer = reply(topic, engineer)
    voting.accept(post_id=answer.pk, actor=member)
    (delivery,) = told(engineer, "forums.answer_accepted")
    assert may_receive(delivery)
    voting.unaccept(topic_id=topic.pk, actor=member)
    assert not may_receive(delivery)


def test_the_author_is_told_that_a_held_post_is_published(member: User, moderator: User) -> None:
    topic = ask(member)
    emails.post_approved(topic.posts.get(), actor=moderator)
    mail = rendered(member, "forums.post_approved")
    assert mail.subject == "[Community] Your post is published: Orders stop syncing to NetSuite"
    assert "everybody can read it now" in mail.text


def test_the_author_is_told_kindly_why_a_post_was_hidden_and_keeps_its_text(
    member: User, engineer: User, moderator: User
) -> None:
    post = reply(ask(engineer), member, "Buy <cheap> things & more.")
    publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), State.HIDDEN)
    emails.post_hidden(post, actor=moderator, note="It names a customer.")
    (delivery,) = told(member, "forums.post_hidden")
    assert may_receive(delivery)
    mail = rendered(member, "forums.post_hidden")
    assert "Why: It names a customer." in mail.text
    assert "Buy <cheap> things & more." in mail.text
    assert "tell us, and another person will look at it" in mail.text
    assert settings.PORTAL_URL + post.topic.get_absolute_url() in mail.text
    assert moderator.display_name not in mail.text + mail.html
    assert emails.KINDS[-1].url is None


def test_a_post_restored_meanwhile_is_not_told_as_hidden(member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(engineer), member)
    emails.post_hidden(post, actor=moderator, note="")
    assert not may_receive(*told(member, "forums.post_hidden"))


def test_a_hidden_question_leads_to_the_community(member: User, moderator: User) -> None:
    post = ask(member).posts.get()
    publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), State.HIDDEN)
    emails.post_hidden(post, actor=moderator, note="")
    mail = rendered(member, "forums.post_hidden")
    assert "Open the community" in mail.html
    assert post.topic.get_absolute_url() not in mail.html


@pytest.mark.parametrize("kind", [kind.name for kind in emails.KINDS])
def test_every_kind_has_a_category_a_line_and_three_templates(kind: str, member: User, engineer: User) -> None:
    post: Post = reply(ask(member), engineer)
    ledger.post(
        kind=kind, event=f"try:{kind}", recipients=[ledger.To(user=member)], context={"post": post.pk, "note": ""}
    )
    found = kinds.get(kind)
    (delivery,) = Delivery.objects.filter(message__event=f"try:{kind}")
    mail = rendering.mail(found, delivery)
    assert found.category in {code for code, _label, _text in emails.CATEGORIES}
    assert "Orders stop syncing" in mail.subject
    assert "Orders stop syncing" in rendering.line(found, delivery).subject
    assert mail.text
    assert mail.html
    for address in (member.email, engineer.email):
        assert address not in mail.text + mail.html
