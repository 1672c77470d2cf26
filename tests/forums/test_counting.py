"""What the nights set right, and the leaderboards that each hour writes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from forums import changes, counting, publishing, tasks, voting
from forums.constants import State
from forums.models import Draft, Member, Post, Standing, Tag, Topic, TopicRead, Vote
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, comment, main_community, reply

pytestmark = pytest.mark.django_db


def standings(period: str = "all") -> list[tuple[int, str, int, int, int]]:
    rows = Standing.objects.filter(community=main_community(), period=period).order_by("rank")
    return list(rows.values_list("rank", "user__display_name", "reputation", "posts", "accepted"))


def test_drifted_members_are_set_right(member: User, engineer: User) -> None:
    answer = reply(ask(member), engineer)
    voting.vote(post_id=answer.pk, user=member)
    voting.accept(post_id=answer.pk, actor=member)
    Member.objects.update(reputation=999, post_count=999)
    tasks.recount_members()
    assert dict(Member.objects.values_list("user", "reputation")) == {member.pk: 0, engineer.pk: 25}
    assert set(Member.objects.values_list("post_count", flat=True)) == {1}


def test_drifted_topics_posts_and_tags_are_set_right(member: User, engineer: User) -> None:
    topic = ask(member, tags=["netsuite"])
    answer = reply(topic, engineer)
    comment(answer, member)
    voting.vote(post_id=topic.posts.get(number=0).pk, user=engineer)
    Topic.objects.update(answer_count=7, last_public_number=7, score=7)
    Post.objects.update(comment_count=7)
    Tag.objects.update(topic_count=7)
    assert tasks.recount_topics() == 1 + 2 + 1
    topic.refresh_from_db()
    assert (topic.answer_count, topic.last_public_number, topic.score) == (1, 1, 1)
    assert list(Post.objects.order_by("id").values_list("comment_count", flat=True)) == [0, 1, 7]
    assert Tag.objects.get().topic_count == 1


def test_what_is_right_is_not_written(member: User, engineer: User) -> None:
    comment(reply(ask(member, tags=["netsuite"]), engineer), member)
    assert tasks.recount_topics() == 0


def test_every_batch_is_counted(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH", 2)
    monkeypatch.setattr(counting, "LOOKED_AT", 2)
    for number in range(5):
        ask(member, title=f"A question of number {number}", tags=[f"tag-{number}"])
    Topic.objects.update(answer_count=7)
    Tag.objects.update(topic_count=7)
    assert tasks.recount_topics() == 10


def test_the_leaderboard_ranks_by_what_was_earned(member: User, engineer: User) -> None:
    topic = ask(member)
    answer = reply(topic, engineer)
    voting.vote(post_id=answer.pk, user=member)
    voting.vote(post_id=topic.posts.get(number=0).pk, user=engineer)
    voting.accept(post_id=answer.pk, actor=member)
    reply(topic, UserFactory())
    for _turn in range(2):
        tasks.write_standings()
    assert standings() == standings("month") == [(1, "Erik Lind", 25, 1, 1), (2, "Mel Carter", 10, 1, 0)]


def test_the_months_leaderboard_forgets_what_is_older(member: User, engineer: User) -> None:
    topic = ask(member)
    answer = reply(topic, engineer)
    voting.vote(post_id=answer.pk, user=member)
    voting.accept(post_id=answer.pk, actor=member)
    Vote.objects.update(created_at=timezone.now() - timedelta(days=31))
    tasks.write_standings()
    assert standings("month") == [(1, "Erik Lind", 15, 1, 1)]
    assert standings() == [(1, "Erik Lind", 25, 1, 1)]


def test_what_is_hidden_and_who_is_gone_ranks_nowhere(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    answer = reply(topic, engineer)
    voting.vote(post_id=answer.pk, user=member)
    voting.vote(post_id=topic.posts.get(number=0).pk, user=engineer)
    publishing.set_state(changes.lock_post(post_id=answer.pk, user=moderator), State.HIDDEN)
    User.objects.filter(pk=member.pk).update(is_active=False)
    tasks.write_standings()
    assert standings() == []


def test_a_leaderboard_has_a_hundred_rows(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "STANDINGS", 1)
    for person in UserFactory.create_batch(3):
        voting.vote(post_id=ask(person).posts.get().pk, user=member)
    tasks.write_standings()
    assert [row[0] for row in standings()] == [1]


def test_forgotten_drafts_and_useless_marks_are_swept(member: User, engineer: User) -> None:
    old, fresh = ask(engineer), ask(engineer, title="A question that is new")
    Topic.objects.filter(pk=old.pk).update(bumped_at=timezone.now() - timedelta(days=9))
    for topic in (old, fresh):
        TopicRead.objects.create(user=member, topic=topic, number=0)
    Member.objects.create(user=member, read_before=timezone.now() - timedelta(days=1))
    Draft.objects.create(user=member, key="reply:1", updated_at=timezone.now() - timedelta(days=91))
    Draft.objects.create(user=member, key="reply:2", updated_at=timezone.now() - timedelta(days=89))
    tasks.sweep()
    assert TopicRead.objects.get().topic == fresh
    assert Draft.objects.get().key == "reply:2"
