"""Watching: what may be watched, how soon, and reading it back in one query."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import organising, watching
from forums.constants import Level, State
from forums.errors import ForumError
from forums.models import Community, Member, Tag, Topic, Watch
from forums.watching import Target
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, category, main_community, reply

pytestmark = pytest.mark.django_db


def test_each_thing_may_be_watched_at_its_own_level(member: User, engineer: User) -> None:
    topic = ask(engineer, tags=["netsuite"])
    targets: list[Target] = [topic.community, topic.category, topic.tags.get(), topic]
    for target, level in zip(targets, [Level.WEEKLY, Level.DAILY, Level.AT_ONCE, Level.DAILY], strict=True):
        watching.watch(user=member, target=target, level=level)
    with CaptureQueriesContext(connection) as queries:
        found = watching.level_of(member, targets)
    assert [found[target] for target in targets] == [Level.WEEKLY, Level.DAILY, Level.AT_ONCE, Level.DAILY]
    assert len(queries) == 1


def test_what_is_not_watched_has_no_level(member: User) -> None:
    assert watching.level_of(member, [main_community(), category()]) == {}
    assert watching.level_of(member, []) == {}


def test_watching_twice_is_one_watch_with_the_later_level(member: User) -> None:
    watching.watch(user=member, target=main_community())
    watching.watch(user=member, target=main_community(), level=Level.DAILY)
    assert Watch.objects.get().level == Level.DAILY


def test_stopping_twice_is_stopping_once(member: User) -> None:
    watching.watch(user=member, target=category())
    assert watching.unwatch(user=member, target=category())
    assert not watching.unwatch(user=member, target=category())
    assert not Watch.objects.exists()


def test_watching_a_synonym_watches_the_tag_it_means(member: User) -> None:
    meant = Tag.objects.create(community=main_community(), slug="netsuite")
    synonym = Tag.objects.create(community=main_community(), slug="oracle-netsuite", synonym_of=meant)
    assert watching.watch(user=member, target=synonym).tag == meant


def test_what_a_person_cannot_see_is_not_watched(member: User, engineer: User) -> None:
    hidden = ask(engineer)
    Topic.objects.filter(pk=hidden.pk).update(state=State.HIDDEN)
    with pytest.raises(Topic.DoesNotExist):
        watching.watch(user=member, target=hidden)
    Community.objects.update(is_public=False)
    with pytest.raises(Community.DoesNotExist):
        watching.watch(user=member, target=category())


def test_a_suspended_person_watches_nothing_new_but_may_stop(member: User) -> None:
    watching.watch(user=member, target=main_community())
    Member.objects.update_or_create(user=member, defaults={"suspended_until": timezone.now() + timedelta(days=1)})
    person = User.objects.get(pk=member.pk)
    with pytest.raises(ForumError, match="suspended"):
        watching.watch(user=person, target=category())
    assert watching.unwatch(user=person, target=main_community())


def test_who_writes_watches_the_topic_and_keeps_the_level_they_chose(member: User, engineer: User) -> None:
    topic = ask(member)
    assert watching.level_of(member, [topic]) == {topic: Level.AT_ONCE}
    watching.watch(user=engineer, target=topic, level=Level.WEEKLY)
    reply(topic, engineer)
    assert watching.level_of(engineer, [topic]) == {topic: Level.WEEKLY}


def test_watchers_follow_a_topic_that_is_merged(member: User, engineer: User, moderator: User) -> None:
    reader = UserFactory()
    topic, into = ask(member), ask(engineer, title="The canonical question of all")
    watching.watch(user=reader, target=topic)
    organising.merge(topic_id=topic.pk, into_id=into.pk, actor=moderator)
    assert watching.level_of(reader, [into]) == {into: Level.AT_ONCE}


@pytest.mark.django_db(transaction=True)
def test_a_press_in_two_windows_at_once_is_one_watch() -> None:
    person, shelf = UserFactory(), category()
    barrier = threading.Barrier(2)

    def press() -> None:
        try:
            barrier.wait(timeout=10)
            watching.watch(user=User.objects.get(pk=person.pk), target=shelf)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as windows:
        for done in [windows.submit(press) for _window in range(2)]:
            done.result()
    assert Watch.objects.filter(user=person, category=shelf).count() == 1
