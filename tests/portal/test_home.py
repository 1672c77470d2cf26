"""The home page of visitors, members and customers. That of staff is in ``test_home_of_staff``."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import invitations, requests
from accounts.models import Account, Contact, User
from cases.constants import Status
from cases.models import Case
from status import incidents, publishing
from status.changes import By
from status.incidents import NewIncident
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case
from tests.factories.forums import ask, reply

pytestmark = pytest.mark.django_db
PRODUCTION_DOWN = "/cases/new/?subject=Production%20Down"


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


def test_a_visitor_may_search_everything(client: Client) -> None:
    text = home(client)
    assert 'role="search" action="/search/"' in text
    assert 'type="search" name="q"' in text


def test_a_visitor_sees_the_four_rooms(client: Client) -> None:
    text = home(client)
    for address in ("/cases/", "/forums/", "/data-loader/", "/status/"):
        assert f'<h3><a href="{address}">' in text


def test_the_page_of_a_visitor_asks_no_query_while_what_is_new_is_remembered(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    home(client)
    with django_assert_num_queries(0):
        home(client)


def test_a_visitor_in_need_signs_in_and_comes_back_to_the_filled_form(client: Client) -> None:
    answer = client.get(PRODUCTION_DOWN)
    assert answer["Location"] == "/accounts/login/?next=/cases/new/%3Fsubject%3DProduction%2520Down"


def test_the_newest_unanswered_questions_are_there_and_answered_ones_are_not(
    client: Client, member: User, contact: Contact
) -> None:
    reply(ask(member, "Long answered"), contact.user)
    ask(member, "Who knows this?")
    text = home(client)
    assert "Who knows this?" in text
    assert text.index("Do you know the answer?") < text.index("Who knows this?", text.index("Do you know the answer?"))
    assert "Long answered" not in text[text.index("Do you know the answer?") :]


def test_a_room_tells_what_was_said_in_it_last(client: Client, member: User, contact: Contact) -> None:
    reply(ask(member, "Spoken in a moment ago"), contact.user)
    assert "Spoken in a moment ago" in home(client)


def test_questions_of_a_closed_circle_stay_there(client: Client, member: User) -> None:
    topic = ask(member, "Only for us")
    type(topic.community).objects.filter(pk=topic.community_id).update(is_public=False)
    assert "Only for us" not in home(client)


def test_an_open_incident_is_named_in_the_line_about_the_status(client: Client, operator: User) -> None:
    incidents.open_incident(by=By(actor=operator), new=NewIncident("Calls fail", "We look."))
    publishing.publish()
    text = home(client)
    assert "home-status" in text
    assert "Calls fail" in text
    assert 'id="status-banner"' not in text  # said once


def test_without_a_published_status_the_line_is_missing(client: Client) -> None:
    assert "home-status" not in home(client)


def test_cases_that_wait_for_the_contact_come_first(contact: Contact, as_user: SignedIn) -> None:
    waiting = file_case(contact, subject="Tell us the version")
    file_case(contact, subject="Newer, and ours")
    Case.objects.filter(pk=waiting.pk).update(status=Status.WAITING)
    text = home(as_user(contact.user))
    assert text.index("Tell us the version") < text.index("Newer, and ours")
    assert "We wait for you" in text
    assert "1 case waits for your answer." in text


def test_a_contact_of_a_plan_with_a_hotline_sees_its_number(
    contact: Contact, stranger: Contact, as_user: SignedIn
) -> None:
    assert 'href="tel:+18005550142"' in home(as_user(contact.user))
    assert "tel:" not in home(as_user(stranger.user))


def test_a_partners_customer_is_led_to_the_partner_and_not_to_create_case(
    partner_contact: Contact, as_user: SignedIn
) -> None:
    text = home(as_user(partner_contact.user))
    partner = partner_contact.account.partner
    assert partner is not None
    assert f'href="{partner.support_url}"' in text
    assert PRODUCTION_DOWN not in text


def test_a_contact_of_a_direct_account_too_may_file_for_that_one(
    partner_contact: Contact, acme: Account, as_user: SignedIn
) -> None:
    ContactFactory(account=acme, user=partner_contact.user)
    text = home(as_user(partner_contact.user))
    assert PRODUCTION_DOWN in text
    assert "Initech is supported by" in text


def test_an_account_admin_sees_the_cases_of_colleagues_that_wait_for_their_word(
    contact: Contact, colleague: Contact, as_user: SignedIn
) -> None:
    file_case(colleague, subject="May Sam file this?")
    text = home(as_user(contact.user))
    assert "Cases of colleagues that wait for your word" in text
    assert "May Sam file this?" in text


def test_nobody_is_asked_for_a_word_on_their_own_case(colleague: Contact, as_user: SignedIn) -> None:
    file_case(colleague, subject="May I file this?")
    assert "wait for your word" not in home(as_user(colleague.user))


def test_a_member_without_an_account_is_told_what_they_may_do(member: User, as_user: SignedIn) -> None:
    text = home(as_user(member))
    assert "do not belong to a customer yet" in text
    assert PRODUCTION_DOWN not in text


def test_a_member_who_asked_learns_that_it_waits(member: User, as_user: SignedIn) -> None:
    requests.ask(user=member, company="Umbra", message="")
    assert "Your request to become a contact of Umbra is waiting." in home(as_user(member))


def test_a_member_who_is_invited_finds_the_invitation(
    member: User, contact: Contact, acme: Account, as_user: SignedIn
) -> None:
    EmailAddress.objects.update_or_create(user=member, email=member.email, defaults={"verified": True, "primary": True})
    invitations.invite(account=acme, email=member.email, actor=contact.user)
    assert "You are invited to join Acme" in home(as_user(member))


def test_a_contacts_page_asks_as_many_queries_for_eight_cases_as_for_one(
    contact: Contact, as_user: SignedIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_user(contact.user)
    file_case(contact)
    home(client)
    with CaptureQueriesContext(connection) as one:
        home(client)
    for _number in range(7):
        file_case(contact)
    with django_assert_num_queries(len(one)):
        home(client)


@pytest.mark.parametrize("address", ["/", "/support/"])
def test_production_down_writes_the_vendors_own_words(
    contact: Contact, as_user: SignedIn, settings: Settings, address: str
) -> None:
    settings.PRODUCTION_DOWN_PHRASES = ["Produktion steht & brennt"]
    text = as_user(contact.user).get(address).text
    assert "/cases/new/?subject=Produktion%20steht%20%26%20brennt" in text
    assert PRODUCTION_DOWN not in text


@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_the_page_is_only_read(client: Client, verb: str) -> None:
    assert getattr(client, verb)("/").status_code == 405
