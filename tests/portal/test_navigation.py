import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from accounts.models import Contact, User
from portal import views
from portal.navigation import Navigation, navigation

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


urlpatterns = [path("", views.home, name="home"), path("support/", views.support), path("status/", views.support)]


@pytest.mark.urls(__name__)
def test_a_room_that_is_not_built_yet_is_not_in_the_menu() -> None:
    assert {entry.url for entry in menus(AnonymousUser()).rooms} & ROOMS == {"/status/"}
