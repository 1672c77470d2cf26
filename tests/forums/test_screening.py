"""What is held for a moderator, and what is not."""

import math
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from forums import editing, posting, screening
from forums.constants import State
from forums.models import Member, ModerationEvent, Post, Review, Topic
from forums.posting import NewTopic
from forums.screening import Hints
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, reply

pytestmark = pytest.mark.django_db

LONG = "Our nightly job writes orders to NetSuite, and since the upgrade it stops after 200 records without an error."
NOW = timezone.now


def start(author: User, body: str = LONG, *, title: str = "Orders stop syncing", hints: Hints | None = None) -> Topic:
    shelf = category()
    return posting.ask(
        community=shelf.community,
        category=shelf,
        author=author,
        new=NewTopic(title=title, body=body),
        hints=hints or Hints(seconds=60),
    )


def signals(topic: Topic) -> list[str]:
    return list(Review.objects.get(post__topic=topic).signals)


def known(user: User, *, reputation: int = 0) -> User:
    fields = {"first_posted_at": NOW() - timedelta(days=9), "reputation": reputation}
    Member.objects.update_or_create(user=user, defaults=fields)
    return User.objects.get(pk=user.pk)


def test_an_ordinary_question_is_published(member: User) -> None:
    topic = start(member)
    assert topic.state == State.PUBLISHED
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("hints", "code"),
    [
        (Hints(honeypot="https://spam.example", seconds=60), "honeypot"),
        (Hints(seconds=1.5), "fast"),
        (Hints(seconds=None), "stamp"),
    ],
)
def test_what_only_scripts_do_is_held(member: User, hints: Hints, code: str) -> None:
    topic = start(known(member), f"{LONG} See https://docs.example/limits", hints=hints)
    assert topic.state == State.HELD
    assert signals(topic) == [code]


def test_a_quick_text_without_a_link_is_published(member: User) -> None:
    assert start(member, hints=Hints(seconds=0.5)).state == State.PUBLISHED


def test_a_text_that_came_without_a_form_is_not_suspect(member: User) -> None:
    assert Hints().seconds == math.inf
    assert start(member, hints=Hints()).state == State.PUBLISHED


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ("Best offers", "Buy here https://one.example https://two.example", "links"),
        ("A useful page", f"{LONG} More at https://bit.ly/3xYz", "shortener"),
        ("Support number +1 888 555 0142 9", LONG, "phone"),
        ("Call now", f"{LONG} +1-888-555-0142, https://help.example", "phone"),
        ("CHEAP LICENCES TODAY", "BUY CHEAP LICENCES TODAY FROM THE ONE AND ONLY", "shouting"),
        ("Big sale 🎉🎉🎉🎉", "🔥🔥🔥🔥🔥🔥 now", "emoji"),
    ],
)
def test_known_patterns_of_spam_hold_a_new_member(member: User, title: str, body: str, code: str) -> None:
    assert code in signals(start(member, body, title=title))


@pytest.mark.parametrize(
    "body",
    [
        "UNABLE_TO_LOCK_ROW and INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY come for every second row of ours",
        "The header is ID,NAME,CREATED_DATE,OWNER_ID and the job of today says 1.62.0 and 2026-11-25 10:15",
        "Thank you 🙂",
        "The documentation at https://docs.example/limits says 200, but our job stops at 100 rows, why is that so?",
        "Die ÄNDERUNG geht nicht",
        "مرحبا، لا تعمل المزامنة منذ الصباح",
    ],
)
def test_what_people_write_about_their_work_is_published(member: User, body: str) -> None:
    assert start(member, body, title="Insert fails").state == State.PUBLISHED


def test_the_same_text_again_is_held(member: User, engineer: User) -> None:
    topic = ask(engineer)
    start(member)
    post = posting.reply(topic_id=topic.pk, author=member, body=LONG.upper().title(), hints=Hints(seconds=60))
    assert post.state == State.HELD
    assert post.reviews.get().signals == ["repeat"]


def test_a_polite_word_may_be_said_twice(member: User, engineer: User) -> None:
    topic = ask(engineer)
    for _turn in range(2):
        post = posting.reply(topic_id=topic.pk, author=member, body="Thank you!", hints=Hints(seconds=60))
        assert post.state == State.PUBLISHED


def test_the_text_of_another_new_member_is_held(member: User) -> None:
    start(UserFactory())
    assert signals(start(member)) == ["copy"]


def test_quoting_what_an_old_hand_wrote_is_not(member: User) -> None:
    start(known(UserFactory()))
    assert start(member).state == State.PUBLISHED


def test_a_text_that_a_moderator_hid_is_known_again(member: User) -> None:
    start(known(UserFactory()))
    Post.objects.update(state=State.HIDDEN)
    assert signals(start(member)) == ["copy"]


def test_members_are_not_held_for_their_words(member: User) -> None:
    assert start(known(member), "Buy here https://one.example https://two.example").state == State.PUBLISHED


def test_trusted_people_are_never_held(member: User, moderator: User) -> None:
    for person in (known(member, reputation=500), moderator):
        assert start(person, hints=Hints(honeypot="x", seconds=None)).state == State.PUBLISHED


def test_a_held_post_stands_in_the_queue_and_on_the_trail(member: User) -> None:
    topic = start(member, hints=Hints(seconds=None))
    assert Review.objects.waiting().get().community == topic.community
    event = ModerationEvent.objects.get(act="post_held")
    assert (event.subject, event.actor, event.data) == (member, None, {"signals": ["stamp"]})


def test_nobody_but_author_and_moderators_sees_what_is_held(member: User, engineer: User, moderator: User) -> None:
    topic = start(member, hints=Hints(seconds=None))
    seen_by = [user for user in (member, engineer, moderator) if Topic.objects.visible_to(user).exists()]
    assert seen_by == [member, moderator]
    assert not Topic.objects.listed().filter(pk=topic.pk).exists()


def test_an_edit_of_a_new_member_is_screened(member: User) -> None:
    post = start(member).posts.get()
    editing.edit_post(post_id=post.pk, editor=member, body=f"{LONG} More at https://bit.ly/3xYz")
    post.refresh_from_db()
    assert post.state == State.HELD
    assert post.reviews.get().signals == ["shortener", "edit"]


def test_an_edit_that_adds_nothing_suspect_stays_published(member: User, engineer: User) -> None:
    post = reply(ask(engineer), member, f"{LONG} More at https://bit.ly/3xYz")
    editing.edit_post(post_id=post.pk, editor=member, body=f"{LONG} Solved. More at https://bit.ly/3xYz")
    post.refresh_from_db()
    assert post.state == State.PUBLISHED


def test_every_signal_has_words() -> None:
    assert {"honeypot", "fast", "stamp", "links", "repeat", "copy", "edit", "flags"} <= set(screening.WORDS)
