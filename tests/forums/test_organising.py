"""Votes, acceptance, edits, moves, merges, duplicates."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, User
from forums import changes, editing, moderating, organising, publishing, voting
from forums.constants import FlagReason, State
from forums.errors import ForumError, StaleError
from forums.models import Community, Member, ModerationEvent, Post, Review, Tag, Topic
from tests.factories.forums import ask, category, comment, reply

pytestmark = pytest.mark.django_db


def reputation(user: User) -> int:
    return Member.objects.get(user=user).reputation


def test_a_vote_counts_once_and_says_so(member: User, engineer: User) -> None:
    post = reply(ask(member), engineer)
    voting.vote(post_id=post.pk, user=member)
    with pytest.raises(ForumError, match="already"):
        voting.vote(post_id=post.pk, user=member)
    post.refresh_from_db()
    assert (post.score, post.score_rank, reputation(engineer)) == (1, -1, 10)
    voting.unvote(post_id=post.pk, user=member)
    assert reputation(engineer) == 0


def test_nobody_votes_for_themselves(member: User) -> None:
    topic = ask(member)
    with pytest.raises(ForumError, match="your own"):
        voting.vote(post_id=topic.posts.get().pk, user=member)


def test_the_asker_accepts_and_may_change_it(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    first, second = reply(topic, engineer), reply(topic, moderator)
    voting.accept(post_id=first.pk, actor=member)
    voting.accept(post_id=second.pk, actor=member)
    topic.refresh_from_db()
    assert topic.accepted_post == second
    assert (reputation(engineer), reputation(moderator)) == (0, 15)
    voting.unaccept(topic_id=topic.pk, actor=member)
    assert reputation(moderator) == 0


def test_a_stranger_accepts_nothing(member: User, engineer: User) -> None:
    post = reply(ask(member), engineer)
    with pytest.raises(ForumError, match="Only the person who asked"):
        voting.accept(post_id=post.pk, actor=engineer)


def test_an_edit_keeps_the_version_before(member: User) -> None:
    topic = ask(member, tags=["netsuite"])
    post = topic.posts.get()
    editing.edit_post(post_id=post.pk, editor=member, body="New text", title="A better title", tags=["erp"], version=1)
    revision = post.revisions.get()
    assert (revision.title, revision.tags, revision.body) == (topic.title, "netsuite", post.body)
    with pytest.raises(StaleError):
        editing.edit_post(post_id=post.pk, editor=member, body="Older text", version=1)


def test_a_closed_topic_is_closed_by_its_author_and_opened_again(member: User, engineer: User) -> None:
    topic = ask(member)
    with pytest.raises(ForumError):
        organising.set_closed(topic_id=topic.pk, actor=engineer, closed=True)
    organising.set_closed(topic_id=topic.pk, actor=member, closed=True)
    with pytest.raises(ForumError, match="closed"):
        reply(topic, engineer)
    organising.set_closed(topic_id=topic.pk, actor=member, closed=False)
    assert reply(topic, engineer).pk


def test_a_merge_moves_posts_comments_and_acceptance(member: User, engineer: User, moderator: User) -> None:
    target, topic = ask(member), ask(engineer, title="The same question again", tags=["netsuite"])
    reply(target, engineer)
    answer = reply(topic, moderator)
    remark = comment(answer, engineer)
    voting.accept(post_id=answer.pk, actor=engineer)
    organising.merge(topic_id=topic.pk, into_id=target.pk, actor=moderator)
    target.refresh_from_db()
    topic.refresh_from_db()
    assert topic.merged_into == target
    assert [post.number for post in target.posts.replies().order_by("number")] == [1, 2, 3]
    assert target.posts.of_comments().get() == remark
    assert (target.answer_count, target.accepted_post) == (3, answer)
    assert Tag.objects.get().topic_count == 0
    assert not Topic.objects.visible_to(member).filter(pk=topic.pk).exists()


def test_a_duplicate_of_a_duplicate_leads_to_the_end(member: User, moderator: User) -> None:
    first, second, third = (ask(member, title=f"Question number {number}") for number in range(3))
    organising.mark_duplicate(topic_id=second.pk, of_id=first.pk, actor=moderator)
    organising.mark_duplicate(topic_id=third.pk, of_id=second.pk, actor=moderator)
    third.refresh_from_db()
    assert third.duplicate_of == first


def test_a_topic_moves_to_another_community_with_its_tags(member: User, moderator: User) -> None:
    other = Community.objects.create(slug="labs", name="Labs")
    shelf = other.categories.create(slug="all", name="All")
    topic = ask(member, tags=["netsuite"])
    organising.move(topic_id=topic.pk, actor=moderator, category=shelf)
    topic = Topic.objects.get(pk=topic.pk)
    assert topic.get_absolute_url() == f"/communities/labs/t/{topic.pk}/orders-stop-syncing-to-netsuite/"
    assert topic.tags.get().community == other
    assert dict(Tag.objects.values_list("community__slug", "topic_count")) == {"community": 0, "labs": 1}


def test_hiding_and_restoring_a_reply_keeps_every_count_right(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    first, second = reply(topic, engineer), reply(topic, moderator)
    voting.accept(post_id=second.pk, actor=member)
    for state, answers, points in ((State.HIDDEN, 1, 0), (State.PUBLISHED, 2, 0)):
        post = changes.lock_post(post_id=second.pk, user=moderator)
        assert publishing.set_state(post, state)
        topic.refresh_from_db()
        assert topic.answer_count == answers
        assert topic.bumped_at == (first if answers == 1 else second).created_at
        assert reputation(moderator) == points  # the acceptance went with the answer
    assert topic.accepted_post is None


def test_every_act_is_on_the_trail_once(member: User, moderator: User) -> None:
    topic = ask(member)
    for _turn in range(2):
        organising.set_locked(topic_id=topic.pk, actor=moderator, locked=True)
        organising.set_pinned(topic_id=topic.pk, actor=moderator, pinned=True)
    assert sorted(ModerationEvent.objects.values_list("act", flat=True)) == ["topic_locked", "topic_pinned"]


def test_an_author_deletes_an_answer_that_nobody_accepted(member: User, engineer: User) -> None:
    topic = ask(member)
    post = reply(topic, engineer)
    for _turn in range(2):
        editing.delete_post(post_id=post.pk, author=engineer)
    assert not Post.objects.visible_to(engineer).filter(pk=post.pk).exists()
    with pytest.raises(Post.DoesNotExist):
        editing.delete_post(post_id=post.pk, author=member)


def test_a_question_moves_shelves_with_an_edit(member: User) -> None:
    topic = ask(member)
    editing.edit_post(post_id=topic.posts.get().pk, editor=member, body="x y", category=category("flows"))
    topic.refresh_from_db()
    assert topic.category.slug == "flows"


def test_what_waits_for_a_moderator_goes_along_with_a_merge(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    target = ask(engineer, shelf=Community.objects.get(slug="data-loader").categories.earliest("pk"))
    flagged = reply(topic, engineer)
    moderating.flag(post_id=flagged.pk, user=member, reason=FlagReason.SPAM)
    organising.merge(topic_id=topic.pk, into_id=target.pk, actor=moderator)
    assert Review.objects.get(post=flagged).community == target.community


def _unaccept(topic: Topic, _answer: Post, _moderator: User) -> None:
    voting.unaccept(topic_id=topic.pk, actor=topic.author)


def _delete(_topic: Topic, answer: Post, _moderator: User) -> None:
    Topic.objects.update(accepted_post=None)
    editing.delete_post(post_id=answer.pk, author=answer.author)


def _advertise(_topic: Topic, answer: Post, _moderator: User) -> None:
    editing.edit_post(post_id=answer.pk, editor=answer.author, body="Cheap watches: https://bit.ly/offer")


def _merge(topic: Topic, _answer: Post, moderator: User) -> None:
    into = Topic.objects.exclude(pk=topic.pk).get()
    organising.merge(topic_id=topic.pk, into_id=into.pk, actor=moderator)


@pytest.mark.parametrize("verb", [_unaccept, _delete, _advertise, _merge])
def test_whoever_is_counted_anew_is_locked_before_the_topic(
    verb: Callable[[Topic, Post, User], None], member: User, contact: Contact, moderator: User
) -> None:
    topic, _other = ask(member), ask(member)
    answer = reply(topic, contact.user)
    voting.accept(post_id=answer.pk, actor=member)
    with CaptureQueriesContext(connection) as asked:
        verb(topic, answer, moderator)
    locks = [query["sql"] for query in asked.captured_queries if "FOR UPDATE" in query["sql"]]
    tables = [re.findall(r'FROM "(\w+)"', sql)[0] for sql in locks]
    assert tables[0] == "forums_member"
    assert "forums_topic" in tables


def test_two_questions_are_not_duplicates_of_each_other(member: User, moderator: User) -> None:
    first, second = ask(member), ask(member)
    with CaptureQueriesContext(connection) as asked:
        organising.mark_duplicate(topic_id=second.pk, of_id=first.pk, actor=moderator)
    locks = [query["sql"] for query in asked.captured_queries if "FOR UPDATE" in query["sql"]]
    # Both, in the order of their ids: the same from the other side waits, and is refused then.
    assert [int(re.findall(r'"forums_topic"."id" = (\d+)', sql)[0]) for sql in locks] == [first.pk, second.pk]
    with pytest.raises(ForumError, match="itself"):
        organising.mark_duplicate(topic_id=first.pk, of_id=second.pk, actor=moderator)
