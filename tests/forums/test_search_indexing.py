"""Keeping the index in step with what is written."""

import pytest

from accounts.models import User
from forums import editing, organising, publishing
from forums.changes import lock_post
from forums.constants import State
from forums.models import Lexeme, Post, Posting, SearchIndex, Topic
from forums.search import counting, indexing
from tests.factories.forums import ask, comment, main_community, reply

pytestmark = pytest.mark.django_db


def weight(topic: Topic, lexeme: str) -> float:
    found = Posting.objects.filter(topic=topic, lexeme=lexeme).first()
    return found.weight if found else 0.0


def everything(topic: Topic) -> dict[str, float]:
    return {row.lexeme: round(row.weight, 6) for row in Posting.objects.filter(topic=topic)}


def test_a_word_weighs_most_in_the_title(member: User, engineer: User) -> None:
    topic = ask(member, title="Zebra crossing fails", body="The giraffe is late.")
    reply(topic, engineer, "Feed the antelope.")
    assert weight(topic, "zebra") > weight(topic, "giraff") > weight(topic, "antelop") > 0


def test_a_reply_adds_its_own_words_and_a_rewrite_says_the_same(member: User, engineer: User) -> None:
    topic = ask(member, title="Zebra crossing fails", body="The giraffe is late. UNABLE_TO_LOCK_ROW again.")
    post = reply(topic, engineer, "Feed the zebra, the giraffe and the antelope.")
    comment(post, member, "The antelope was hungry.")
    added = everything(topic)
    indexing.reindex(topic)
    assert everything(topic) == added
    assert added["zebra"] > 5 * 0.5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("It says UNABLE_TO_LOCK_ROW: again", "unable_to_lock_row"),
        ("map to External_Id__c please", "external_id__c"),
        ("as in case CS-000123.", "cs-000123"),
        ("since release 62.0.1 it fails", "62.0.1"),
        ("the file orders.csv", "orders.csv"),
    ],
)
def test_codes_are_kept_whole(member: User, text: str, code: str) -> None:
    topic = ask(member, body=text)
    assert weight(topic, code) > 0
    assert (
        topic.posts.filter(search__isnull=False).extra(where=["search @@ %s::tsquery"], params=[f"'{code}'"]).exists()
    )


def test_an_edit_is_indexed_anew(member: User) -> None:
    topic = ask(member, title="Zebra crossing fails", body="The giraffe is late.")
    editing.edit_post(post_id=topic.posts.get().pk, editor=member, title="Hippo pool is dry", body="The lion waits.")
    assert weight(topic, "zebra") == weight(topic, "giraff") == 0
    assert weight(topic, "hippo") > weight(topic, "lion") > 0


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_nothing_stays_of_what_not_everybody_may_see(
    member: User, engineer: User, moderator: User, state: State
) -> None:
    topic = ask(member, title="Zebra crossing fails")
    post = reply(topic, engineer, "Feed the antelope.")
    comment(post, member, "The lion waits.")
    publishing.set_state(lock_post(post_id=post.pk, user=moderator), state)
    assert weight(topic, "zebra") > 0
    assert weight(topic, "antelop") == weight(topic, "lion") == 0
    assert Post.objects.get(pk=post.pk).search is None
    publishing.set_state(lock_post(post_id=topic.posts.get(number=0, parent=None).pk, user=moderator), state)
    assert not Posting.objects.filter(topic=topic).exists()


def test_what_is_restored_is_found_again(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member, title="Zebra crossing fails")
    post = reply(topic, engineer, "Feed the antelope.")
    before = everything(topic)
    for state in (State.HIDDEN, State.PUBLISHED):
        publishing.set_state(lock_post(post_id=post.pk, user=moderator), state)
    assert everything(topic) == before
    assert Post.objects.get(pk=post.pk).search is not None


def test_a_merged_topic_leaves_its_words_to_the_other(member: User, moderator: User) -> None:
    gone, kept = ask(member, title="Zebra crossing fails"), ask(member, title="Hippo pool is dry", body="A giraffe.")
    organising.merge(topic_id=gone.pk, into_id=kept.pk, actor=moderator)
    assert not Posting.objects.filter(topic=gone).exists()
    # Its title is gone with it, its text is a reply.
    assert weight(kept, "order") > 0


def test_of_a_long_topic_the_first_replies_are_indexed(
    member: User, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_ONE_POST", "_STORE", "_POSTS_OF_TOPICS"):
        monkeypatch.setattr(indexing, name, getattr(indexing, name).replace("200", "2").replace("201", "3"))
    topic = ask(member)
    for word in ("zebra", "giraffe", "antelope"):
        reply(topic, engineer, f"Feed the {word}.")
    assert weight(topic, "giraff") > 0
    assert weight(topic, "antelop") == 0


def test_a_community_has_one_live_index(member: User) -> None:
    for _turn in range(2):
        ask(member)
    assert SearchIndex.objects.get(community=main_community()).is_live


def test_counts_follow_at_the_next_refresh(member: User, moderator: User) -> None:
    topics = [ask(member, title=f"Zebra crossing {number}") for number in range(3)]
    index = SearchIndex.objects.get()
    assert counting.refresh_due() == 1
    index.refresh_from_db()
    assert index.topics == 3
    assert index.mean_title == 3
    assert Lexeme.objects.get(lexeme="zebra").topics == 3
    publishing.set_state(lock_post(post_id=topics[0].posts.get().pk, user=moderator), State.HIDDEN)
    counting.refresh(index.pk)
    assert Lexeme.objects.get(lexeme="zebra").topics == 2
    assert Lexeme.objects.get(lexeme="0").topics == 0


def test_nothing_is_counted_twice_without_a_change(member: User) -> None:
    ask(member)
    assert counting.refresh_due() == 1
    assert counting.refresh_due() == 0
