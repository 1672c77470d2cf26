"""Silencing, suspending, and cleaning up after a spammer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from forums import editing, moderating, organising, posting, standing, tasks, voting, watching
from forums.constants import FlagReason, PostKind, State
from forums.errors import ForumError
from forums.models import Flag, Member, ModerationEvent, Post, Review, Tag, Topic, Vote, Watch
from notifications import nudge
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, comment, main_community, reply

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def known(user: User) -> User:
    Member.objects.update_or_create(user=user, defaults={"first_posted_at": timezone.now() - timedelta(days=9)})
    return fresh(user)


def live(user: User) -> int:
    return Post.objects.filter(author=user, state__in=[State.PUBLISHED, State.HELD]).count()


# --- Silence and suspension -----------------------------------------------------------------------------------


def test_who_is_silenced_is_told_until_when(member: User, moderator: User, engineer: User) -> None:
    topic = ask(engineer)
    standing.silence(person=member, actor=moderator, days=7, reason="Insults")
    with pytest.raises(ForumError, match=r"silenced you until .*: you can read, vote and watch"):
        reply(topic, fresh(member))
    voting.vote(post_id=topic.posts.get().pk, user=fresh(member))
    event = ModerationEvent.objects.get(act="member_silenced")
    assert (event.subject, event.note, event.data) == (member, "Insults", {"days": 7})


def test_a_silence_ends_by_itself(member: User, moderator: User, engineer: User) -> None:
    standing.silence(person=member, actor=moderator, days=1, reason="")
    Member.objects.filter(user=member).update(silenced_until=timezone.now() - timedelta(minutes=1))
    assert reply(ask(engineer), fresh(member)).pk


def test_who_is_suspended_can_do_nothing_but_read(member: User, moderator: User, engineer: User) -> None:
    topic = ask(engineer)
    answer = reply(topic, engineer)
    own = ask(member)
    mine = own.posts.get()
    standing.suspend(person=member, actor=moderator, days=30, reason="Spam")
    user = fresh(member)
    acts: dict[str, Callable[[], object]] = {
        "ask": lambda: ask(user),
        "reply": lambda: reply(topic, user),
        "comment": lambda: comment(answer, user),
        "edit": lambda: editing.edit_post(post_id=mine.pk, editor=user, body="Something else"),
        "delete": lambda: editing.delete_post(post_id=mine.pk, author=user),
        "vote": lambda: voting.vote(post_id=answer.pk, user=user),
        "unvote": lambda: voting.unvote(post_id=answer.pk, user=user),
        "bookmark": lambda: organising.bookmark(post_id=answer.pk, user=user),
        "watch": lambda: watching.watch(user=user, target=topic),
        "flag": lambda: moderating.flag(post_id=answer.pk, user=user, reason=FlagReason.SPAM),
    }
    for act in acts.values():
        with pytest.raises(ForumError, match=r"suspended from the community until .* You can still read"):
            act()
    for refused in (
        lambda: organising.set_closed(topic_id=own.pk, actor=user, closed=True),
        lambda: editing.retag(topic_id=own.pk, actor=user, tags=["x1"]),
    ):
        with pytest.raises(ForumError):
            refused()
    assert Topic.objects.visible_to(user).count() == 2


def test_a_suspension_for_good_names_no_day(member: User, moderator: User, engineer: User) -> None:
    standing.suspend(person=member, actor=moderator, days=None, reason="Spam")
    with pytest.raises(ForumError, match=r"suspended from the community\. You can still read"):
        reply(ask(engineer), fresh(member))


def test_lifting_lets_them_write_again(member: User, moderator: User, engineer: User) -> None:
    standing.silence(person=member, actor=moderator, days=7, reason="")
    standing.suspend(person=member, actor=moderator, days=None, reason="")
    standing.unsilence(person=member, actor=moderator)
    standing.unsuspend(person=member, actor=moderator)
    standing.unsuspend(person=member, actor=moderator)
    assert reply(ask(engineer), fresh(member)).pk
    assert ModerationEvent.objects.filter(act="member_unsuspended").count() == 1


def test_staff_and_oneself_are_out_of_reach(moderator: User, engineer: User) -> None:
    for person, words in ((engineer, "administrator"), (moderator, "yourself")):
        with pytest.raises(ForumError, match=words):
            standing.suspend(person=person, actor=moderator, days=1, reason="")


# --- Clean-up -------------------------------------------------------------------------------------------------


@pytest.fixture
def spammer(db: None) -> User:
    return known(UserFactory(display_name="Cheap Licences"))


def test_a_clean_up_hides_everything_and_suspends_for_good(spammer: User, member: User, moderator: User) -> None:
    topic = ask(spammer, tags=["netsuite"])
    other = ask(member)
    answer = reply(other, spammer)
    remark = comment(answer, spammer)
    watching.watch(user=spammer, target=main_community())
    assert standing.clean_up(person=spammer, actor=moderator, reason="Spam")
    states = {
        post.state for post in (topic.posts.get(), Post.objects.get(pk=answer.pk), Post.objects.get(pk=remark.pk))
    }
    assert states == {State.HIDDEN}
    assert not Topic.objects.listed().filter(author=spammer).exists()
    other.refresh_from_db()
    assert other.answer_count == 0
    assert Tag.objects.get(slug="netsuite").topic_count == 0
    row = Member.objects.get(user=spammer)
    assert row.is_suspended
    assert (row.cleaned_at, row.post_count, row.reputation) == (None, 0, 0)
    assert not Watch.objects.filter(user=spammer).exists()
    events = ModerationEvent.objects.filter(subject=spammer, actor=moderator)
    assert events.filter(act="post_hidden").count() == 3
    assert events.get(act="member_cleaned").note == "Spam"


def test_their_votes_count_no_more(spammer: User, member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    answer = reply(topic, engineer)
    for post in (topic.posts.get(kind=PostKind.OPENING), answer):
        voting.vote(post_id=post.pk, user=spammer)
        voting.vote(post_id=post.pk, user=moderator)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    topic.refresh_from_db()
    answer.refresh_from_db()
    assert (topic.score, answer.score) == (1, 1)
    assert Member.objects.get(user=engineer).reputation == 10
    assert not Vote.objects.filter(user=spammer).exists()


def test_what_their_flags_hid_is_seen_again(spammer: User, member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(engineer), member)
    for user in (spammer, known(UserFactory()), known(UserFactory())):
        moderating.flag(post_id=post.pk, user=user, reason=FlagReason.RUDE)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    post.refresh_from_db()
    assert post.state == State.PUBLISHED
    assert Review.objects.waiting().get().flags.count() == 2


def test_a_review_of_their_flag_alone_is_closed(spammer: User, member: User, engineer: User, moderator: User) -> None:
    post = reply(ask(engineer), member)
    moderating.flag(post_id=post.pk, user=spammer, reason=FlagReason.RUDE)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    assert not Review.objects.waiting().exists()
    assert not Flag.objects.exists()


def test_reviews_of_their_posts_are_closed(spammer: User, member: User, moderator: User) -> None:
    post = ask(spammer).posts.get()
    moderating.flag(post_id=post.pk, user=member, reason=FlagReason.SPAM)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    assert Review.objects.get().outcome == "hidden"


def test_more_posts_than_a_batch_are_left_to_the_worker(
    spammer: User, member: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "BATCH", 2)
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(nudge, "send", lambda *call: sent.append(call))
    topic = ask(member)
    for _turn in range(5):
        reply(topic, spammer)
    assert not standing.clean_up(person=spammer, actor=moderator, reason="")
    assert live(spammer) == 3
    assert sent == [("forums.tasks.clean_up", spammer.pk)]
    tasks.clean_up(spammer.pk)
    assert live(spammer) == 0
    assert not standing.unfinished()


def test_nobody_waits_long_for_a_clean_up(
    spammer: User, member: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "REQUEST_SECONDS", 0.0)
    monkeypatch.setattr(nudge, "send", lambda *_call: None)
    for _turn in range(3):
        reply(ask(member), spammer)
    assert not standing.clean_up(person=spammer, actor=moderator, reason="Spam")
    assert live(spammer) == 2
    tasks.finish_clean_ups()
    assert live(spammer) == 0


@pytest.mark.parametrize("step", ["_hide", "_unvote", "_unflag", "_finish"])
def test_a_killed_worker_leaves_nothing_behind(
    step: str, spammer: User, member: User, engineer: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = ask(member)
    other = reply(topic, engineer)
    for _turn in range(3):
        reply(topic, spammer)
    ask(spammer)
    voting.vote(post_id=other.pk, user=spammer)
    moderating.flag(post_id=other.pk, user=spammer, reason=FlagReason.SPAM)
    with monkeypatch.context() as patched:
        patched.setattr(standing, step, _kill)
        with pytest.raises(SystemExit):
            standing.clean_up(person=spammer, actor=moderator, reason="")
    assert standing.unfinished() == [spammer.pk]
    tasks.finish_clean_ups()
    assert live(spammer) == 0
    assert not Vote.objects.exists()
    assert not Review.objects.waiting().exists()
    assert not standing.unfinished()
    topic.refresh_from_db()
    assert topic.answer_count == 1


def _kill(*_arguments: object) -> None:
    raise SystemExit


def test_a_finished_clean_up_leaves_restored_posts_alone(spammer: User, moderator: User) -> None:
    topic = ask(spammer)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    moderating.restore(post_id=topic.posts.get().pk, actor=moderator)
    tasks.finish_clean_ups()
    assert Topic.objects.listed().get() == topic


def test_who_is_being_cleaned_up_after_writes_nothing_more(spammer: User, moderator: User, member: User) -> None:
    topic = ask(member)
    standing.clean_up(person=spammer, actor=moderator, reason="")
    with pytest.raises(ForumError, match="suspended"):
        posting.reply(topic_id=topic.pk, author=fresh(spammer), body="Buy here")
