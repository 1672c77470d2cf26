import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from accounts.models import Contact, User
from portal import views
from portal.navigation import Navigation, navigation
from status import incidents, publishing
from status.changes import By
from status.incidents import NewIncident
from tests.cast import SignedIn
from tests.portal.outlines import outline_of

pytestmark = pytest.mark.django_db
ROOMS = {"/forums/", "/data-loader/", "/status/"}


def menus(user: User | AnonymousUser, address: str = "/") -> Navigation:
    request = RequestFactory().get(address)
    request.user = user
    return navigation(request)


def personal(user: User | AnonymousUser) -> list[str]:
    return [entry.url for entry in menus(user).personal]


def test_a_visitor_sees_rooms_and_no_places_of_their_own(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        found = menus(AnonymousUser())
    assert "/support/" in [entry.url for entry in found.rooms]
    assert not found.personal
    assert not found.account


def test_a_contact_sees_my_cases_and_create_case(contact: Contact) -> None:
    assert personal(contact.user) == ["/cases/", "/cases/new/"]


def test_a_member_sees_neither(member: User) -> None:
    assert personal(member) == []


def test_an_engineer_sees_the_desk_and_not_admin(engineer: User) -> None:
    assert personal(engineer) == ["/desk/"]


def test_a_csm_sees_admin_and_not_the_desk(csm: User) -> None:
    assert "/admin/" in personal(csm)
    assert "/desk/" not in personal(csm)


def test_an_administrator_sees_all_of_them(administrator: User) -> None:
    assert personal(administrator) == ["/desk/", "/moderation/", "/status/manage/", "/admin/"]


def test_an_operator_sees_the_status_console(operator: User) -> None:
    assert personal(operator) == ["/status/manage/"]


def test_a_moderator_sees_the_review_queue(moderator: User) -> None:
    assert personal(moderator) == ["/moderation/"]


def test_only_an_account_admin_sees_the_team_page(contact: Contact, colleague: Contact) -> None:
    assert menus(contact.user).person.is_account_admin
    assert not menus(colleague.user).person.is_account_admin
    assert "/account/team/" not in [entry.url for entry in menus(colleague.user).account]


def test_the_menus_of_somebody_signed_in_ask_two_queries(
    engineer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = RequestFactory().get("/")
    request.user = engineer
    with django_assert_num_queries(2):
        navigation(request)
        navigation(request)


def test_the_entry_of_the_page_is_marked_by_the_longest_address(contact: Contact) -> None:
    active = [entry.url for entry in menus(contact.user, "/cases/new/").personal if entry.active]
    assert active == ["/cases/new/"]
    active = [entry.url for entry in menus(contact.user, "/cases/CS-000001/").personal if entry.active]
    assert active == ["/cases/"]


def test_the_community_leads_the_rooms_for_everybody(contact: Contact, engineer: User) -> None:
    for person in (AnonymousUser(), contact.user, engineer):
        assert next(entry.url for entry in menus(person).rooms) == "/forums/"


def test_the_account_menu_is_grouped_and_no_group_is_torn_apart(contact: Contact) -> None:
    groups = [str(entry.group) for entry in menus(contact.user).account]
    assert all(groups)
    runs = [group for before, group in zip(["", *groups], groups, strict=False) if group != before]
    assert runs == ["You", "What you follow", "Signing in"]


def test_the_guides_are_found_again_in_the_account_menu(contact: Contact) -> None:
    assert "/account/getting-started/" in [entry.url for entry in menus(contact.user).account]


def test_the_menus_of_a_page_are_landmarks_with_names_of_their_own(contact: Contact, as_user: SignedIn) -> None:
    outline = outline_of(as_user(contact.user).get("/support/").text)
    assert outline.problems() == []
    assert {name for role, name in outline.landmarks if role == "nav"} >= {"Rooms", "Your places"}


def test_the_state_of_everything_is_told_in_words_beside_status(client: Client, operator: User) -> None:
    incidents.open_incident(by=By(actor=operator), new=NewIncident("Calls fail", "We look."))
    publishing.publish()
    text = client.get("/support/").text
    dot = text[text.index('class="status-dot') :]
    assert "aria-label=" in dot[: dot.index("</span>")]


@pytest.mark.parametrize(("address", "current"), [("/support/", "/support/"), ("/forums/ask/", "/forums/")])
def test_where_one_is_is_said_to_who_cannot_see_it(member: User, as_user: SignedIn, address: str, current: str) -> None:
    assert f'href="{current}" aria-current="page"' in as_user(member).get(address).text


urlpatterns = [path("", views.home, name="home"), path("support/", views.support), path("status/", views.support)]


@pytest.mark.urls(__name__)
def test_a_room_that_is_not_built_yet_is_not_in_the_menu() -> None:
    assert {entry.url for entry in menus(AnonymousUser()).rooms} & ROOMS == {"/status/"}
