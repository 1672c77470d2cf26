"""What a person keeps for themselves: watches, bookmarks, drafts. Private pages."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import erasure
from accounts.models import User
from forums import changes, drafts, organising, publishing, watching
from forums.constants import Level, State
from forums.models import Bookmark, Community, Draft, Topic, Watch
from tests.cast import SignedIn
from tests.factories.forums import ask, category, comment, main_community, reply

pytestmark = pytest.mark.django_db

PAGES = ["/account/watching/", "/account/bookmarks/", "/account/drafts/"]


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    return response.content.decode().split("<main")[1]


@pytest.mark.parametrize("address", PAGES)
def test_visitors_are_asked_to_sign_in(address: str, db: None) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_other_verbs_are_405(address: str, member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(address).status_code == 405


@pytest.mark.parametrize("address", PAGES)
def test_an_empty_page_says_how_it_fills(address: str, member: User, as_user: SignedIn) -> None:
    assert 'class="empty"' in read(as_user(member), address)


@pytest.mark.parametrize("address", PAGES)
def test_a_damaged_cursor_is_400(address: str, member: User, as_user: SignedIn) -> None:
    assert as_user(member).get(f"{address}?after=nonsense").status_code == 400


@pytest.mark.parametrize("address", PAGES)
def test_the_account_menu_leads_here(address: str, member: User, as_user: SignedIn) -> None:
    assert f'href="{address}"' in as_user(member).get("/account/").content.decode()


# --- Watching -------------------------------------------------------------------------------------------------


def test_everything_watched_is_listed_with_its_level(member: User, engineer: User, as_user: SignedIn) -> None:
    topic = ask(engineer, tags=["netsuite"])
    for target in (main_community(), category(), topic.tags.get(), topic):
        watching.watch(user=member, target=target, level=Level.WEEKLY)
    page = read(as_user(member), "/account/watching/")
    for address in ("/forums/", "/forums/c/integrations/", "/forums/tags/netsuite/", topic.get_absolute_url()):
        assert f'href="{address}"' in page
    assert page.count('<option value="3" selected>') == 4


def test_the_level_is_changed_and_watching_stopped_from_here(member: User, as_user: SignedIn) -> None:
    watching.watch(user=member, target=category())
    client = as_user(member)
    form = {"kind": "category", "id": category().pk, "next": "/account/watching/"}
    response = client.post("/forums/watch/", {**form, "level": "2"})
    assert response.headers["Location"] == "/account/watching/"
    assert Watch.objects.get().level == Level.DAILY
    # The button stands behind the select: the last value is the one that was pressed.
    client.post("/forums/watch/", {**form, "level": ["2", "off"]})
    assert not Watch.objects.exists()


def test_others_watches_are_not_listed(member: User, engineer: User, as_user: SignedIn) -> None:
    watching.watch(user=engineer, target=category())
    assert "Integrations" not in read(as_user(member), "/account/watching/")


def test_a_topic_hidden_meanwhile_is_listed_without_its_title_and_may_be_let_go(
    member: User, engineer: User, as_user: SignedIn
) -> None:
    topic = ask(engineer, title="A title that nobody may read")
    watching.watch(user=member, target=topic)
    Topic.objects.update(state=State.HIDDEN)
    page = read(as_user(member), "/account/watching/")
    assert "A title that nobody may read" not in page
    assert "No longer here for you" in page
    as_user(member).post("/forums/watch/", {"kind": "topic", "id": topic.pk, "level": "off"})
    assert not Watch.objects.filter(user=member).exists()


def test_a_community_made_private_is_listed_without_its_names(member: User, as_user: SignedIn) -> None:
    watching.watch(user=member, target=category())
    Community.objects.update(is_public=False)
    assert "Integrations" not in read(as_user(member), "/account/watching/")


def test_two_watches_and_twenty_cost_the_same(member: User, engineer: User, as_user: SignedIn) -> None:
    client = as_user(member)

    def cost(count: int) -> int:
        for number in range(count):
            topic = ask(engineer, title=f"A question of number {number}", tags=[f"tag-{count}-{number}"])
            watching.watch(user=member, target=topic.tags.get())
            watching.watch(user=member, target=topic)
        with CaptureQueriesContext(connection) as queries:
            read(client, "/account/watching/")
        return len(queries)

    cost(1)
    assert cost(1) == cost(12)


# --- Bookmarks ------------------------------------------------------------------------------------------------


def test_bookmarks_are_listed_and_let_go(member: User, engineer: User, as_user: SignedIn) -> None:
    answer = reply(ask(member), engineer, "Raise the **limit**.")
    organising.bookmark(post_id=answer.pk, user=member)
    client = as_user(member)
    page = read(client, "/account/bookmarks/")
    assert "Raise the limit." in page
    assert answer.get_absolute_url() in page
    response = client.post(f"/forums/posts/{answer.pk}/unbookmark/", {"next": "/account/bookmarks/"})
    assert response.headers["Location"] == "/account/bookmarks/"
    assert not Bookmark.objects.exists()


def test_a_bookmarked_post_that_was_hidden_is_not_listed(
    member: User, engineer: User, moderator: User, as_user: SignedIn
) -> None:
    topic = ask(member)
    answer = reply(topic, engineer, "An answer that went.")
    under = comment(reply(topic, engineer), engineer, "A comment that stays.")
    for post in (answer, under):
        organising.bookmark(post_id=post.pk, user=member)
    publishing.set_state(changes.lock_post(post_id=answer.pk, user=moderator), State.HIDDEN)
    page = read(as_user(member), "/account/bookmarks/")
    assert "An answer that went." not in page
    assert "A comment that stays." in page


def test_others_bookmarks_are_not_listed(member: User, engineer: User, as_user: SignedIn) -> None:
    organising.bookmark(post_id=ask(member).posts.get().pk, user=engineer)
    assert "Orders stop" not in read(as_user(member), "/account/bookmarks/")


def test_two_bookmarks_and_twenty_cost_the_same(member: User, engineer: User, as_user: SignedIn) -> None:
    client = as_user(member)
    topic = ask(member)

    def cost(count: int) -> int:
        for _number in range(count):
            organising.bookmark(post_id=reply(topic, engineer).pk, user=member)
        with CaptureQueriesContext(connection) as queries:
            read(client, "/account/bookmarks/")
        return len(queries)

    assert cost(2) == cost(18)


# --- Drafts ---------------------------------------------------------------------------------------------------


def test_drafts_are_listed_with_the_form_where_they_go_on(member: User, engineer: User, as_user: SignedIn) -> None:
    topic = ask(engineer)
    for key in (
        drafts.ask_key(main_community()),
        drafts.reply_key(topic),
        drafts.comment_key(topic.posts.get()),
        "edit:999999",
    ):
        Draft.objects.create(user=member, key=key, title="Half a title", body="Half a thought")
    page = read(as_user(member), "/account/drafts/")
    assert page.count("Half a thought") == 5  # the whole text of what has no form any more as well
    for address in (
        "/forums/ask/",
        f"/forums/topics/{topic.pk}/reply/",
        f"/forums/posts/{topic.posts.get().pk}/comment/",
    ):
        assert f'href="{address}"' in page
    assert "no longer here" in page


def test_a_draft_is_discarded_from_here(member: User, as_user: SignedIn) -> None:
    key = drafts.ask_key(main_community())
    Draft.objects.create(user=member, key=key, body="Half a thought")
    form = {"key": key, "next": "/account/drafts/"}
    response = as_user(member).post("/forums/drafts/discard/", form, headers={"accept": "text/html"})
    assert response.headers["Location"] == "/account/drafts/"
    assert not Draft.objects.filter(discarded_at=None).exists()


def test_others_drafts_are_not_listed(member: User, engineer: User, as_user: SignedIn) -> None:
    Draft.objects.create(user=engineer, key=drafts.ask_key(main_community()), body="Half a thought")
    assert "Half a thought" not in read(as_user(member), "/account/drafts/")


def test_two_drafts_and_twenty_cost_the_same(member: User, engineer: User, as_user: SignedIn) -> None:
    client = as_user(member)
    topic = ask(engineer)

    def cost(count: int) -> int:
        for _number in range(count):
            post = reply(topic, engineer)
            Draft.objects.create(user=member, key=drafts.comment_key(post), body="Half a thought")
        with CaptureQueriesContext(connection) as queries:
            read(client, "/account/drafts/")
        return len(queries)

    assert cost(2) == cost(18)


# --- Erasure --------------------------------------------------------------------------------------------------


def test_an_erased_person_keeps_nothing(member: User, administrator: User) -> None:
    topic = ask(member)
    organising.bookmark(post_id=topic.posts.get().pk, user=member)
    Draft.objects.create(user=member, key=drafts.ask_key(main_community()), body="Half a thought")
    erasure.erase(user=member, actor=administrator)
    for model in (Watch, Bookmark, Draft):
        assert not model.objects.filter(user=member).exists()
    assert Topic.objects.filter(pk=topic.pk).exists()
