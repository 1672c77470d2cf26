"""How much somebody may write, and how soon."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import editing, limits, policies, posting
from forums.constants import Trust
from forums.errors import ForumError, LimitError
from forums.models import Member, Post, Topic
from forums.posting import NewTopic
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, reply

LINKS = "See https://one.example/a and https://two.example/b and https://three.example/c for how it is done."


def start(
    author: User, title: str = "Orders stop syncing", body: str = "Since this morning no order arrives."
) -> Topic:
    shelf = category()
    return posting.ask(community=shelf.community, category=shelf, author=author, new=NewTopic(title=title, body=body))


def answer(topic: Topic, author: User, number: int) -> Post:
    return posting.reply(topic_id=topic.pk, author=author, body=f"Try {number}")


def make_older(author: User, by: timedelta) -> None:
    for post in Post.objects.filter(author=author):
        Post.objects.filter(pk=post.pk).update(created_at=post.created_at - by)


def known_since(user: User, since: timedelta, *, reputation: int = 0) -> User:
    moment = timezone.now() - since
    Member.objects.update_or_create(user=user, defaults={"first_posted_at": moment, "reputation": reputation})
    return User.objects.get(pk=user.pk)


@pytest.fixture
def old_hand(member: User) -> User:
    return known_since(member, timedelta(days=30))


@pytest.mark.django_db
def test_a_new_member_starts_three_topics_on_the_first_day(member: User) -> None:
    for _turn in range(3):
        start(member)
        make_older(member, timedelta(hours=2))
    with pytest.raises(LimitError, match=r"3 topics\. Please wait about 18 hours"):
        start(member)


@pytest.mark.django_db
def test_a_new_member_writes_ten_replies_and_comments_on_the_first_day(member: User, engineer: User) -> None:
    topic = ask(engineer)
    for number in range(9):
        answer(topic, member, number)
        make_older(member, timedelta(minutes=5))
    posting.comment(post_id=topic.posts.first().pk, author=member, body="And a comment")  # type: ignore[union-attr]
    make_older(member, timedelta(minutes=5))
    with pytest.raises(LimitError, match="10 replies and comments"):
        answer(topic, member, 10)


@pytest.mark.django_db
def test_the_message_says_when_to_go_on(old_hand: User) -> None:
    start(old_hand)
    start(old_hand)
    make_older(old_hand, timedelta(seconds=25))
    with pytest.raises(LimitError, match=r"2 topics within a minute are the limit\. Please wait about 40 seconds"):
        start(old_hand)
    make_older(old_hand, timedelta(seconds=40))
    assert start(old_hand).pk


@pytest.mark.django_db
def test_the_longest_wait_is_the_one_that_is_told(old_hand: User) -> None:
    for _turn in range(limits.ALLOWANCES[Trust.MEMBER].topics[1].count):
        start(old_hand)
        make_older(old_hand, timedelta(minutes=5))
    with pytest.raises(LimitError, match=r"within an hour .* about 30 minutes"):
        start(old_hand)


@pytest.mark.django_db
def test_replies_do_not_use_up_topics(old_hand: User, engineer: User) -> None:
    topic = ask(engineer)
    for number in range(6):
        answer(topic, old_hand, number)
    with pytest.raises(LimitError):
        answer(topic, old_hand, 7)
    assert start(old_hand).pk


@pytest.mark.django_db
def test_trusted_members_write_more_than_members(member: User, engineer: User) -> None:
    trusted = known_since(member, timedelta(days=30), reputation=500)
    topic = ask(engineer)
    for number in range(8):
        answer(topic, trusted, number)


@pytest.mark.django_db
def test_moderators_are_not_limited(moderator: User) -> None:
    for _turn in range(12):
        start(moderator)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (LINKS, "2 links"),
        (f"![a](/forums/images/{'a' * 22}/) ![b](/forums/images/{'b' * 22}/)", "1 picture"),
        ("Hello @ada, @erik and @mina, can you help me?", "name 2 people"),
    ],
)
def test_a_new_member_puts_little_into_one_post(member: User, body: str, words: str) -> None:
    with pytest.raises(LimitError, match=words):
        start(member, body=body)
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_after_the_first_day_there_is_no_such_limit(old_hand: User) -> None:
    assert start(old_hand, body=LINKS).pk


@pytest.mark.django_db
def test_an_edit_is_no_way_around_the_limit(member: User) -> None:
    post = start(member).posts.get()
    with pytest.raises(LimitError, match="2 links"):
        editing.edit_post(post_id=post.pk, editor=member, body=LINKS)


@pytest.mark.django_db
def test_what_a_moderator_let_into_a_post_may_stay_in_it(member: User, moderator: User) -> None:
    post = start(member).posts.get()
    editing.edit_post(post_id=post.pk, editor=moderator, body=LINKS)
    editing.edit_post(post_id=post.pk, editor=member, body=LINKS + " Solved!")
    post.refresh_from_db()
    assert post.body.endswith("Solved!")


@pytest.mark.django_db
def test_a_limit_is_a_refusal_that_keeps_the_text(member: User) -> None:
    assert issubclass(LimitError, ForumError)


@pytest.mark.django_db
def test_counting_takes_as_many_queries_after_many_posts(old_hand: User, engineer: User) -> None:
    topic = ask(engineer)
    policies.trust(old_hand)  # a person's rights are read once a request
    counts = []
    for number in range(4):
        for _turn in range(number * 5):
            reply(topic, old_hand)
        make_older(old_hand, timedelta(days=2))
        with CaptureQueriesContext(connection) as captured:
            limits.require_room(
                user=old_hand,
                member=Member.objects.get(user=old_hand),
                kind="reply",  # type: ignore[arg-type]
                body="x",
            )
        counts.append(len(captured))
    assert len(set(counts)) == 1


@pytest.fixture
def two_started(transactional_db: None) -> User:
    user: User = UserFactory()
    start(user)
    make_older(user, timedelta(hours=1))
    start(user)
    make_older(user, timedelta(hours=1))
    return user


@pytest.mark.django_db(transaction=True)
def test_two_topics_at_once_do_not_both_find_room(two_started: User) -> None:
    barrier, refusals = Barrier(2), []

    def write(number: int) -> None:
        try:
            barrier.wait(timeout=10)
            start(User.objects.get(pk=two_started.pk), title=f"Orders stop syncing {number}")
        except LimitError as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert Topic.objects.count() == 3
    assert len(refusals) == 1
    assert re.search("3 topics", refusals[0])
