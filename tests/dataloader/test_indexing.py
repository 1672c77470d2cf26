"""Which topics speak of which codes, whatever happens to their posts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from dataloader import indexing
from dataloader.models import ErrorCode, TopicErrorCode
from forums import changes, editing, organising, publishing
from forums.constants import PostKind, State
from forums.models import Post, Topic
from tests.factories import forums
from tests.factories.dataloader import ask, code

pytestmark = pytest.mark.django_db


def codes_of(topic: Topic) -> list[str]:
    return sorted(TopicErrorCode.objects.filter(topic=topic).values_list("code__code", flat=True))


def counted(name: str = "UNABLE_TO_LOCK_ROW") -> int:
    return code(name).topic_count


def test_a_code_in_the_title_or_any_post_is_found(member: User, engineer: User) -> None:
    topic = ask(member, body="Also INVALID_FIELD: no such column.")
    answer = forums.reply(topic, engineer, "That is `DUPLICATE_VALUE`, I think.")
    forums.comment(answer, member, "No, STRING_TOO_LONG it says.")
    assert codes_of(topic) == ["DUPLICATE_VALUE", "INVALID_FIELD", "STRING_TOO_LONG", "UNABLE_TO_LOCK_ROW"]
    assert counted() == 1


def test_a_code_named_twice_is_one_row(member: User, engineer: User) -> None:
    topic = ask(member)
    forums.reply(topic, engineer, "UNABLE_TO_LOCK_ROW means a lock.")
    assert codes_of(topic) == ["UNABLE_TO_LOCK_ROW"]
    assert counted() == 1


def test_words_that_only_look_like_codes_are_left_alone(member: User) -> None:
    topic = ask(member, "What is FOO_BAR_BAZ supposed to mean?", "And XUNABLE_TO_LOCK_ROW, or unable_to_lock_row?")
    assert codes_of(topic) == []
    assert 'class="term"' not in topic.posts.get().body_html


def test_known_codes_are_linked_also_in_code(member: User) -> None:
    topic = ask(member, "What does this one mean?", "It says `UNABLE_TO_LOCK_ROW`, or UNABLE_TO_LOCK_ROW:unable to.")
    html = topic.posts.get().body_html
    assert html.count('<a href="/data-loader/errors/UNABLE_TO_LOCK_ROW/" class="term">') == 2


def test_other_communities_link_and_index_nothing(member: User) -> None:
    topic = forums.ask(member, "UNABLE_TO_LOCK_ROW in our flow", "UNABLE_TO_LOCK_ROW again.")
    assert codes_of(topic) == []
    assert 'class="term"' not in topic.posts.get().body_html


def test_a_hidden_reply_takes_its_codes_along(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    answer = forums.reply(topic, engineer, "DUPLICATE_VALUE")
    set_state(answer, State.HIDDEN, moderator)
    assert codes_of(topic) == ["UNABLE_TO_LOCK_ROW"]
    assert counted("DUPLICATE_VALUE") == 0
    set_state(answer, State.PUBLISHED, moderator)
    assert codes_of(topic) == ["DUPLICATE_VALUE", "UNABLE_TO_LOCK_ROW"]


def test_a_hidden_topic_speaks_of_nothing(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    forums.reply(topic, engineer, "DUPLICATE_VALUE")
    set_state(topic.posts.get(kind=PostKind.OPENING), State.HIDDEN, moderator)
    assert codes_of(topic) == []
    assert counted() == counted("DUPLICATE_VALUE") == 0


def test_comments_of_a_hidden_reply_go_with_it(member: User, engineer: User, moderator: User) -> None:
    topic = ask(member)
    answer = forums.reply(topic, engineer, "Is it INVALID_FIELD?")
    forums.comment(answer, member, "No, STRING_TOO_LONG.")
    set_state(answer, State.HIDDEN, moderator)
    assert codes_of(topic) == ["UNABLE_TO_LOCK_ROW"]


def test_an_edit_adds_and_removes(member: User) -> None:
    topic = ask(member, body="INVALID_FIELD")
    editing.edit_post(
        post_id=topic.posts.get().pk, editor=member, title="Duplicates when loading", body="DUPLICATE_VALUE"
    )
    assert codes_of(topic) == ["DUPLICATE_VALUE"]
    assert counted() == 0


def test_an_edit_keeps_a_code_that_another_post_names(member: User, engineer: User) -> None:
    topic = ask(member)
    answer = forums.reply(topic, engineer, "INVALID_FIELD")
    forums.reply(topic, member, "Yes, INVALID_FIELD.")
    editing.edit_post(post_id=answer.pk, editor=engineer, body="Something else.")
    assert codes_of(topic) == ["INVALID_FIELD", "UNABLE_TO_LOCK_ROW"]


def test_a_topic_moved_elsewhere_and_back_takes_its_codes_along(member: User, moderator: User) -> None:
    topic = ask(member)
    shelf = topic.category
    organising.move(topic_id=topic.pk, actor=moderator, category=forums.category())
    assert codes_of(topic) == []
    organising.move(topic_id=topic.pk, actor=moderator, category=shelf)
    assert codes_of(topic) == ["UNABLE_TO_LOCK_ROW"]
    assert counted() == 1


def test_a_merge_hands_the_codes_over(member: User, engineer: User, moderator: User) -> None:
    topic, target = ask(member), ask(engineer, "A question about fields", "INVALID_FIELD")
    organising.merge(topic_id=topic.pk, into_id=target.pk, actor=moderator)
    # The merged topic's title is gone; its text said nothing of a code.
    assert codes_of(topic) == []
    assert codes_of(target) == ["INVALID_FIELD"]
    assert counted() == 0


def test_a_reply_to_a_long_topic_runs_as_many_queries(member: User, engineer: User) -> None:
    topic = ask(member)
    counts = []
    for _turn in range(5):
        post = forums.reply(topic, engineer, "UNABLE_TO_LOCK_ROW")
        counts.append(_queries(post))
    assert len(set(counts)) == 1


def test_a_new_code_finds_what_was_written_before(member: User) -> None:
    topic = ask(member, "CIRCULAR_DEPENDENCY, what is that?")
    ask(member, "A question about nothing of that kind", "XCIRCULAR_DEPENDENCY")
    new = ErrorCode.objects.create(code="CIRCULAR_DEPENDENCY", title="In a circle", explanation="A.", fix="- B")
    indexing.find_topics(new)
    assert codes_of(topic) == ["CIRCULAR_DEPENDENCY"]
    assert counted("CIRCULAR_DEPENDENCY") == 1


def test_a_flood_of_words_is_read_within_bounds(member: User) -> None:
    topic = ask(member, body=" ".join(f"WORD_{n}" for n in range(5000)))
    assert codes_of(topic) == ["UNABLE_TO_LOCK_ROW"]


def set_state(post: Post, state: State, moderator: User) -> None:
    publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), state)


def _queries(post: Post) -> Any:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        indexing.keep([post])
    return len(captured)
