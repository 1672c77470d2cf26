import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.demo_sign_ins import DEMO_SIGN_INS
from accounts.models import Contact, User
from cases.constants import Status
from tests.factories.cases import file_case

SignedIn = Callable[[User], Client]
HOTLINE = "+1 800 555 0142"
PRODUCTION_DOWN = "/cases/new/?subject=Production%20Down"

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/support/"])
def test_posting_is_refused(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_home_offers_a_visitor_sign_in_and_production_down(client: Client) -> None:
    body = read(client, "/")
    assert 'href="/accounts/login/"' in body
    assert PRODUCTION_DOWN in body


def test_home_shows_a_contact_their_own_open_cases(contact: Contact, stranger: Contact, as_user: SignedIn) -> None:
    file_case(contact, subject="Orders stop")
    file_case(stranger, subject="Not yours")
    body = read(as_user(contact.user), "/")
    assert "Orders stop" in body
    assert "Not yours" not in body
    assert PRODUCTION_DOWN in body


def test_home_leaves_closed_cases_out(contact: Contact, as_user: SignedIn) -> None:
    case = file_case(contact, subject="Long over")
    type(case).objects.filter(pk=case.pk).update(status=Status.CLOSED, closed_at=case.opened_at)
    body = read(as_user(contact.user), "/")
    assert "Long over" not in body
    assert "Nothing open" in body


def test_home_asks_few_queries(
    contact: Contact, as_user: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        file_case(contact, subject=f"Case {number}")
    client = as_user(contact.user)
    read(client, "/")  # from now on what is new in the communities is remembered
    with django_assert_max_num_queries(10):
        read(client, "/")


def test_home_sends_a_partners_customer_to_the_partner(partner_contact: Contact, as_user: SignedIn) -> None:
    partner = partner_contact.account.partner
    assert partner is not None
    assert partner.support_url in read(as_user(partner_contact.user), "/")


def test_home_sends_an_engineer_to_the_desk(engineer: User, as_user: SignedIn) -> None:
    assert 'href="/desk/"' in read(as_user(engineer), "/")


def test_support_names_every_way(client: Client) -> None:
    body = read(client, "/support/")
    for way in ("partner", "production-down", "case", "escalation", "community", "data-loader", "status"):
        assert f'id="{way}"' in body


def test_the_hotline_is_for_contacts_whose_plan_has_it(
    client: Client, contact: Contact, stranger: Contact, member: User, engineer: User, as_user: SignedIn
) -> None:
    assert HOTLINE in read(as_user(contact.user), "/support/")
    assert HOTLINE not in read(client, "/support/")
    for other in (stranger.user, member, engineer):
        assert HOTLINE not in read(as_user(other), "/support/")


def test_a_contact_without_a_hotline_learns_their_csms_name(
    contact: Contact, stranger: Contact, csm: User, client: Client, as_user: SignedIn
) -> None:
    assert csm.display_name in read(as_user(stranger.user), "/support/")
    assert csm.display_name not in read(as_user(contact.user), "/support/")
    assert csm.display_name not in read(client, "/support/")


def test_an_ended_contact_sees_no_hotline(contact: Contact, as_user: SignedIn) -> None:
    Contact.objects.filter(pk=contact.pk).update(
        ended_at=contact.created_at, is_authorized=False, is_account_admin=False
    )
    assert HOTLINE not in read(as_user(User.objects.get(pk=contact.user_id)), "/support/")


def test_a_partners_customer_is_told_that_the_first_way_is_theirs(partner_contact: Contact, as_user: SignedIn) -> None:
    body = read(as_user(partner_contact.user), "/support/")
    assert "That is you: Initech" in body
    assert PRODUCTION_DOWN not in body


def test_the_sign_in_page_of_a_demo_offers_its_people(client: Client) -> None:
    body = read(client, "/accounts/login/")
    for person in DEMO_SIGN_INS:
        assert person.email in body


def test_no_other_sign_in_page_does(client: Client, settings: Settings) -> None:
    password = settings.DEMO_PASSWORD
    settings.DEMO = False
    body = read(client, "/accounts/login/")
    assert password not in body
    assert DEMO_SIGN_INS[0].email not in body
    assert "Demo data" not in body


def test_the_people_offered_are_the_demos(settings: Settings) -> None:
    text = Path(settings.BASE_DIR, "portal/demo/people.toml").read_text()
    people = tomllib.loads(text)
    contacts = [contact for account in people["account"] for contact in account["contact"]]
    names = {person["email"]: person["name"] for person in [*people["staff"], *people["member"], *contacts]}
    assert {person.email: person.name for person in DEMO_SIGN_INS}.items() <= names.items()
