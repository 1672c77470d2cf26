"""The command palette: what it offers is what its reader may do, role by role."""

import re
from html import unescape
from unittest import mock

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts import search_limit
from accounts.models import Contact, User
from forums.models import Member
from tests.cast import SignedIn
from tests.factories.cases import file_case
from tests.factories.forums import ask
from tests.portal.expecting import ANONYMOUS, DESK, ROLES, STAFF
from tests.portal.world import World

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a class="palette-option" href="([^"]*)"')
# What is offered to whom, and to nobody else.
FILING = ("contact", "colleague", "stranger")
ONLY_FOR = {
    "/cases/new/": FILING,
    "/cases/new/?subject=Production+Down": FILING,
    "/desk/?tab=mine": DESK,
    "/desk/new/": DESK,
    "/moderation/": ("moderator", "manager", "administrator"),
    "/status/manage/incidents/new/": ("operator", "administrator"),
    "/status/manage/maintenance/new/": ("operator", "administrator"),
    "/forums/ask/": ROLES[1:],
    "/accounts/login/": (ANONYMOUS,),
    "/accounts/signup/": (ANONYMOUS,),
    "/account/notifications/": ROLES[1:],
}


def offered(client: Client, q: str = "") -> list[str]:
    response = client.get("/palette/", {"q": q})
    assert response.status_code == 200
    return [unescape(url) for url in LINK.findall(response.content.decode())]


def client_of(world: World, role: str, as_user: SignedIn) -> Client:
    person = world.person(role)
    return as_user(person) if person else Client()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_all_that_is_offered(role: str, world: World, as_user: SignedIn) -> None:
    client = client_of(world, role, as_user)
    urls = offered(client)
    assert len(urls) == len(set(urls)) > 5
    for url in urls:
        response = client.get(url)
        refused = response.headers.get("Location", "").startswith("/accounts/login/")
        # Nobody has published the status site in a test: its pages say so by 503.
        allowed = (200, 302, 503) if url.startswith("/status/") else (200, 302)
        assert response.status_code in allowed, url
        assert not refused, url


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_offered_what_is_theirs_alone(role: str, world: World, as_user: SignedIn) -> None:
    urls = offered(client_of(world, role, as_user))
    got = {url: url in urls for url in ONLY_FOR}
    # A partner's customer is shown the way to the partner at this address, as a place.
    if role == "partner":
        got["/cases/new/"] = False
    assert got == {url: role in roles for url, roles in ONLY_FOR.items()}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_found_answers_too(role: str, world: World, as_user: SignedIn) -> None:
    client = client_of(world, role, as_user)
    for typed in (
        world.case.number,
        "Production",
        "Calls fail",
        "Maybe",
        "limit",
        "UNABLE_TO_LOCK_ROW",
        "@" + world.people["member"].handle,
    ):
        for url in offered(client, typed):
            response = client.get(url)
            assert response.status_code in (200, 301, 302, 503), url
            assert not response.headers.get("Location", "").startswith("/accounts/login/"), url


def test_words_find_acts_whatever_their_case_and_order(as_user: SignedIn, contact: Contact) -> None:
    client = as_user(contact.user)
    assert offered(client, "CASE create")[0] == "/cases/new/"
    assert offered(client, "crea")[0] == "/cases/new/"
    assert "/cases/new/" not in offered(client, "zebra")


def test_half_a_word_finds_cases_and_the_page_of_everything(as_user: SignedIn, contact: Contact, member: User) -> None:
    case = file_case(contact, subject="Synchronisation stopped")
    ask(member, title="Why is synchronisation slow?")
    urls = offered(as_user(contact.user), "synchro")
    assert urls[0] == "/search/?q=synchro"
    assert f"/cases/{case.number}/" in urls


def test_a_number_goes_straight_to_its_case(as_user: SignedIn, contact: Contact) -> None:
    case = file_case(contact, subject="Orders are late")
    for typed in (case.number, str(case.pk)):
        assert offered(as_user(contact.user), typed)[0] == f"/cases/{case.number}/"


def test_the_desk_is_led_to_its_own_pages(as_user: SignedIn, contact: Contact, engineer: User) -> None:
    case = file_case(contact, subject="Orders are late")
    assert f"/desk/{case.number}/" in offered(as_user(engineer), "orders")


def test_a_person_is_found_by_their_whole_handle(client: Client, member: User) -> None:
    assert f"/members/{member.handle}/" in offered(client, f"@{member.handle.upper()}")
    assert not [url for url in offered(client, f"@{member.handle[:-1]}") if url.startswith("/members/")]


def test_who_is_silenced_is_not_told_to_ask(as_user: SignedIn, member: User) -> None:
    from forums.constants import FOR_GOOD

    Member.objects.update_or_create(user=member, defaults={"silenced_until": FOR_GOOD})
    assert "/forums/ask/" not in offered(as_user(member))


def test_signing_out_is_a_form_with_a_token(as_user: SignedIn, member: User, client: Client) -> None:
    html = as_user(member).get("/palette/").content.decode()
    assert 'action="/accounts/logout/"' in html
    assert "csrfmiddlewaretoken" in html
    assert "/accounts/logout/" not in client.get("/palette/").content.decode()


def test_wrong_verb_is_refused(client: Client) -> None:
    assert client.post("/palette/").status_code == 405


def test_what_is_typed_is_escaped(client: Client) -> None:
    html = client.get("/palette/", {"q": '<script>"x'}).content.decode()
    assert "<script>" not in html


@pytest.mark.parametrize("role", [ANONYMOUS, "contact", *STAFF[:1]])
def test_every_page_holds_the_way_to_it(role: str, world: World, as_user: SignedIn) -> None:
    html = client_of(world, role, as_user).get("/support/").content.decode()
    assert 'data-url="/palette/"' in html
    assert 'action="/search/"' in html


def test_a_status_site_elsewhere_leads_to_the_portal(client: Client) -> None:
    from django.template.loader import render_to_string

    html = render_to_string("portal/_header_search.html", {"portal_origin": "https://portal.example"})
    assert 'href="https://portal.example/search/"' in html
    assert "<form" not in html
    assert "palette" not in html
    assert settings.PORTAL_URL not in html


@pytest.fixture
def few_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_limit, "SEARCHES", 2)


@pytest.mark.usefixtures("few_searches")
def test_who_searches_too_much_still_finds_places(as_user: SignedIn, contact: Contact, colleague: Contact) -> None:
    case = file_case(contact, subject="Orders are late")
    client = as_user(contact.user)
    assert f"/cases/{case.number}/" in offered(client, "orders")
    offered(client, "orders")
    assert offered(client, "orders") == ["/search/?q=orders"]
    assert offered(client, "create case")[0] == "/cases/new/"
    assert f"/cases/{case.number}/" in offered(as_user(colleague.user), "orders")


@pytest.mark.usefixtures("few_searches")
@pytest.mark.parametrize("address", ["/search/?q=zebra", "/search/?q=zebra&in=community", "/forums/search/?q=zebra"])
def test_a_visitor_who_searches_too_much_is_told_to_wait(address: str, client: Client) -> None:
    assert [client.get(address).status_code for _turn in range(3)] == [200, 200, 429]
    refused = client.get(address)
    assert refused["Retry-After"] == "300"
    assert "Too many searches in a short time." in refused.content.decode()
    assert client.get("/search/").status_code == 200
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(address).status_code == 200


@pytest.mark.usefixtures("few_searches")
def test_without_a_counter_nobody_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "incr", mock.Mock(side_effect=ValueError))
    assert [client.get("/search/?q=zebra").status_code for _turn in range(4)] == [200] * 4
