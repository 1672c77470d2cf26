"""Atom feeds: what stands in them, for whom, and that readers' programs understand them."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import changes, editing, publishing
from forums.constants import State
from forums.models import Community, Post, Tag, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, category, main_community, reply

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FEEDS = ["/forums/feed.atom", "/forums/c/integrations/feed.atom", "/forums/tags/netsuite/feed.atom"]


def feed(address: str = FEEDS[0], client: Client | None = None) -> ElementTree.Element:
    response = (client or Client()).get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def titles(address: str = FEEDS[0], client: Client | None = None) -> list[str | None]:
    return [element.text for element in feed(address, client).findall("a:entry/a:title", ATOM)]


def text(element: ElementTree.Element, path: str) -> str:
    found = element.findtext(path, namespaces=ATOM)
    assert found is not None
    return found


def test_each_feed_holds_its_topics_newest_first(member: User) -> None:
    ask(member, title="First question of all", tags=["netsuite"])
    ask(member, title="Second question of all", tags=["sap"])
    ask(member, title="Third question of all", tags=["netsuite"], shelf=category("flows"))
    first, second, third = "First question of all", "Second question of all", "Third question of all"
    assert titles(FEEDS[0]) == [third, second, first]
    assert titles(FEEDS[1]) == [second, first]
    assert titles(FEEDS[2]) == [third, first]


def test_an_entry_tells_all_that_a_reader_wants(member: User) -> None:
    topic = ask(member, title="Orders & <items> stop", body="See **this**: [list](/members/x/) & <script>no</script>")
    document = feed()
    entry = document.find("a:entry", ATOM)
    assert entry is not None
    assert text(entry, "a:title") == "Orders & <items> stop"
    assert text(entry, "a:author/a:name") == "Mel Carter"
    assert text(entry, "a:summary").startswith("See this: list & ")
    content = entry.find("a:content", ATOM)
    assert content is not None
    assert content.get("type") == "html"
    assert "<strong>this</strong>" in (content.text or "")
    assert f'href="{settings.PORTAL_URL}/members/x/"' in (content.text or "")
    assert "<script" not in (content.text or "")
    link = entry.find("a:link", ATOM)
    assert link is not None
    assert link.get("href") == settings.PORTAL_URL + topic.get_absolute_url()
    links = {element.get("rel"): element.get("href") for element in document.findall("a:link", ATOM)}
    assert links == {
        "self": f"{settings.PORTAL_URL}/forums/feed.atom",
        "alternate": f"{settings.PORTAL_URL}/forums/",
    }
    assert member.email not in ElementTree.tostring(document, "unicode")


def test_every_feed_has_what_atom_asks_for(member: User) -> None:
    ask(member, tags=["netsuite"])
    for address in FEEDS:
        document = feed(address)
        for part in (document, *document.findall("a:entry", ATOM)):
            for name in ("id", "title", "updated"):
                assert text(part, f"a:{name}")
        assert text(document, "a:updated").endswith("Z")


def test_identifiers_survive_renames_and_moves(member: User, moderator: User) -> None:
    topic = ask(member)
    before = text(feed(), "a:entry/a:id")
    editing.edit_post(
        post_id=topic.posts.get().pk, editor=member, body="Changed.", title="Another title", category=category("flows")
    )
    assert text(feed(), "a:entry/a:id") == before
    assert before.startswith("tag:")
    assert before.endswith(f":topic:{topic.pk}")


def test_only_a_real_change_makes_a_topic_new_again(member: User, engineer: User) -> None:
    topic = ask(member)
    before = text(feed(), "a:entry/a:updated")
    Topic.objects.update(bumped_at=topic.created_at.replace(year=2099))
    reply(topic, engineer)
    assert text(feed(), "a:entry/a:updated") == before
    Post.objects.filter(topic=topic, number=0).update(edited_at=topic.created_at.replace(year=2099))
    assert text(feed(), "a:entry/a:updated").startswith("2099")
    assert text(feed(), "a:updated").startswith("2099")


def test_what_xml_cannot_hold_is_dropped_and_every_script_survives(member: User) -> None:
    ask(member, title="Bell\x07 and 🚢 שלום e\u0301", body="Vertical\x0btab \ufffe and 日本語")
    entry = feed().find("a:entry", ATOM)
    assert entry is not None
    assert text(entry, "a:title") == "Bell and 🚢 שלום e\u0301"
    assert "日本語" in text(entry, "a:content")


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_what_is_not_published_is_in_no_feed_whoever_asks(
    member: User, moderator: User, state: State, as_user: SignedIn
) -> None:
    post = ask(member, tags=["netsuite"]).posts.get()
    publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), state)
    for client in (Client(), as_user(member), as_user(moderator)):
        for address in FEEDS:
            assert titles(address, client) == []


def test_a_private_community_has_no_feed_for_anybody(member: User, moderator: User, as_user: SignedIn) -> None:
    ask(member, tags=["netsuite"])
    Community.objects.update(is_public=False)
    for client in (Client(), as_user(moderator)):
        for address in FEEDS:
            assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/communities/nowhere/feed.atom", "/forums/c/nowhere/feed.atom", "/forums/tags/nowhere/feed.atom",
     "/forums/tags/%00/feed.atom", "/forums/tags/%F0%9F%92%A9/feed.atom"],
)  # fmt: skip
def test_what_is_not_there_is_404(address: str, db: None) -> None:
    assert Client().get(address).status_code == 404


def test_other_verbs_are_405(db: None) -> None:
    assert Client().post("/forums/feed.atom").status_code == 405


def test_a_synonym_and_another_spelling_lead_to_the_tag(db: None) -> None:
    meant = Tag.objects.create(community=main_community(), slug="netsuite")
    Tag.objects.create(community=main_community(), slug="oracle-netsuite", synonym_of=meant)
    for spelling in ("oracle-netsuite", "NetSuite"):
        response = Client().get(f"/forums/tags/{spelling}/feed.atom")
        assert response.status_code == 301
        assert response.headers["Location"] == "/forums/tags/netsuite/feed.atom"


def test_it_is_sent_again_only_when_it_changed(member: User) -> None:
    ask(member)
    first = Client().get("/forums/feed.atom")
    assert "public" in first.headers["Cache-Control"]
    etag, modified = {"if-none-match": first.headers["ETag"]}, {"if-modified-since": first.headers["Last-Modified"]}
    assert Client().get("/forums/feed.atom", headers=etag).status_code == 304
    assert Client().get("/forums/feed.atom", headers=modified).status_code == 304
    ask(member, title="Another question arrives")
    assert Client().get("/forums/feed.atom", headers=etag).status_code == 200


@pytest.mark.parametrize("address", FEEDS)
def test_two_topics_and_twenty_cost_the_same_and_thirty_are_shown(member: User, address: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            feed(address)
        return len(queries)

    for _number in range(2):
        ask(member, tags=["netsuite"])
    few = cost()
    for _number in range(30):
        ask(member, tags=["netsuite"])
    assert cost() == few <= 8
    assert len(titles(address)) == 30
