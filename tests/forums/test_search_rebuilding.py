"""Making an index anew while people write, and writing the same words at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accounts.models import User
from forums import publishing, tasks
from forums.changes import lock_post
from forums.constants import State
from forums.models import Community, Lexeme, Posting, SearchIndex, Topic
from forums.search import bulk, counting, indexing, rebuilding
from forums.search.indexing import DROPPED
from tests.factories.forums import ask, main_community, reply


def change_config(config: str = "simple") -> None:
    Community.objects.filter(slug="community").update(search_config=config)


def words(index: SearchIndex, topic: Topic | None = None) -> set[tuple[int, str]]:
    rows = Posting.objects.filter(index=index)
    return set((rows.filter(topic=topic) if topic else rows).values_list("topic_id", "lexeme"))


def run_together(*acts: Callable[[], object]) -> list[BaseException]:
    """Run acts in threads, each with a connection of its own; return what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(timeout=10)
            act()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


@pytest.mark.django_db
class TestSteps:
    def test_a_new_configuration_builds_a_second_index_and_takes_its_place(self, member: User) -> None:
        topics = [ask(member, title=f"Zebras crossing {number}") for number in range(5)]
        before = SearchIndex.objects.get()
        change_config()
        rebuilding.begin()
        (index_id,) = rebuilding.unfinished()
        while rebuilding.step(index_id, topics=2):
            assert SearchIndex.objects.get(is_live=True) == before
        live = SearchIndex.objects.get(is_live=True)
        assert (live.pk, live.config, live.topics) == (index_id, "simple", 5)
        assert {(topic.pk, "zebras") for topic in topics} <= words(live)
        rebuilding.go_on()
        assert SearchIndex.objects.get() == live
        assert not Posting.objects.exclude(index=live).exists()
        assert not Lexeme.objects.exclude(index=live).exists()

    def test_nothing_is_begun_without_need(self, member: User) -> None:
        ask(member)
        for _turn in range(2):
            rebuilding.go_on()
        assert SearchIndex.objects.count() == 1

    def test_what_is_written_meanwhile_is_in_both(self, member: User, engineer: User, moderator: User) -> None:
        topics = [ask(member, title=f"Zebras crossing {number}") for number in range(4)]
        old = SearchIndex.objects.get()
        change_config()
        rebuilding.begin()
        (index_id,) = rebuilding.unfinished()
        rebuilding.step(index_id, topics=2)
        new = SearchIndex.objects.get(pk=index_id)
        for topic in (topics[0], topics[3]):
            reply(topic, engineer, "Feed the antelopes.")
        hidden = reply(topics[1], engineer, "Buy cheap hippos.")
        publishing.set_state(lock_post(post_id=hidden.pk, user=moderator), State.HIDDEN)
        fresh = ask(member, title="Giraffes are late")
        assert (topics[0].pk, "antelopes") in words(new)
        assert (topics[0].pk, "antelop") in words(old)
        # This one is not built yet: the builder will find its reply.
        assert (topics[3].pk, "antelopes") not in words(new)
        while rebuilding.step(index_id, topics=2):
            pass
        done = words(new)
        assert {(topics[3].pk, "antelopes"), (fresh.pk, "giraffes")} <= done
        assert "hippos" not in {lexeme for _topic, lexeme in done}
        for topic in Topic.objects.select_related("community"):
            indexing.reindex(topic)
        assert words(new) == done

    def test_a_configuration_changed_back_drops_what_was_begun(self, member: User) -> None:
        ask(member)
        live = SearchIndex.objects.get()
        change_config()
        rebuilding.begin()
        change_config("english")
        rebuilding.go_on()
        assert SearchIndex.objects.get() == live

    def test_a_step_that_is_killed_is_done_again(self, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(member, title="Zebras crossing")
        change_config()
        rebuilding.begin()
        (index_id,) = rebuilding.unfinished()
        with monkeypatch.context() as patch:
            patch.setattr(SearchIndex, "save", lambda *_args, **_options: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                rebuilding.step(index_id)
        assert not Posting.objects.filter(index=index_id).exists()
        tasks.search_rebuild()
        assert SearchIndex.objects.get(is_live=True).pk == index_id

    def test_one_index_in_trouble_does_not_stop_the_others(self, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(member)
        change_config()
        rebuilding.begin()
        monkeypatch.setattr(rebuilding, "_batch", lambda index, _size: [] if index.built_to == DROPPED else [1 / 0])
        SearchIndex.objects.create(community=main_community(), config="english", built_to=DROPPED)
        rebuilding.go_on()
        assert not SearchIndex.objects.filter(built_to=DROPPED).exists()

    def test_topics_that_came_in_bulk_are_found_while_their_first_index_is_built(self, member: User) -> None:
        ask(member, title="Zebras crossing")
        SearchIndex.objects.all().delete()
        Posting.objects.all().delete()
        reply(ask(member, title="Giraffes"), member)
        assert not SearchIndex.objects.get().is_live
        tasks.search_rebuild()
        index = SearchIndex.objects.get()
        assert index.is_live
        assert {"zebra", "giraff"} <= {lexeme for _topic, lexeme in words(index)}
        tasks.search_refresh()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_replies_with_the_same_new_words_do_not_deadlock(self, member: User, engineer: User) -> None:
        first, second = ask(member), ask(member)
        forward = " ".join(f"zebra{number} giraffe{number}" for number in range(300))
        backward = " ".join(reversed(forward.split()))
        assert run_together(lambda: reply(first, member, forward), lambda: reply(second, engineer, backward)) == []
        assert Posting.objects.filter(lexeme="zebra7").count() == 2
        assert Lexeme.objects.filter(lexeme="zebra7").count() == 1

    def test_first_topics_of_a_community_at_once_make_one_index(self, member: User, engineer: User) -> None:
        SearchIndex.objects.all().delete()
        assert run_together(lambda: ask(member), lambda: ask(engineer)) == []
        tasks.search_rebuild()
        index = SearchIndex.objects.get()
        assert index.is_live
        assert len({topic for topic, _lexeme in words(index)}) == 2

    def test_replies_while_batches_are_built_are_in_the_new_index(self, member: User, engineer: User) -> None:
        topics = [ask(member, title=f"Zebras crossing {number}") for number in range(12)]
        change_config()
        rebuilding.begin()
        (index_id,) = rebuilding.unfinished()

        def build() -> None:
            while rebuilding.step(index_id, topics=1):
                pass

        def write() -> None:
            for topic in reversed(topics):
                reply(topic, engineer, "Feed the antelopes.")
            ask(member, title="Giraffes at the end")

        assert run_together(build, write) == []
        found = words(SearchIndex.objects.get(is_live=True))
        assert {(topic.pk, "antelopes") for topic in topics} <= found
        assert "giraffes" in {lexeme for _topic, lexeme in found}

    def test_a_count_keeps_no_writer_waiting(self, member: User, engineer: User) -> None:
        topic = ask(member, title="Zebras crossing")
        index = SearchIndex.objects.get()
        with transaction.atomic():
            Lexeme.objects.filter(lexeme="zebra").update(topics=7)
            assert counting.refresh(index.pk)
            assert run_together(lambda: reply(topic, engineer, "Zebras, zebras.")) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_in_one_go_is_the_same_and_keeps_its_keys(member: User, engineer: User) -> None:
    for number in range(3):
        reply(ask(member, title=f"Zebras crossing {number}"), engineer)
    written, keys = words(SearchIndex.objects.get()), indexes_of_postings()
    SearchIndex.objects.all().delete()
    assert words(bulk.build(main_community())) == written
    assert words(bulk.build(main_community(), vectors=False)) == written
    assert indexes_of_postings() == keys
    assert SearchIndex.objects.count() == 1


def indexes_of_postings() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'forums_posting'::regclass"
            " UNION SELECT indexname FROM pg_indexes WHERE tablename = 'forums_posting'"
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_writable_indexes_leave_out_one_that_has_not_come_so_far(member: User) -> None:
    topic = ask(member)
    live = SearchIndex.objects.get()
    SearchIndex.objects.create(community=main_community(), config="simple", built_to=topic.pk - 1)
    assert indexing.writable_indexes(topic) == [live]
