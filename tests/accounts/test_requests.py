"""Requests to become a contact: who hears of them, who decides, what the person is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from accounts import requests
from accounts.contacts import ContactError
from accounts.models import Account, ContactRequest, User
from accounts.outbox import Letter
from tests.accounts.conftest import kinds
from tests.cast import SignedIn
from tests.factories.accounts import AccountFactory, UserFactory


@pytest.fixture
def asked(member: User, acme: Account, letters: list[Letter]) -> ContactRequest:
    request = requests.ask(user=member, company="Acme", message="I work there.")
    letters.clear()
    return request


def recipients(letters: list[Letter]) -> set[str]:
    return {letter.user.email for letter in letters if letter.user}


def test_a_known_company_reaches_who_looks_after_it(
    member: User, acme: Account, other_csm: User, letters: list[Letter]
) -> None:
    requests.ask(user=member, company="  ACME ")

    assert recipients(letters) == {"csm@portal.example"}


def test_an_unknown_company_reaches_every_csm(
    member: User, csm: User, other_csm: User, engineer: User, letters: list[Letter]
) -> None:
    requests.ask(user=member, company="Umbrella")

    assert recipients(letters) == {csm.email, other_csm.email}


def test_without_any_csm_it_reaches_the_administrators(
    member: User, administrator: User, letters: list[Letter]
) -> None:
    requests.ask(user=member, company="Umbrella")

    assert recipients(letters) == {administrator.email}


def test_a_company_whose_csm_has_left_reaches_the_others(
    member: User, acme: Account, csm: User, other_csm: User, letters: list[Letter]
) -> None:
    User.objects.filter(pk=csm.pk).update(is_active=False)

    requests.ask(user=member, company="Acme")

    assert recipients(letters) == {other_csm.email}


def test_too_many_requests_a_day_are_refused(member: User, csm: User) -> None:
    for _number in range(requests.ASKS_PER_DAY):
        requests.refuse(request=requests.ask(user=member, company="Umbrella"), actor=csm)

    with pytest.raises(ContactError, match="tomorrow"):
        requests.ask(user=member, company="Umbrella")


def test_granting_makes_a_contact_without_authorization_and_tells_them(
    asked: ContactRequest, acme: Account, csm: User, member: User, letters: list[Letter]
) -> None:
    requests.grant(request=asked, account=acme, actor=csm)

    contact = acme.contacts.get(user=member)
    assert contact.is_current
    assert not contact.is_authorized
    assert [(letter.kind, letter.user) for letter in letters] == [("accounts.request_granted", member)]
    assert list(acme.audit_events.order_by("id").values_list("act", flat=True)) == ["contact_linked", "request_granted"]


def test_refusing_tells_them(asked: ContactRequest, csm: User, member: User, letters: list[Letter]) -> None:
    requests.refuse(request=asked, actor=csm)

    assert not member.contacts.exists()
    assert kinds(letters) == ["accounts.request_refused"]


def test_a_request_is_decided_once(asked: ContactRequest, acme: Account, csm: User) -> None:
    requests.refuse(request=asked, actor=csm)

    with pytest.raises(ContactError, match="already"):
        requests.grant(request=asked, account=acme, actor=csm)
    with pytest.raises(ContactError, match="already"):
        requests.refuse(request=asked, actor=csm)


def test_a_csm_grants_for_their_own_accounts_only(
    asked: ContactRequest, acme: Account, other_csm: User, engineer: User
) -> None:
    for person in (other_csm, engineer, asked.user):
        with pytest.raises(PermissionDenied):
            requests.grant(request=asked, account=acme, actor=person)
    for person in (engineer, asked.user):
        with pytest.raises(PermissionDenied):
            requests.refuse(request=asked, actor=person)
    asked.refresh_from_db()
    assert asked.state == "pending"


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_makes_one_request(letters: list[Letter]) -> None:
    person = UserFactory()
    UserFactory(is_superuser=True)
    start = Barrier(4)

    def ask(_number: int) -> int:
        try:
            start.wait(timeout=10)
            return requests.ask(user=User.objects.get(pk=person.pk), company="Umbrella").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, range(4)))

    assert len(answers) == 1
    assert kinds(letters) == ["accounts.request_received"]


# --- The screen ---------------------------------------------------------------------------------------------------


def screen(asked: ContactRequest, act: str = "change") -> str:
    return reverse(f"admin:accounts_contactrequest_{act}", args=[asked.pk])


def test_the_csm_grants_on_the_screen(asked: ContactRequest, acme: Account, csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)
    body = client.get(screen(asked)).content.decode()
    assert "I work there." in body
    assert f'<option value="{acme.pk}" selected>Acme</option>' in body

    client.post(screen(asked, "grant"), {"account": acme.pk})

    assert acme.contacts.filter(user=asked.user).exists()
    assert "Grant the request" not in client.get(screen(asked)).content.decode()


def test_another_csm_cannot_choose_the_account(
    asked: ContactRequest, acme: Account, other_csm: User, as_user: SignedIn
) -> None:
    response = as_user(other_csm).post(screen(asked, "grant"), {"account": acme.pk}, follow=True)

    assert "Choose one of your accounts." in response.content.decode()
    assert not acme.contacts.exists()


@pytest.mark.parametrize("account", ["", "nothing", "0", "999999999999999999999"])
def test_a_bad_account_is_told(asked: ContactRequest, csm: User, as_user: SignedIn, account: str) -> None:
    response = as_user(csm).post(screen(asked, "grant"), {"account": account}, follow=True)

    assert "Choose one of your accounts." in response.content.decode()


def test_the_csm_refuses_on_the_screen(asked: ContactRequest, csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)
    client.post(screen(asked, "refuse"))

    asked.refresh_from_db()
    assert asked.state == "refused"
    assert "decided already" in client.post(screen(asked, "refuse"), follow=True).content.decode()


@pytest.mark.parametrize("role", ["engineer", "moderator", "manager"])
def test_other_staff_do_not_decide(
    role: str, asked: ContactRequest, request: pytest.FixtureRequest, as_user: SignedIn
) -> None:
    client = as_user(request.getfixturevalue(role))

    assert client.get(screen(asked)).status_code == 403
    assert client.post(screen(asked, "refuse")).status_code == 403
    assert client.post(screen(asked, "grant")).status_code == 403


def test_matching_ignores_capitals_and_spaces(member: User) -> None:
    account = AccountFactory(name="Blue Sky Ltd")

    assert requests.matching_account(ContactRequest(user=member, company=" blue  sky LTD")) == account
    assert requests.matching_account(ContactRequest(user=member, company="Blue")) is None
