"""A community's home, its categories and tags: who sees which topics, in which order, in how many queries."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forums import organising, voting
from forums.constants import State, TopicKind
from forums.models import Community, Member, Tag, Topic
from forums.views import listing
from tests.cast import SignedIn
from tests.factories.forums import ask, category, main_community, reply

pytestmark = pytest.mark.django_db

HOME = "/forums/"
ADDRESSES = (HOME, "/forums/c/integrations/", "/forums/tags/", "/forums/tags/netsuite/")


@pytest.fixture
def closed_community(db: None) -> Community:
    return Community.objects.create(slug="partners", name="Partners", is_public=False)


def titles(client: Client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    return [row.topic.title for row in response.context["rows"]]


def three(member: User) -> list[Topic]:
    return [ask(member, title=f"Question number {number}") for number in (1, 2, 3)]


# --- The four questions -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("url", ADDRESSES)
def test_anybody_reads_the_lists(client: Client, member: User, url: str) -> None:
    ask(member, tags=["netsuite"])
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_list_is_only_read(client: Client, member: User, url: str) -> None:
    ask(member, tags=["netsuite"])
    assert client.post(url).status_code == 405


@pytest.mark.parametrize(
    "url",
    [
        "/communities/nowhere/",
        "/forums/c/nowhere/",
        "/forums/tags/nowhere/",
        "/forums/tags/%00/",
        "/forums/tags/%F0%9F%98%80/",
        "/forums/?show=everything",
        "/forums/c/integrations/?show=mine",
    ],
)
def test_what_does_not_exist_is_404(client: Client, url: str) -> None:
    assert client.get(url).status_code == 404


def test_a_community_for_staff_does_not_exist_for_others(
    client: Client, as_user: SignedIn, member: User, engineer: User, closed_community: Community
) -> None:
    url = closed_community.prefix
    assert client.get(url).status_code == 404
    assert as_user(member).get(url).status_code == 404
    assert as_user(engineer).get(url).status_code == 200


# --- Addresses --------------------------------------------------------------------------------------------------------
def test_a_community_with_an_address_of_its_own_leads_there(client: Client, member: User) -> None:
    ask(member, tags=["netsuite"])
    for path in ("", "c/integrations/", "tags/", "tags/netsuite/"):
        response = client.get(f"/communities/community/{path}?show=latest&x=1")
        assert response.status_code == 301
        assert response.headers["Location"] == f"/forums/{path}?show=latest&x=1"
        assert "max-age=0" in response.headers["Cache-Control"]


def test_another_community_is_at_its_slug(client: Client, member: User) -> None:
    Community.objects.create(slug="partners", name="Partners")
    page = client.get("/communities/partners/")
    assert page.status_code == 200
    assert b'action="/communities/partners/search/"' in page.content


def test_a_synonym_and_another_spelling_lead_to_the_tag(client: Client, member: User) -> None:
    ask(member, tags=["netsuite"])
    meant = Tag.objects.get(slug="netsuite")
    Tag.objects.create(community=main_community(), slug="oracle-netsuite", synonym_of=meant)
    for named in ("oracle-netsuite", "Oracle NetSuite", "NetSuite"):
        assert client.get(f"/forums/tags/{named}/").headers["Location"] == "/forums/tags/netsuite/"


# --- What is listed ---------------------------------------------------------------------------------------------------
def test_the_latest_reply_comes_first(client: Client, member: User, engineer: User) -> None:
    first, _second, _third = three(member)
    reply(first, engineer)
    expected = ["Question number 1", "Question number 3", "Question number 2"]
    assert titles(client, HOME) == titles(client, "/forums/c/integrations/") == expected


def test_unanswered_leaves_open_questions_without_replies(client: Client, member: User, engineer: User) -> None:
    first, second, _third = three(member)
    reply(first, engineer)
    Topic.objects.filter(pk=second.pk).update(is_closed=True)
    ask(member, title="Let us discuss this", kind=TopicKind.DISCUSSION)
    for url in (HOME, "/forums/c/integrations/"):
        assert titles(client, f"{url}?show=unanswered") == ["Question number 3"]


def test_top_is_by_votes(client: Client, member: User, engineer: User) -> None:
    first, _second, _third = three(member)
    voting.vote(post_id=first.posts.get().pk, user=engineer)
    assert titles(client, f"{HOME}?show=top")[0] == "Question number 1"


def test_a_tag_lists_its_topics_latest_first(client: Client, member: User, engineer: User) -> None:
    first = ask(member, title="Question number 1", tags=["netsuite"])
    ask(member, title="Question number 2", tags=["netsuite"])
    ask(member, title="Question number 3", tags=["orders"])
    reply(first, engineer)
    assert titles(client, "/forums/tags/netsuite/") == ["Question number 1", "Question number 2"]


def test_my_topics_are_ones_own_held_ones_too(as_user: SignedIn, member: User, engineer: User) -> None:
    held = ask(member, title="This one is held back")
    Topic.objects.filter(pk=held.pk).update(state=State.HELD)
    deleted = ask(member, title="This one is taken back")
    Topic.objects.filter(pk=deleted.pk).update(state=State.DELETED)
    ask(engineer, title="Somebody else's question")
    assert titles(as_user(member), f"{HOME}?show=mine") == ["This one is held back"]


def test_my_topics_ask_a_visitor_to_sign_in(client: Client) -> None:
    response = client.get(f"{HOME}?show=mine")
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/?next=/forums/%3Fshow%3Dmine"


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_what_is_not_published_is_in_no_list_of_anybody(
    client: Client, as_user: SignedIn, member: User, moderator: User, state: State
) -> None:
    topic = ask(member, title="Cheap watches for you", tags=["watches"])
    organising.set_pinned(topic_id=topic.pk, actor=moderator, pinned=True)
    Topic.objects.filter(pk=topic.pk).update(state=state)
    for reader in (client, as_user(member), as_user(moderator)):
        for url in (
            HOME,
            f"{HOME}?show=unanswered",
            f"{HOME}?show=top",
            "/forums/c/integrations/",
            "/forums/tags/watches/",
        ):
            assert titles(reader, url) == []


def test_a_category_shows_nothing_of_another(client: Client, member: User) -> None:
    ask(member, title="About an agent's host", shelf=category("agents"))
    assert titles(client, "/forums/c/integrations/") == []
    assert titles(client, "/forums/c/agents/") == ["About an agent's host"]


# --- Pinned -----------------------------------------------------------------------------------------------------------
def test_pinned_topics_stand_above_the_first_page_and_nowhere_else(
    client: Client, member: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    topics = three(member)
    organising.set_pinned(topic_id=topics[0].pk, actor=moderator, pinned=True)
    ask(member, title="Question number 4")
    page = client.get(HOME)
    assert [row.topic.title[-1] for row in page.context["rows"]] == ["1", "4", "3"]
    second = client.get(HOME + page.context["page"].next_url)
    assert [row.topic.title[-1] for row in second.context["rows"]] == ["2"]
    assert [row.topic.title[-1] for row in client.get(HOME + second.context["page"].previous_url).context["rows"]] == [
        "1",
        "4",
        "3",
    ]
    assert titles(client, f"{HOME}?show=top") == ["Question number 4", "Question number 3"]


# --- Pages ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url", [HOME, f"{HOME}?show=top", f"{HOME}?show=unanswered", "/forums/c/integrations/", "/forums/tags/netsuite/"]
)
def test_pages_show_every_topic_once(client: Client, member: User, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for number in range(5):
        ask(member, title=f"Question number {number}", tags=["netsuite"])
    seen: list[str] = []
    path = url.partition("?")[0]
    while url != path + "-end":
        page = client.get(url)
        seen += [row.topic.title for row in page.context["rows"]]
        url = path + (page.context["page"].next_url or "-end")
    assert seen == [f"Question number {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("cursor", ["x", "%00", "a:b:c"])
def test_a_damaged_cursor_is_a_bad_request(client: Client, member: User, url: str, cursor: str) -> None:
    ask(member, tags=["netsuite"])
    assert client.get(f"{url}?after={cursor}").status_code == 400


# --- Unread -----------------------------------------------------------------------------------------------------------
def test_news_are_marked_for_who_is_signed_in(client: Client, as_user: SignedIn, member: User, engineer: User) -> None:
    Member.objects.update_or_create(user=engineer, defaults={"read_before": timezone.now() - timedelta(days=1)})
    ask(member)
    mine = as_user(engineer).get(HOME)
    assert [row.news_in_words for row in mine.context["rows"]] == ["New"]
    assert b"is-unread" in mine.content
    assert b"is-unread" not in client.get(HOME).content


# --- Tags -------------------------------------------------------------------------------------------------------------
def test_tags_are_listed_most_used_first_and_found_by_their_beginning(client: Client, member: User) -> None:
    ask(member, tags=["netsuite", "orders"])
    ask(member, tags=["netsuite"])
    Tag.objects.create(community=main_community(), slug="unused")
    assert [tag.slug for tag in client.get("/forums/tags/").context["page"]] == ["netsuite", "orders"]
    assert [tag.slug for tag in client.get("/forums/tags/?q=Ord").context["page"]] == ["orders"]
    assert client.get("/forums/tags/?q=zzz%00%F0%9F%98%80").context["page"].rows == []


# --- What a row tells -------------------------------------------------------------------------------------------------
def test_marks_are_words_beside_colours(client: Client, member: User, engineer: User, moderator: User) -> None:
    topic, other, _third = three(member)
    answer = reply(topic, engineer)
    voting.accept(post_id=answer.pk, actor=member)
    organising.set_locked(topic_id=topic.pk, actor=moderator, locked=True)
    organising.mark_duplicate(topic_id=other.pk, of_id=topic.pk, actor=moderator)
    page = client.get(HOME).content.decode()
    for word in ("Solved", "Locked", "Duplicate"):
        assert word in page


def test_empty_lists_say_what_to_do(client: Client) -> None:
    assert b"Be the first" in client.get(HOME).content
    assert b"Every question has an answer" in client.get(f"{HOME}?show=unanswered").content


def test_a_title_is_text(client: Client, member: User) -> None:
    ask(member, title="<script>alert(1)</script> in a title")
    assert b"<script>alert" not in client.get(HOME).content


def test_filtered_and_later_pages_are_not_indexed(client: Client, member: User) -> None:
    ask(member)
    assert b"noindex" not in client.get(HOME).content
    assert b"noindex" in client.get(f"{HOME}?show=top").content


def test_the_head_names_canonical_address_and_feed(client: Client) -> None:
    page = client.get(f"{HOME}?show=top", headers={"host": "localhost"}).content.decode()
    base = settings.PORTAL_URL
    assert f'<link rel="canonical" href="{base}/forums/">' in page
    assert f'href="{base}/forums/feed.atom"' in page


# --- Speed ------------------------------------------------------------------------------------------------------------
def _fill(member: User, engineer: User, number: int) -> None:
    for count in range(number):
        topic = ask(member, title=f"Question number {count}", tags=["netsuite", f"tag-{count}"])
        reply(topic, engineer)


@pytest.mark.parametrize("url", [*ADDRESSES, f"{HOME}?show=mine", f"{HOME}?show=top"])
def test_two_rows_and_twenty_run_the_same_queries(
    as_user: SignedIn, member: User, engineer: User, moderator: User, url: str
) -> None:
    Member.objects.update_or_create(user=member, defaults={"read_before": timezone.now() - timedelta(days=1)})
    reader = as_user(member)
    _fill(member, engineer, 2)
    organising.set_pinned(topic_id=Topic.objects.order_by("id")[0].pk, actor=moderator, pinned=True)
    few = _queries(reader, url)
    _fill(member, engineer, 18)
    assert _queries(reader, url) == few <= 15


def _queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
