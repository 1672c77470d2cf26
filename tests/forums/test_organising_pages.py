"""Keeping topics in order, as moderators and authors do it."""

import pytest
from django.test import Client

from accounts.models import Contact, User
from forums.constants import State
from forums.models import Category, Community, CommunityModerator, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, category, reply

pytestmark = pytest.mark.django_db

PAGES = ("tags", "move", "merge", "duplicate")


def url(topic: Topic, act: str) -> str:
    return f"/forums/topics/{topic.pk}/{act}/"


@pytest.fixture
def topic(member: User) -> Topic:
    return ask(member, tags=["netsuite"])


@pytest.fixture
def target(contact: Contact) -> Topic:
    return ask(contact.user, "Syncing orders to NetSuite: the known limits")


@pytest.mark.parametrize("act", PAGES)
def test_a_moderator_sees_the_page(act: str, topic: Topic, moderator: User, as_user: SignedIn) -> None:
    answer = as_user(moderator).get(url(topic, act))
    assert answer.status_code == 200
    assert topic.title in answer.content.decode()
    assert as_user(moderator).put(url(topic, act)).status_code == 405


@pytest.mark.parametrize("act", PAGES)
def test_a_stranger_is_refused(act: str, topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    assert as_user(contact.user).get(url(topic, act)).status_code == 403
    assert as_user(contact.user).post(url(topic, act), {"target": "1"}).status_code == 403


@pytest.mark.parametrize("act", [*PAGES, "state"])
def test_a_hidden_topic_does_not_exist(act: str, topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    Topic.objects.update(state=State.HIDDEN)
    assert as_user(contact.user).post(url(topic, act), {"act": "close"}).status_code == 404


def test_a_visitor_signs_in(topic: Topic, client: Client) -> None:
    assert client.get(url(topic, "merge"))["Location"] == f"/accounts/login/?next={url(topic, 'merge')}"


@pytest.mark.parametrize(("act", "field"), [("close", "is_closed"), ("lock", "is_locked"), ("pin", "pinned_at")])
def test_a_moderator_changes_a_state_and_takes_it_back(
    act: str, field: str, topic: Topic, moderator: User, as_user: SignedIn
) -> None:
    client = as_user(moderator)
    assert client.post(url(topic, "state"), {"act": act})["Location"] == topic.get_absolute_url()
    assert getattr(Topic.objects.get(), field)
    client.post(url(topic, "state"), {"act": {"close": "reopen"}.get(act, f"un{act}")})
    assert not getattr(Topic.objects.get(), field)


def test_an_author_closes_and_does_not_lock(topic: Topic, member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    client.post(url(topic, "state"), {"act": "close"})
    page = client.post(url(topic, "state"), {"act": "lock"}, follow=True).content.decode()
    assert "Only moderators of this community may do this." in page
    topic.refresh_from_db()
    assert (topic.is_closed, topic.is_locked) == (True, False)


@pytest.mark.parametrize("act", ["", "explode", "\x00"])
def test_a_state_that_is_none_is_a_bad_request(act: str, topic: Topic, member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(url(topic, "state"), {"act": act}).status_code == 400
    assert as_user(member).get(url(topic, "state")).status_code == 405


def test_an_author_changes_the_tags(topic: Topic, member: User, as_user: SignedIn) -> None:
    assert 'value="netsuite"' in as_user(member).get(url(topic, "tags")).content.decode()
    as_user(member).post(url(topic, "tags"), {"tags": "edi, as2"})
    assert sorted(topic.tags.values_list("slug", flat=True)) == ["as2", "edi"]
    assert as_user(member).post(url(topic, "tags"), {"tags": "a1 b1 c1 d1 e1 f1"}).status_code == 422


def test_a_moderator_moves_a_topic(topic: Topic, moderator: User, as_user: SignedIn) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    shelf = Category.objects.create(community=labs, slug="all", name="All")
    answer = as_user(moderator).post(url(topic, "move"), {"category": shelf.pk})
    moved = Topic.objects.get()
    assert moved.category == shelf
    assert answer["Location"] == moved.get_absolute_url()
    assert moved.get_absolute_url().startswith("/communities/labs/")
    assert as_user(moderator).post(url(topic, "move"), {"category": "999999999999999999999"}).status_code == 422


def test_who_moderates_one_community_moves_within_it(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    shelf = Category.objects.create(community=labs, slug="all", name="All of the labs")
    CommunityModerator.objects.create(community=topic.community, user=contact.user)
    client = as_user(contact.user)
    assert shelf.name not in client.get(url(topic, "move")).content.decode()
    assert client.post(url(topic, "move"), {"category": shelf.pk}).status_code == 422
    assert client.post(url(topic, "move"), {"category": category("edi").pk}).status_code == 302


@pytest.mark.parametrize("how", ["number", "hash", "address", "whole address", "permalink"])
def test_both_topics_are_shown_before_they_are_merged(
    how: str, topic: Topic, target: Topic, moderator: User, as_user: SignedIn
) -> None:
    named = {
        "number": str(target.pk),
        "hash": f"#{target.pk}",
        "address": target.get_absolute_url(),
        "whole address": f"https://portal.example{target.get_absolute_url()}?sort=newest#replies",
        "permalink": f"https://portal.example{target.posts.get().get_absolute_url()}",
    }[how]
    client = as_user(moderator)
    page = client.post(url(topic, "merge"), {"target": named}).content.decode()
    assert topic.title in page
    assert target.title in page
    assert 'name="confirmed"' in page
    assert Topic.objects.get(pk=topic.pk).merged_into is None
    answer = client.post(url(topic, "merge"), {"target": target.pk, "confirmed": "1"})
    assert answer["Location"] == target.get_absolute_url()
    assert Topic.objects.get(pk=topic.pk).merged_into == target


@pytest.mark.parametrize(
    "named", ["", "nothing", "0", "99999999999999999999999", "/t//", "\x00", "https://x/t/999999/"]
)
def test_a_topic_that_is_none_is_refused(named: str, topic: Topic, moderator: User, as_user: SignedIn) -> None:
    for act in ("merge", "duplicate"):
        answer = as_user(moderator).post(url(topic, act), {"target": named, "confirmed": "1"})
        assert answer.status_code == 422


def test_a_topic_is_not_merged_into_itself(topic: Topic, moderator: User, as_user: SignedIn) -> None:
    answer = as_user(moderator).post(url(topic, "merge"), {"target": topic.pk, "confirmed": "1"})
    assert answer.status_code == 422
    assert "same topic" in answer.content.decode()


def test_a_duplicate_is_marked_and_unmarked(topic: Topic, target: Topic, moderator: User, as_user: SignedIn) -> None:
    client = as_user(moderator)
    assert target.title in client.post(url(topic, "duplicate"), {"target": target.pk}).content.decode()
    client.post(url(topic, "duplicate"), {"target": target.pk, "confirmed": "1"})
    assert Topic.objects.get(pk=topic.pk).duplicate_of == target
    assert "It is no duplicate" in client.get(url(topic, "duplicate")).content.decode()
    client.post(url(topic, "duplicate"), {"take_back": "1"})
    assert Topic.objects.get(pk=topic.pk).duplicate_of is None


def test_the_menu_offers_what_the_person_may_do(
    topic: Topic, member: User, moderator: User, contact: Contact, client: Client, as_user: SignedIn
) -> None:
    reply(topic, contact.user)
    address = topic.get_absolute_url()
    author = as_user(member).get(address).content.decode()
    assert "Close: no more replies" in author
    assert "Merge into another topic" not in author
    assert "Merge into another topic" in as_user(moderator).get(address).content.decode()
    for page in (as_user(contact.user).get(address), client.get(address)):
        assert "Organise" not in page.content.decode()
