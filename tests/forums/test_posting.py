"""Asking, replying, commenting: what is written, counted and kept."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import posting
from forums.constants import State, TopicKind
from forums.errors import ForumError
from forums.models import Member, Post, Tag, Topic
from forums.posting import NewTopic
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db


def test_a_question_is_published_with_its_tags(member: User) -> None:
    topic = ask(member, tags=["NetSuite", "rate limits", "netsuite"])
    assert topic.state == State.PUBLISHED
    assert sorted(topic.tags.values_list("slug", flat=True)) == ["netsuite", "rate-limits"]
    assert list(Tag.objects.values_list("topic_count", flat=True)) == [1, 1]
    assert topic.posts.get().body_html == "<p>Since this morning no order arrives.</p>\n"


def test_a_synonym_leads_to_the_tag_it_means(member: User) -> None:
    meant = Tag.objects.create(community=main_community(), slug="netsuite")
    Tag.objects.create(community=main_community(), slug="oracle-netsuite", synonym_of=meant)
    assert list(ask(member, tags=["oracle-netsuite"]).tags.all()) == [meant]


def test_more_than_five_tags_are_refused(member: User) -> None:
    with pytest.raises(ForumError, match="at most 5"):
        ask(member, tags=["a1", "b1", "c1", "d1", "e1", "f1"])


def test_the_same_form_sent_twice_is_one_topic(member: User) -> None:
    token = uuid4()
    shelf = category()
    new = NewTopic(title="Orders stop syncing", body="Since this morning.")
    first, second = (
        posting.ask(community=shelf.community, category=shelf, author=member, new=new, submission_token=token)
        for _turn in range(2)
    )
    assert first == second
    assert Topic.objects.count() == 1


def test_a_reply_moves_its_topic_and_counts(member: User, engineer: User) -> None:
    topic = ask(member, tags=["netsuite"])
    post = reply(topic, engineer)
    topic.refresh_from_db()
    assert (topic.answer_count, topic.last_public_number, topic.last_poster) == (1, post.number, engineer)
    assert topic.bumped_at == post.created_at == topic.topic_tags.get().bumped_at


def test_a_comment_counts_on_its_post_and_moves_nothing(member: User, engineer: User) -> None:
    topic = ask(member)
    before = topic.bumped_at
    post = reply(topic, engineer)
    comment(post, member)
    post.refresh_from_db()
    topic.refresh_from_db()
    assert post.comment_count == 1
    assert topic.answer_count == 1
    assert topic.bumped_at == post.created_at > before


def test_only_the_team_writes_announcements(member: User, engineer: User) -> None:
    with pytest.raises(ForumError, match="Only the team"):
        ask(member, kind=TopicKind.ANNOUNCEMENT)
    with pytest.raises(ForumError, match="Only the team"):
        ask(member, shelf=category("announcements"))
    assert ask(engineer, kind=TopicKind.ANNOUNCEMENT, shelf=category("announcements")).pk


def test_a_locked_topic_takes_no_reply(member: User, engineer: User) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(is_locked=True)
    with pytest.raises(ForumError, match="locked"):
        reply(topic, engineer)


def test_a_deleted_topic_does_not_exist_for_a_reply(member: User, engineer: User) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(state=State.DELETED)
    with pytest.raises(Topic.DoesNotExist):
        reply(topic, engineer)


def test_a_reply_to_a_long_topic_runs_as_many_queries(member: User, engineer: User) -> None:
    topic = ask(member, tags=["netsuite"])
    counts = []
    reply(topic, engineer)
    for _turn in range(6):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            reply(topic, engineer)
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_counts_of_the_writer_follow(member: User, engineer: User) -> None:
    topic = ask(member)
    reply(topic, engineer)
    row = Member.objects.get(user=engineer)
    assert row.post_count == 1
    assert row.first_posted_at is not None
    assert Post.objects.published().count() == 2
