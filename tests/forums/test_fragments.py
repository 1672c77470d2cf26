"""Parts of pages that are drawn once: the same values are the same part, and nothing else is."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from pytest_django.asserts import assertNumQueries

from accounts.models import User
from forums.fragments import draw
from forums.models import Topic
from forums.rows import rows, values_of, with_tags
from tests.factories.forums import ask, reply

MOMENT = datetime(2026, 3, 18, 23, 0, tzinfo=UTC)
BUTTONS = {"pk": 1, "topic_pk": 1, "score": 3, "vote_refusal": "", "accept": "", "has_voted": False}


def test_the_same_values_are_drawn_once() -> None:
    assert draw("forums/_post_buttons.html", **BUTTONS) is draw("forums/_post_buttons.html", **BUTTONS)
    assert draw("forums/_post_buttons.html", **BUTTONS | {"score": 4}) != draw("forums/_post_buttons.html", **BUTTONS)


def test_values_are_text() -> None:
    drawn = draw("forums/_post_buttons.html", **BUTTONS | {"vote_refusal": '"><script>'})
    assert "<script>" not in drawn


def test_each_zone_and_language_has_its_own(db: None, member: User) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(bumped_at=MOMENT)
    (row,) = rows(member, values_of(Topic.objects.all()))
    drawn = set()
    for zone in ("UTC", "Pacific/Auckland"):
        with timezone.override(zone):
            drawn.add(row.draw())
    assert [">18 Mar 2026<" in one for one in sorted(drawn, key=lambda one: ">19 Mar" in one)] == [True, False]
    with translation.override("de"):
        assert row.draw() not in drawn


@pytest.mark.django_db
def test_values_and_models_make_the_same_row(member: User, engineer: User) -> None:
    answered = ask(member, tags=["orders", "netsuite"])
    reply(answered, engineer)
    ask(member, title="One without tags and replies")
    topics = Topic.objects.order_by("id")
    models = rows(member, with_tags(list(topics.for_list().prefetch_related(None))))
    assert rows(member, values_of(topics)) == models
    assert models[0].topic.tag_slugs == ["netsuite", "orders"]


@pytest.mark.django_db
def test_a_visitors_rows_ask_nothing_more(member: User) -> None:
    ask(member)
    with assertNumQueries(1):
        rows(AnonymousUser(), values_of(Topic.objects.all()))
