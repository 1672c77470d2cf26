"""Site maps and robots.txt: every topic that is worth finding, once, at its canonical address."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import organising
from forums.constants import State
from forums.models import Category, Community, Topic
from forums.views import sitemaps
from tests.cast import SignedIn
from tests.factories.forums import ask

pytestmark = pytest.mark.django_db

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def locations(address: str) -> list[str]:
    response = Client().get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    root = ElementTree.fromstring(response.content)
    found = [element.text or "" for element in root.iter(f"{{{NAMESPACE}}}loc")]
    assert all(location.startswith(settings.PORTAL_URL + "/") for location in found)
    return [location.removeprefix(settings.PORTAL_URL) for location in found]


def block_of(topic: Topic) -> str:
    return f"/sitemap-community-{topic.pk // sitemaps.BLOCK + 1}.xml"


def test_the_index_leads_to_the_blocks_that_exist(member: User) -> None:
    topic = ask(member)
    assert [address for address in locations("/sitemap.xml") if "sitemap-community-" in address] == [
        "/sitemap-community-0.xml",
        block_of(topic),
    ]


def test_blocks_between_that_are_empty_are_left_out(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "BLOCK", 2)
    topics = [ask(member) for _number in range(9)]
    Topic.objects.exclude(pk__in=[topics[0].pk, topics[-1].pk]).update(state=State.HIDDEN)
    blocks = [address for address in locations("/sitemap.xml") if "sitemap-community-" in address]
    assert blocks == ["/sitemap-community-0.xml", block_of(topics[0]), block_of(topics[-1])]
    assert [topics[-1].get_absolute_url()] == locations(blocks[-1])


def test_a_block_lists_canonical_addresses_with_their_last_change(member: User) -> None:
    topic = ask(member)
    assert locations(block_of(topic)) == [topic.get_absolute_url()]
    assert topic.bumped_at.isoformat(timespec="seconds") in Client().get(block_of(topic)).content.decode()


def test_the_first_block_lists_the_communitys_own_pages(member: User) -> None:
    ask(member, tags=["netsuite"])
    pages = locations("/sitemap-community-0.xml")
    assert pages[0] == "/forums/"
    assert "/forums/c/integrations/" in pages
    assert pages[-1] == "/forums/tags/netsuite/"
    assert len(pages) == 1 + Category.objects.filter(community__slug="community").count() + 1


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_what_is_not_published_is_in_no_map(member: User, moderator: User, state: State, as_user: SignedIn) -> None:
    topic, other = ask(member), ask(member)
    Topic.objects.filter(pk=topic.pk).update(state=state)
    assert locations(block_of(other)) == [other.get_absolute_url()]
    assert topic.get_absolute_url() not in as_user(moderator).get(block_of(other)).content.decode()


def test_duplicates_are_in_no_map(member: User, moderator: User) -> None:
    topic, canonical = ask(member), ask(member)
    organising.mark_duplicate(topic_id=topic.pk, of_id=canonical.pk, actor=moderator)
    assert locations(block_of(canonical)) == [canonical.get_absolute_url()]


def test_a_private_community_has_no_map_for_anybody(member: User, moderator: User, as_user: SignedIn) -> None:
    topic = ask(member)
    Community.objects.update(is_public=False)
    assert locations("/sitemap.xml") == []
    for client in (Client(), as_user(moderator)):
        assert client.get("/sitemap-community-0.xml").status_code == 404
        assert client.get(block_of(topic)).status_code == 404


@pytest.mark.parametrize(
    "address", ["/sitemap-nowhere-0.xml", "/sitemap-community-77.xml", f"/sitemap-community-{10**30}.xml"]
)
def test_a_block_that_does_not_exist_is_404(address: str, db: None) -> None:
    assert Client().get(address).status_code == 404


def test_robots_are_told_where_the_maps_are_and_what_to_leave(db: None) -> None:
    response = Client().get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert f"Sitemap: {settings.PORTAL_URL}/sitemap.xml" in lines
    for path in ("/search/", "/account/", "/moderation/", "/forums/posts/", "/forums/topics/"):
        assert f"Disallow: {path}" in lines
    assert "Allow: /accounts/login/" in lines
    assert not any(line in ("Disallow: /", "Disallow: /forums/") for line in lines)


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-community-0.xml", "/robots.txt"])
def test_other_verbs_are_405_and_nothing_is_sent_twice(address: str, db: None) -> None:
    assert Client().post(address).status_code == 405
    first = Client().get(address)
    assert Client().get(address, headers={"if-none-match": first.headers["ETag"]}).status_code == 304


def test_two_topics_and_twenty_cost_the_same(member: User) -> None:
    topic = ask(member)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            locations("/sitemap.xml")
            locations(block_of(topic))
        return len(queries)

    few = cost()
    for _number in range(20):
        ask(member)
    assert cost() == few <= 4
