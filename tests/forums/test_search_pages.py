"""Search at /search/ and inside a community: who finds what, and what they are told."""

from collections import defaultdict
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import hooks, organising, publishing, seeds, voting
from forums.changes import lock_post
from forums.constants import State, TopicKind
from forums.hooks import Panel, Reading
from forums.models import Category, Community, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db

EVERYWHERE, INSIDE = "/search/", "/forums/search/"
# The site's search shows the communities' own as one of its views.
ONLY_HERE: dict[str, dict[str, str]] = defaultdict(dict, {EVERYWHERE: {"in": "community"}})


def find(client: Client, q: str, url: str = EVERYWHERE, **filters: Any) -> Any:
    response = client.get(url, {"q": q, **ONLY_HERE[url], **filters})
    assert response.status_code == 200, response.content.decode()
    return response


def titles(response: Any) -> list[str]:
    shown = response.context["shown"]
    return [row.topic.title for row in shown.rows] if shown else []


@pytest.fixture
def loader(db: None) -> Community:
    return seeds.add_community(
        "loads", {"name": "Loads", "search_scope": "own"}, [{"slug": "errors", "name": "Errors"}]
    )


class TestAddresses:
    @pytest.mark.parametrize("url", [EVERYWHERE, INSIDE])
    def test_anybody_searches(self, client: Client, url: str) -> None:
        assert client.get(url).status_code == 200

    @pytest.mark.parametrize("url", [EVERYWHERE, INSIDE])
    def test_wrong_verb_is_refused(self, client: Client, url: str) -> None:
        assert client.post(url).status_code == 405

    def test_a_community_that_is_not_there_is_404(self, client: Client) -> None:
        assert client.get("/communities/nowhere/search/").status_code == 404

    def test_a_closed_community_is_404_and_found_by_nobody(
        self, client: Client, member: User, loader: Community
    ) -> None:
        ask(member, title="Zebra crossing fails", shelf=category("errors", loader))
        Community.objects.filter(pk=loader.pk).update(is_public=False)
        assert client.get("/communities/loads/search/").status_code == 404
        assert titles(find(client, "zebra")) == []

    @pytest.mark.parametrize("url", [EVERYWHERE, INSIDE])
    def test_a_page_for_anybody_is_confirmed_by_its_validator(self, client: Client, member: User, url: str) -> None:
        ask(member, title="Zebra crossing fails")
        first = find(client, "zebra", url)
        assert "csrf" not in first.content.decode()
        asked = {"q": "zebra", **ONLY_HERE[url]}
        assert client.get(url, asked, headers={"If-None-Match": first["ETag"]}).status_code == 304


class TestWords:
    def test_the_title_comes_before_the_text(self, client: Client, member: User) -> None:
        ask(member, title="Something else altogether", body="There is a zebra in it.")
        ask(member, title="Zebra crossing fails")
        assert titles(find(client, "zebra")) == ["Zebra crossing fails", "Something else altogether"]

    def test_a_reply_is_found_and_led_to(self, client: Client, member: User, engineer: User) -> None:
        post = reply(ask(member, title="Orders are late again"), engineer, "Feed the **zebra** twice.")
        (row,) = find(client, "zebras").context["shown"].rows
        assert row.url == post.get_absolute_url()
        assert row.text == "Feed the <mark>zebra</mark> twice."

    def test_text_is_escaped_around_the_marks(self, client: Client, member: User) -> None:
        ask(member, title="Zebra <script>alert(1)</script>", body="`<img src=x onerror=zebra>` \ue000zebra")
        html = find(client, "zebra").content.decode()
        assert "<script>alert(1)" not in html
        assert "<img src=x" not in html
        assert "\ue000" not in html

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ('"feeds the zebra"', ["In order"]),
            ("“feeds the zebra”", ["In order"]),
            ("zebra -giraffe", ["In order"]),
            ('zebra -"giraffe feeds"', ["In order"]),
            ("-giraffe zebra", ["In order"]),
            ('"zebra feeds" -giraffe', ["In order"]),
        ],
    )
    def test_phrases_and_exclusions(self, client: Client, member: User, typed: str, expected: list[str]) -> None:
        ask(member, title="In order everything", body="Everybody feeds the zebra.")
        ask(member, title="Out of order again", body="The zebra waits until the giraffe feeds.")
        found = [title[: len(expected[0])] for title in titles(find(client, typed))]
        assert found[:1] == expected
        if "giraffe" in typed or typed.startswith("“"):
            assert len(found) == 1

    def test_a_phrase_that_stands_nowhere_falls_back_to_its_words(self, client: Client, member: User) -> None:
        ask(member, title="Zebra crossing fails")
        response = find(client, '"crossing zebra"')
        assert titles(response) == ["Zebra crossing fails"]
        assert "one after the other" in response.content.decode()

    @pytest.mark.parametrize("typed", ["UNABLE_TO_LOCK_ROW", "unable_to_lock_row", "CS-000123", "External_Id__c"])
    def test_codes_are_found_whole(self, client: Client, member: User, typed: str) -> None:
        ask(member, title="Other words altogether", body="Unable to lock a row of the external id c, CS 123.")
        ask(member, title="The one that is meant", body="As in CS-000123: External_Id__c UNABLE_TO_LOCK_ROW.")
        assert titles(find(client, typed))[0] == "The one that is meant"

    def test_a_code_is_marked_whole(self, client: Client, member: User) -> None:
        ask(member, title="The one that is meant", body="It says UNABLE_TO_LOCK_ROW again.")
        assert "<mark>UNABLE_TO_LOCK_ROW</mark>" in find(client, "UNABLE_TO_LOCK_ROW").content.decode()

    @pytest.mark.parametrize("typed", ["zbera", "zebbra", "crosing", "sychronisation", "UNABLE_TO_LOK_ROW"])
    def test_a_slip_finds_what_was_meant_and_says_so(self, client: Client, member: User, typed: str) -> None:
        ask(member, title="Zebra crossing synchronisation", body="UNABLE_TO_LOCK_ROW")
        response = find(client, typed)
        assert titles(response) == ["Zebra crossing synchronisation"]
        assert "Searched for" in response.content.decode()
        assert titles(find(client, typed, exact="on")) in ([], ["Zebra crossing synchronisation"][: "_" in typed])

    def test_a_correction_is_said_in_a_word_that_people_write(self, client: Client, member: User) -> None:
        ask(member, title="Zebra crossing synchronisation")
        assert find(client, "sychronisation").context["shown"].corrections == [("sychronisation", "synchronisation")]

    def test_without_a_word_to_look_for_it_says_so(self, client: Client) -> None:
        assert "A word to look for" in find(client, "-zebra").content.decode()

    def test_nothing_found_offers_to_ask(self, client: Client) -> None:
        html = find(client, "zebra crossing", INSIDE).content.decode()
        assert "Nothing found" in html
        assert "/forums/ask/?title=zebra+crossing" in html


class TestWhoFinds:
    @pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
    def test_nobody_finds_what_is_not_published(
        self,
        client: Client,
        as_user: SignedIn,
        member: User,
        engineer: User,
        moderator: User,
        state: State,
    ) -> None:
        topic = ask(member, title="Zebra crossing fails")
        post = reply(topic, engineer, "Feed the antelope.")
        comment(post, member, "The lion waits.")
        publishing.set_state(lock_post(post_id=post.pk, user=moderator), state)
        for somebody in (client, as_user(member), as_user(moderator)):
            for word in ("antelope", "lion", '"the antelope"'):
                assert titles(find(somebody, word)) == []
            assert titles(find(somebody, "zebra")) == ["Zebra crossing fails"]
        publishing.set_state(lock_post(post_id=topic.posts.get(kind="opening").pk, user=moderator), state)
        for somebody in (client, as_user(member), as_user(moderator)):
            assert titles(find(somebody, "zebra")) == []

    def test_a_row_that_stayed_in_the_index_shows_nothing(self, client: Client, member: User) -> None:
        topic = ask(member, title="Zebra crossing fails")
        Topic.objects.filter(pk=topic.pk).update(state=State.HIDDEN)
        assert titles(find(client, "zebra")) == []
        assert titles(find(client, '"zebra crossing"')) == []

    def test_a_duplicate_is_shown_as_what_it_asks_again(self, client: Client, member: User, moderator: User) -> None:
        first = ask(member, title="Zebra crossing fails")
        again = ask(member, title="Striped horses do not cross", body="The zebra does not cross.")
        organising.mark_duplicate(topic_id=again.pk, of_id=first.pk, actor=moderator)
        (row,) = find(client, "striped horses").context["shown"].rows
        assert (row.topic, row.asked_as) == (first, ["Striped horses do not cross"])
        assert titles(find(client, "zebra")) == ["Zebra crossing fails"]

    def test_a_duplicate_of_what_is_hidden_is_shown_itself(self, client: Client, member: User, moderator: User) -> None:
        first, again = ask(member, title="Zebra crossing fails"), ask(member, title="Striped horses do not cross")
        organising.mark_duplicate(topic_id=again.pk, of_id=first.pk, actor=moderator)
        publishing.set_state(lock_post(post_id=first.posts.get().pk, user=moderator), State.HIDDEN)
        assert titles(find(client, "striped")) == ["Striped horses do not cross"]


class TestFilters:
    @pytest.fixture
    def topics(self, member: User, engineer: User, loader: Community) -> dict[str, Topic]:
        solved = ask(member, title="Zebra solved", tags=["stripes"])
        voting.accept(post_id=reply(solved, engineer).pk, actor=member)
        return {
            "solved": solved,
            "open": ask(engineer, title="Zebra still open", shelf=category("flows")),
            "talk": ask(member, title="Zebra talk between us", kind=TopicKind.DISCUSSION),
            "loads": ask(member, title="Zebra loads by night", shelf=category("errors", loader), tags=["stripes"]),
        }

    @pytest.mark.parametrize(
        ("url", "filters", "expected"),
        [
            (EVERYWHERE, {}, {"solved", "open", "talk", "loads"}),
            (EVERYWHERE, {"community": "loads"}, {"loads"}),
            (EVERYWHERE, {"community": "community", "category": "flows"}, {"open"}),
            (EVERYWHERE, {"tag": "Stripes"}, {"solved", "loads"}),
            (EVERYWHERE, {"answered": "yes"}, {"solved"}),
            (EVERYWHERE, {"answered": "no"}, {"open", "talk", "loads"}),
            (EVERYWHERE, {"kind": "discussion"}, {"talk"}),
            (EVERYWHERE, {"since": "2001-01-01", "until": "2001-01-31"}, set()),
            (EVERYWHERE, {"since": "2001-01-01"}, {"solved", "open", "talk", "loads"}),
            (EVERYWHERE, {"sort": "newest"}, {"solved", "open", "talk", "loads"}),
            (INSIDE, {}, {"solved", "open", "talk", "loads"}),  # this community's search begins everywhere
            (INSIDE, {"in": "own"}, {"solved", "open", "talk"}),
            (INSIDE, {"in": "own", "category": "flows"}, {"open"}),
            ("/communities/loads/search/", {}, {"loads"}),
            ("/communities/loads/search/", {"in": "everywhere"}, {"solved", "open", "talk", "loads"}),
        ],
    )
    def test_filters(
        self, client: Client, topics: dict[str, Topic], url: str, filters: dict[str, str], expected: set[str]
    ) -> None:
        response = find(client, "zebra", url, **filters)
        assert set(titles(response)) == {topics[name].title for name in expected}

    def test_author(self, client: Client, topics: dict[str, Topic], engineer: User) -> None:
        assert titles(find(client, "zebra", author=f"@{engineer.handle}")) == ["Zebra still open"]

    def test_newest_first(self, client: Client, topics: dict[str, Topic]) -> None:
        found = titles(find(client, "zebra", sort="newest"))
        assert found == [topic.title for topic in reversed(topics.values())]

    @pytest.mark.parametrize(
        ("filters", "said"),
        [
            ({"author": "nobody-at-all"}, "Nobody here is called"),
            ({"tag": "no-such-tag"}, "There is no tag"),
            ({"category": "nowhere"}, "no such category"),
            ({"community": "nowhere"}, "valid choice"),
            ({"kind": "rumour"}, "valid choice"),
            ({"answered": "maybe"}, "valid choice"),
            ({"since": "tomorrow"}, "valid date"),
            ({"since": "2024-02-02", "until": "2024-01-01"}, "before the first"),
            ({"until": "9999-12-31", "sort": "price"}, "valid choice"),
            ({"author": "a\0b"}, "Null characters"),
            ({"q": "a\0b"}, "Null characters"),
            ({"q": "x" * 10_000}, "at most 200 characters"),
        ],
    )
    def test_a_wrong_filter_is_named_and_what_was_typed_stays(
        self, client: Client, filters: dict[str, str], said: str
    ) -> None:
        response: Any = client.get(EVERYWHERE, {"q": "zebra", **filters})
        assert response.status_code == 422
        html = response.content.decode()
        assert said in html
        if "q" not in filters:
            assert 'value="zebra"' in html

    @pytest.mark.parametrize("query", [{"page": "6"}, {"page": "x"}, {"page": "0"}, {"page": "\0"}, {"in": "moon"}])
    def test_a_damaged_address_is_refused(self, client: Client, query: dict[str, str]) -> None:
        assert client.get(INSIDE, {"q": "zebra", **query}).status_code == 400

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_time_break_nothing(self, client: Client, topics: dict[str, Topic], day: str) -> None:
        find(client, "zebra", since=day, until=day)


HOSTILE = [
    "the", '"', '"""""" OR OR -', "& | ! ( ) :* <->", "'; DROP TABLE forums_topic; --", "\\", "\\' | zebra", "%_%",
    "%s",
    "😀" * 60, "a " * 100, "-" * 200, "- " * 100, '-"' * 100, "- -- zebra" * 20, "9" * 200, "CS-999999999",
    "\u202eevil\u200b", "x" * 200, "٣٤", "é" * 200, "a.b.c" * 40, "_" * 200, "._" * 100, "{0} {x} %(x)s",
    "\ue000\ue001", "<script>", "http://" * 28, "a@b.c " * 30, "\ud83d", "1e999999", "zebra:*A", "\t\r\n\x0b\x1f",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_pasted_breaks_nothing(client: Client, member: User, text: str) -> None:
    ask(member, title="Zebra crossing fails")
    for typed in (text, f'"{text}"'[:200], f"zebra -{text}"[:200]):
        assert client.get(EVERYWHERE, {"q": typed.encode(errors="replace").decode()}).status_code == 200


class TestPages:
    def test_as_many_queries_for_two_rows_as_for_twenty(self, client: Client, member: User, engineer: User) -> None:
        counts = []
        for wanted in (2, 20):
            while Topic.objects.count() < wanted:
                reply(ask(member, title=f"Zebra crossing {Topic.objects.count()}", tags=["stripes"]), engineer)
            with CaptureQueriesContext(connection) as captured:
                assert len(titles(find(client, "zebra"))) == wanted
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 15

    def test_no_more_than_fifteen_for_a_member_with_a_slip_and_every_filter(
        self, as_user: SignedIn, member: User, engineer: User
    ) -> None:
        reply(ask(member, title="Zebra crossing", tags=["stripes"]), engineer)
        client = as_user(member)
        find(client, "zbera", INSIDE)
        given = {"in": "own", "category": "integrations", "kind": "question", "since": "2001-01-01"}
        with CaptureQueriesContext(connection) as captured:
            assert len(titles(find(client, "zbera", INSIDE, **given))) == 1
        # The bell in the header asks one of its own.
        asked = [query["sql"][:200] for query in captured if "notifications_delivery" not in query["sql"]]
        assert len(asked) <= 15, "\n".join(asked)

    def test_the_best_hundred_stand_on_five_pages(self, client: Client, member: User, engineer: User) -> None:
        for number in range(25):
            ask(member, title=f"Zebra crossing {number}")
        first, second = find(client, "zebra"), find(client, "zebra", page="2")
        assert (len(titles(first)), len(titles(second))) == (20, 5)
        assert not set(titles(first)) & set(titles(second))
        assert 'rel="next"' in first.content.decode()
        assert 'rel="next"' not in second.content.decode()


def test_an_app_above_reads_the_query_first(client: Client, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(member, title="Zebra crossing fails")

    def read(community: Community | None, text: str) -> Reading | None:
        return Reading("zebra", Panel("components/callout.html", {"title": "known"})) if "STRIPES" in text else None

    monkeypatch.setattr(hooks, "_readers", [read])
    response = find(client, f'"{"x" * 300}","STRIPES:{"y" * 300}"')
    assert titles(response) == ["Zebra crossing fails"]


def test_a_category_is_offered_of_the_community_that_is_searched(client: Client, member: User) -> None:
    assert Category.objects.filter(community=main_community(), slug="flows").exists()
    assert 'value="flows"' in client.get(INSIDE, {"in": "own"}).content.decode()
