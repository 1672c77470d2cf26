"""Operators' screens of the communities, and the system checks."""

from typing import Any

import pytest
from django.core import checks
from django.test import Client
from pytest_django import Settings

from accounts import erasure
from accounts.models import User
from forums import moderating, tagging, watching
from forums.checks import communities_have_categories, mounts_have_addresses
from forums.constants import FlagReason
from forums.errors import ForumError
from forums.models import Category, Community, CommunityModerator, Flag, Post, Tag, Topic, Vote, Watch
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, main_community, reply

pytestmark = pytest.mark.django_db

COMMUNITIES, TAGS = "/admin/forums/community/", "/admin/forums/tag/"
INLINES = {
    f"{prefix}-{name}": value
    for prefix in ("categories", "moderators")
    for name, value in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
}


@pytest.fixture
def client(administrator: User, as_user: SignedIn) -> Client:
    return as_user(administrator)


def fields(**changed: Any) -> dict[str, Any]:
    return {
        "slug": "labs",
        "name": "Labs",
        "tagline": "What we try out.",
        "icon": "book",
        "accent": "violet",
        "wording": "post",
        "kinds": ["question", "discussion"],
        "search_config": "english",
        "search_scope": "own",
        "is_open": "on",
        "is_public": "on",
        "position": "30",
        **INLINES,
        **changed,
    }


# --- Communities ----------------------------------------------------------------------------------------------


def test_a_third_community_needs_no_code(client: Client, member: User, as_user: SignedIn) -> None:
    first = {
        "categories-TOTAL_FORMS": "1",
        "categories-0-position": "10",
        "categories-0-name": "Everything",
        "categories-0-slug": "all",
    }
    data = fields(**first, **{"moderators-TOTAL_FORMS": "1", "moderators-0-user": str(member.pk)})
    answer = client.post(f"{COMMUNITIES}add/", data, follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    labs = Community.objects.get(slug="labs")
    assert labs.kinds == ["question", "discussion"]
    assert CommunityModerator.objects.get(community=labs).user == member
    ask(member, title="What is on your bench?", shelf=labs.categories.get())
    for path in ("", "feed.atom", "tags/"):
        assert Client().get(f"/communities/labs/{path}").status_code == 200


def test_kinds_are_boxes_and_one_is_needed(client: Client) -> None:
    page = client.get(f"{COMMUNITIES}{main_community().pk}/change/").content.decode()
    assert page.count('type="checkbox" name="kinds"') == 4
    assert client.post(f"{COMMUNITIES}add/", fields(kinds=[])).status_code == 200
    assert not Community.objects.filter(slug="labs").exists()


def test_the_address_of_a_community_stays(client: Client) -> None:
    community = main_community()
    shelves = list(community.categories.all())
    inline = {"categories-TOTAL_FORMS": str(len(shelves)), "categories-INITIAL_FORMS": str(len(shelves))}
    for number, shelf in enumerate(shelves):
        inline |= {
            f"categories-{number}-id": str(shelf.pk),
            f"categories-{number}-community": str(community.pk),
            f"categories-{number}-position": str(shelf.position),
            f"categories-{number}-name": shelf.name,
            f"categories-{number}-slug": shelf.slug,
        }
    data = fields(slug="moved", search_config="german", **inline)
    answer = client.post(f"{COMMUNITIES}{community.pk}/change/", data, follow=True)
    assert b"rebuilt in the background" in answer.content
    community.refresh_from_db()
    assert (community.slug, community.search_config) == ("community", "german")


def test_a_community_with_topics_is_not_deleted(client: Client, member: User) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    shelf = Category.objects.create(community=labs, slug="all", name="All")
    ask(member, shelf=shelf)
    assert client.post(f"{COMMUNITIES}{labs.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{COMMUNITIES}{main_community().pk}/delete/", {"post": "yes"}).status_code == 403
    assert Community.objects.filter(pk=labs.pk).exists()


def test_an_unused_community_is_deleted_with_its_shelves(client: Client) -> None:
    labs = Community.objects.create(slug="labs", name="Labs")
    Category.objects.create(community=labs, slug="all", name="All")
    client.post(f"{COMMUNITIES}{labs.pk}/delete/", {"post": "yes"})
    assert not Community.objects.filter(pk=labs.pk).exists()


def test_communities_are_an_administrators(moderator: User, engineer: User, as_user: SignedIn) -> None:
    for user in (moderator, engineer):
        assert as_user(user).get(COMMUNITIES).status_code == 403


# --- Tags -----------------------------------------------------------------------------------------------------


def test_a_tag_is_led_to_another(moderator: User, as_user: SignedIn, member: User) -> None:
    topic = ask(member, tags=["oracle-netsuite"])
    tag = Tag.objects.get(slug="oracle-netsuite")
    meant = Tag.objects.create(community=main_community(), slug="netsuite")
    watching.watch(user=member, target=tag)
    data = {"description": "", "synonym_of": str(meant.pk)}
    answer = as_user(moderator).post(f"{TAGS}{tag.pk}/change/", data, follow=True)
    assert b"1 topics carry the other tag now" in answer.content
    assert list(topic.tags.all()) == [meant]
    tag.refresh_from_db()
    meant.refresh_from_db()
    assert (tag.synonym_of, tag.topic_count, meant.topic_count) == (meant, 0, 1)
    assert Watch.objects.filter(user=member, tag=meant).exists()


def test_merging_tags_keeps_a_topic_that_has_both_once(member: User, moderator: User) -> None:
    topic = ask(member, tags=["netsuite", "ns"])
    tagging.make_synonym(
        tag_id=Tag.objects.get(slug="ns").pk, of_id=Tag.objects.get(slug="netsuite").pk, actor=moderator
    )
    assert topic.tags.get().topic_count == 1


def test_synonyms_of_a_synonym_go_along(member: User, moderator: User) -> None:
    first, second, third = (Tag.objects.create(community=main_community(), slug=slug) for slug in ("a1", "b1", "c1"))
    tagging.make_synonym(tag_id=first.pk, of_id=second.pk, actor=moderator)
    tagging.make_synonym(tag_id=second.pk, of_id=third.pk, actor=moderator)
    first.refresh_from_db()
    assert first.synonym_of == third


def test_a_meaning_that_cannot_be_is_refused(moderator: User, as_user: SignedIn) -> None:
    here = Tag.objects.create(community=main_community(), slug="here")
    labs = Community.objects.create(slug="labs", name="Labs")
    elsewhere = Tag.objects.create(community=labs, slug="elsewhere")
    client = as_user(moderator)
    for meant, words in ((here, b"cannot mean itself"), (elsewhere, b"another community")):
        answer = client.post(f"{TAGS}{here.pk}/change/", {"description": "", "synonym_of": str(meant.pk)})
        assert words in answer.content
    with pytest.raises(ForumError, match="another community"):
        tagging.make_synonym(tag_id=here.pk, of_id=elsewhere.pk, actor=moderator)


def test_a_member_merges_no_tags(member: User) -> None:
    one, other = (Tag.objects.create(community=main_community(), slug=slug) for slug in ("a1", "b1"))
    with pytest.raises(ForumError, match="Only moderators"):
        tagging.make_synonym(tag_id=one.pk, of_id=other.pk, actor=member)


# --- To look at -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["topic", "post", "member", "review", "moderationevent"])
def test_what_people_wrote_is_only_looked_at(
    model: str, member: User, moderator: User, engineer: User, as_user: SignedIn
) -> None:
    post = reply(ask(member), UserFactory())
    moderating.flag(post_id=post.pk, user=member, reason=FlagReason.SPAM)
    client = as_user(moderator)
    url = f"/admin/forums/{model}/"
    assert client.get(url).status_code == 200
    assert client.get(f"{url}add/").status_code == 403
    assert as_user(engineer).get(url).status_code == 403
    for term in ("1", "x", "%00", "9" * 40):
        assert client.get(f"{url}?q={term}").status_code == 200


@pytest.mark.parametrize("model", [Topic, Post])
def test_a_topic_and_a_post_are_found_by_number(model: type[Topic | Post], client: Client, member: User) -> None:
    ask(member, title="Orders stop syncing")
    row = model.objects.get()
    url = f"/admin/forums/{model.__name__.lower()}/"
    assert f"{url}{row.pk}/change/" in client.get(f"{url}?q={row.pk}").content.decode()
    assert f"{url}{row.pk}/change/" not in client.get(f"{url}?q={row.pk + 1}").content.decode()
    page = client.get(f"{url}{row.pk}/change/")
    assert page.status_code == 200
    assert b'name="_save"' not in page.content


# --- Checks and erasure ---------------------------------------------------------------------------------------


def test_a_mount_without_addresses_is_an_error(settings: Settings) -> None:
    assert mounts_have_addresses() == []
    settings.COMMUNITY_MOUNTS = {**settings.COMMUNITY_MOUNTS, "labs": "nowhere"}
    (error,) = mounts_have_addresses()
    assert error.id == "forums.E001"
    assert isinstance(error, checks.Error)


def test_a_community_without_a_shelf_is_a_warning() -> None:
    Community.objects.create(slug="labs", name="Labs")
    assert [found.id for found in communities_have_categories(databases=["default"])] == ["forums.W001"]
    assert communities_have_categories() == []


def test_erasing_a_person_forgets_the_words_of_their_flags(member: User, administrator: User) -> None:
    post = reply(ask(UserFactory()), UserFactory())
    Vote.objects.create(post=post, user=member)
    moderating.flag(post_id=post.pk, user=member, reason=FlagReason.PRIVATE, note="That is my phone number")
    erasure.erase(user=member, actor=administrator)
    flag = Flag.objects.get()
    assert (flag.note, flag.reason) == ("", "private")
    assert Vote.objects.count() == 1
