"""A community's activity: what is counted into which week, and the page for everybody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import activity, tasks, voting
from forums.constants import State, TopicKind
from forums.models import ActivityWeek, Community, Post, Topic
from tests.factories.forums import ask, comment, main_community, reply

pytestmark = pytest.mark.django_db

PAGE = "/forums/activity/"
# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
THIS, LAST = date(2026, 3, 16), date(2026, 3, 9)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def asked(author: User, at: datetime, **options: TopicKind) -> Topic:
    topic = ask(author, **options)  # type: ignore[arg-type]
    Topic.objects.filter(pk=topic.pk).update(created_at=at)
    return topic


def answered(topic: Topic, author: User, at: datetime) -> Post:
    post = reply(topic, author)
    Post.objects.filter(pk=post.pk).update(created_at=at)
    return post


def counted() -> dict[date, ActivityWeek]:
    activity.write()
    return {week.monday: week for week in activity.weeks(main_community())}


class TestCounting:
    def test_there_are_twenty_six_weeks_whatever_happened(self) -> None:
        weeks = list(counted())
        assert (len(weeks), weeks[0], weeks[-1]) == (26, date(2025, 9, 22), THIS)

    def test_a_question_counts_in_the_week_in_which_it_was_asked(self, member: User) -> None:
        asked(member, datetime(2026, 3, 15, 23, 59, tzinfo=UTC))
        asked(member, datetime(2026, 3, 16, 0, 0, tzinfo=UTC))
        asked(member, datetime(2025, 9, 21, 23, 59, tzinfo=UTC))  # a minute too old
        weeks = counted()
        assert (weeks[LAST].questions, weeks[THIS].questions) == (1, 1)
        assert sum(week.questions for week in weeks.values()) == 2

    def test_an_answer_counts_in_the_week_in_which_it_was_written(self, member: User, engineer: User) -> None:
        topic = asked(member, NOW - timedelta(days=8))
        answered(topic, engineer, NOW)
        week = counted()
        assert (week[LAST].questions, week[LAST].answers, week[THIS].answers) == (1, 0, 1)

    def test_solved_questions_count_where_they_were_asked(self, member: User, engineer: User) -> None:
        post = answered(asked(member, NOW - timedelta(days=8)), engineer, NOW)
        voting.accept(post_id=post.pk, actor=member)
        assert counted()[LAST].solved == 1

    def test_the_median_is_of_the_first_answers_of_others(self, member: User, engineer: User) -> None:
        for hours in (1, 3, 8):
            topic = asked(member, NOW - timedelta(hours=20))
            answered(topic, member, NOW - timedelta(hours=19, minutes=50))  # the asker adds something
            answered(topic, engineer, NOW - timedelta(hours=20 - hours))
            answered(topic, engineer, NOW)
        asked(member, NOW - timedelta(hours=20))  # nobody has answered
        week = counted()[THIS]
        assert (week.questions, week.answered, week.waited) == (4, 3, timedelta(hours=3))

    def test_an_answer_older_than_its_question_counts_as_at_once(self, member: User, engineer: User) -> None:
        answered(asked(member, NOW), engineer, NOW - timedelta(days=1))
        assert counted()[THIS].waited == timedelta()

    def test_discussions_comments_and_what_is_hidden_do_not_count(self, member: User, engineer: User) -> None:
        asked(member, NOW, kind=TopicKind.DISCUSSION)
        topic = asked(member, NOW)
        hidden = answered(topic, engineer, NOW)
        Post.objects.filter(pk=hidden.pk).update(state=State.HIDDEN)
        comment(topic.posts.get(number=0, parent=None, kind="opening"), engineer)
        gone = asked(member, NOW)
        answered(gone, engineer, NOW)
        Topic.objects.filter(pk=gone.pk).update(state=State.HIDDEN)
        week = counted()[THIS]
        assert (week.questions, week.answers, week.answered, week.waited) == (1, 0, 0, None)

    def test_counting_again_changes_nothing(self, member: User) -> None:
        asked(member, NOW)
        first = tasks.write_activity()
        assert tasks.write_activity() == first == 26 * Community.objects.count()
        assert ActivityWeek.objects.count() == first

    def test_a_community_costs_the_same_however_much_it_holds(self, member: User, engineer: User) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as asked_of_it:
                activity.write()
            return len(asked_of_it)

        before = cost()
        for _number in range(5):
            answered(asked(member, NOW), engineer, NOW)
        assert cost() == before


class TestPage:
    def test_it_says_what_was_counted(self, client: Client, member: User, engineer: User) -> None:
        post = answered(asked(member, NOW - timedelta(hours=2)), engineer, NOW)
        asked(member, NOW)
        voting.accept(post_id=post.pk, actor=member)
        activity.write()
        page = client.get(PAGE)
        assert "2 questions were asked. 50 % of them are solved." in page.text
        questions, answers, waiting = page.context["charts"]
        assert [list(chart.rows[-1].cells) for chart in (questions, answers, waiting)] == [["1", "1"], ["1"], ["2 h"]]
        assert list(waiting.rows[0].cells) == ["–"]  # noqa: RUF001 - a dash

    def test_before_the_first_count_it_says_so(self, client: Client) -> None:
        assert "Nothing counted yet" in client.get(PAGE).text

    def test_it_reads_rows_alone(self, client: Client, member: User, engineer: User) -> None:
        activity.write()
        client.get(PAGE)
        with CaptureQueriesContext(connection) as empty:
            client.get(PAGE)
        for _number in range(3):
            answered(asked(member, NOW), engineer, NOW)
        activity.write()
        with CaptureQueriesContext(connection) as full:
            client.get(PAGE)
        assert len(full) == len(empty)

    def test_caches_may_keep_it(self, client: Client) -> None:
        first = client.get(PAGE)
        assert Client().get(PAGE, headers={"if-none-match": first.headers["ETag"]}).status_code == 304

    @pytest.mark.parametrize("path", ["/data-loader/activity/", PAGE])
    def test_each_community_has_its_own_and_leads_there(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 405
        topics = path.replace("activity/", "topics/" if "loader" in path else "")
        assert f'href="{path}"' in client.get(topics).text

    def test_what_is_not_public_is_not_there(self, client: Client) -> None:
        Community.objects.filter(slug="community").update(is_public=False)
        assert client.get(PAGE).status_code == 404
        assert client.get("/communities/nowhere/activity/").status_code == 404
