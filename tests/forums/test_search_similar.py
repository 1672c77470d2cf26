"""What was asked before, while somebody writes a question."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import publishing, voting
from forums.changes import lock_post
from forums.constants import State
from forums.models import Topic
from forums.search import counting
from forums.search.similar import similar
from tests.factories.forums import ask, main_community, reply

pytestmark = pytest.mark.django_db


def like(title: str, text: str = "") -> list[str]:
    found = similar(title=title, text=text, community=main_community(), user=AnonymousUser())
    return [topic.title for topic in found]


@pytest.fixture
def topics(member: User, engineer: User) -> dict[str, Topic]:
    solved = ask(member, title="Zebra crossing stops at night", body="The crossing is closed after dark.")
    voting.accept(post_id=reply(solved, engineer, "Switch the lamp on.").pk, actor=member)
    found = {
        "solved": solved,
        "open": ask(member, title="Zebra crossing stops every night", body="It stops."),
        "other": ask(member, title="Invoices are printed twice", body="Two of each since the update."),
    }
    counting.refresh_due()
    return found


def test_those_with_an_accepted_answer_come_first(topics: dict[str, Topic]) -> None:
    assert like("Zebra crossing stops every night") == [topics["solved"].title, topics["open"].title]


def test_what_is_not_like_it_stays_out(topics: dict[str, Topic]) -> None:
    assert topics["other"].title not in like("Zebra crossing stops every night", "The update came at night.")
    assert like("Completely different matter of taxes") == []


def test_the_text_counts_as_well(topics: dict[str, Topic]) -> None:
    assert like("A question", "Our invoices come out of the printer twice since the update") == [topics["other"].title]


def test_slips_in_the_title_are_forgiven(topics: dict[str, Topic]) -> None:
    assert topics["solved"].title in like("zebra crosing stops")


@pytest.mark.parametrize("title", ["", "the", '"', "-zebra", "\0", "'; --", "x" * 150, "😀" * 50])
def test_anything_may_be_typed(topics: dict[str, Topic], title: str) -> None:
    assert isinstance(like(title, title * 100), list)


def test_nobody_is_shown_what_is_hidden(topics: dict[str, Topic], moderator: User) -> None:
    publishing.set_state(lock_post(post_id=topics["open"].posts.get().pk, user=moderator), State.HIDDEN)
    for user in (AnonymousUser(), moderator):
        found = similar(title="Zebra crossing stops", text="", community=main_community(), user=user)
        assert found == [topics["solved"]]


def test_as_many_queries_for_many_as_for_one(member: User) -> None:
    counts = []
    for wanted in (1, 6):
        while Topic.objects.count() < wanted:
            ask(member, title=f"Zebra crossing {Topic.objects.count()}", tags=["stripes"])
        with CaptureQueriesContext(connection) as captured:
            assert len(like("zebra crossing")) == wanted
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 7
