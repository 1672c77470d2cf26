"""Invitations: one address, one use, until they expire."""

from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import contacts, invitations
from accounts.contacts import ContactError
from accounts.invitations import InvitationProblem
from accounts.models import Account, Contact, Invitation, User
from accounts.outbox import Letter
from tests.accounts.conftest import kinds
from tests.cast import SignedIn
from tests.factories.accounts import AccountFactory, UserFactory

ADDRESS = "new@acme.example"


@pytest.fixture
def invitation(acme: Account, csm: User) -> Invitation:
    contacts.add_by_email(account=acme, email=ADDRESS, actor=csm, as_authorized=True)
    return acme.invitations.get()


@pytest.fixture
def invited(db: None) -> User:
    user: User = UserFactory(email=ADDRESS, display_name="Nora Hill")
    return user


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(minutes=1))


# --- The page ------------------------------------------------------------------------------------------------


def test_looking_changes_nothing_and_accepting_makes_the_contact(
    invitation: Invitation, invited: User, as_user: SignedIn, letters: list[Letter]
) -> None:
    client, path = as_user(invited), invitations.path(invitation)

    response = client.get(path)
    assert response.status_code == 200
    assert "Join Acme" in response.content.decode()
    assert not invitation.account.contacts.exists()

    assert client.post(path).status_code == 302
    contact = invitation.account.contacts.get(user=invited)
    assert contact.is_authorized
    assert kinds(letters)[-1] == "accounts.invitation_accepted"


def test_signed_out_person_is_shown_both_ways_in_and_comes_back(invitation: Invitation, client: Client) -> None:
    path = invitations.path(invitation)

    response = client.get(path)

    assert response.status_code == 200
    sign_up = parse_qs(urlsplit(response.context["sign_up_url"]).query)
    assert sign_up == {"email": [ADDRESS], "next": [path]}
    assert parse_qs(urlsplit(response.context["sign_in_url"]).query) == {"next": [path]}
    assert f'value="{ADDRESS}"' in client.get(response.context["sign_up_url"]).content.decode()
    assert client.post(path).status_code == 200
    assert not invitation.account.contacts.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_else_gets_403_and_the_address_only_masked(
    invitation: Invitation, member: User, as_user: SignedIn, method: str
) -> None:
    response = getattr(as_user(member), method)(invitations.path(invitation))

    body = response.content.decode()
    assert response.status_code == 403
    assert "n•••@acme.example" in body
    assert ADDRESS not in body
    assert not invitation.account.contacts.exists()


def test_an_unverified_owner_of_the_address_gets_403(invitation: Invitation, as_user: SignedIn) -> None:
    user = UserFactory(email=ADDRESS, verified=False)

    assert as_user(user).post(invitations.path(invitation)).status_code == 403


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_expired_one_is_gone(
    invitation: Invitation, invited: User, as_user: SignedIn, client: Client, signed_in: bool
) -> None:
    path = invitations.path(invitation)
    expire(invitation)
    visitor = as_user(invited) if signed_in else client

    assert visitor.get(path).status_code == 410
    assert visitor.post(path).status_code == 410
    assert not invitation.account.contacts.exists()


def test_a_used_one_is_gone(invitation: Invitation, invited: User, as_user: SignedIn) -> None:
    client, path = as_user(invited), invitations.path(invitation)
    client.post(path)

    response = client.post(path)

    assert response.status_code == 410
    assert "has been used" in response.content.decode()


def test_a_withdrawn_one_is_gone(invitation: Invitation, invited: User, csm: User, as_user: SignedIn) -> None:
    invitations.revoke(invitation=invitation, actor=csm)

    assert as_user(invited).post(invitations.path(invitation)).status_code == 410


def test_a_link_that_was_not_made_here_is_404(invitation: Invitation, invited: User, as_user: SignedIn) -> None:
    client, token = as_user(invited), invitations.signed_token(invitation)
    other = Invitation(token=invitation.token, email="other@acme.example")
    forged = [
        token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        "x" + token,
        token + "x",
        invitation.token,
        invitation.token + ":",
        ":" + token.partition(":")[2],
        invitations.signed_token(other),
        "x",
        "a" * 5000,
        "\N{SNOWMAN}",
        "%00",
        f"{invitation.token}:{signing.Signer(salt='another').signature(f'{invitation.token}:{ADDRESS}')}",
    ]
    for signed in forged:
        assert client.get(f"/account/invitations/{signed}/").status_code == 404, signed
    assert not invitation.account.contacts.exists()


def test_the_link_does_not_tell_whose_it_is(invitation: Invitation) -> None:
    decoded = b"".join(
        urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in invitations.signed_token(invitation).split(":")
    )

    assert b"new" not in decoded
    assert b"acme" not in decoded


def test_the_link_is_absolute_and_knows_no_host_header(invitation: Invitation) -> None:
    assert invitations.link(invitation).startswith(settings.PORTAL_URL + "/account/invitations/")


def test_signing_in_leads_to_a_waiting_invitation(invitation: Invitation, invited: User, client: Client) -> None:
    response = client.post("/accounts/login/", {"login": ADDRESS, "password": "a-long-test-password"})

    assert response.headers["Location"] == invitations.path(invitation)


def test_the_profile_shows_a_waiting_invitation(invitation: Invitation, invited: User, as_user: SignedIn) -> None:
    assert invitations.path(invitation) in as_user(invited).get("/account/").content.decode()


# --- The acts ------------------------------------------------------------------------------------------------


def test_an_expired_one_is_renewed_by_adding_again(
    acme: Account, csm: User, invitation: Invitation, letters: list[Letter]
) -> None:
    expire(invitation)

    contacts.add_by_email(account=acme, email=ADDRESS, actor=csm)

    renewed = acme.invitations.get()
    assert renewed.is_open
    assert not renewed.as_authorized
    assert kinds(letters).count("accounts.invitation") == 2
    assert letters[0].event != letters[1].event


def test_sending_again_waits_five_minutes_and_renews(csm: User, invitation: Invitation, letters: list[Letter]) -> None:
    with pytest.raises(ContactError, match="five minutes"):
        invitations.resend(invitation=invitation, actor=csm)
    expire(invitation)

    assert invitations.resend(invitation=invitation, actor=csm).is_open
    assert kinds(letters).count("accounts.invitation") == 2


def test_an_answered_one_is_not_sent_again_nor_withdrawn(csm: User, invitation: Invitation, invited: User) -> None:
    invitations.accept(invitation=invitation, user=invited)

    with pytest.raises(ContactError):
        invitations.resend(invitation=invitation, actor=csm)
    with pytest.raises(ContactError):
        invitations.revoke(invitation=invitation, actor=csm)


def test_withdrawing_twice_writes_once(csm: User, invitation: Invitation) -> None:
    invitations.revoke(invitation=invitation, actor=csm)
    invitations.revoke(invitation=invitation, actor=csm)

    assert invitation.account.audit_events.filter(act="invitation_revoked").count() == 1


def test_accepting_restores_a_former_contact(acme: Account, contact: Contact, colleague: Contact, csm: User) -> None:
    contacts.end_access(contact=colleague, actor=csm)
    invitations.invite(account=acme, email=colleague.user.email, actor=contact.user)

    invitations.accept(invitation=acme.invitations.unanswered().get(), user=colleague.user)

    colleague.refresh_from_db()
    assert colleague.is_current


def test_who_accepts_after_the_plan_was_cut_joins_without_authorization(invitation: Invitation, invited: User) -> None:
    plan = invitation.account.plan
    plan.authorized_contact_limit = 0
    plan.save()

    contact = invitations.accept(invitation=invitation, user=invited)

    assert contact.is_current
    assert not contact.is_authorized


def test_from_the_customers_side_everybody_is_invited_and_nobody_linked(
    acme: Account, contact: Contact, member: User, letters: list[Letter]
) -> None:
    assert invitations.invite(account=acme, email=member.email, actor=contact.user) == member.email

    assert acme.contacts.count() == 1
    assert not acme.invitations.get().as_authorized
    assert kinds(letters) == ["accounts.invitation"]


def test_a_present_colleague_is_not_invited(
    acme: Account, contact: Contact, colleague: Contact, letters: list[Letter]
) -> None:
    invitations.invite(account=acme, email=colleague.user.email, actor=contact.user)

    assert not acme.invitations.exists()
    assert letters == []


def test_a_team_has_a_bounded_number_of_open_invitations(
    acme: Account, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "OPEN_PER_TEAM", 1)
    invitations.invite(account=acme, email="one@acme.example", actor=contact.user)

    with pytest.raises(ContactError, match="Too many"):
        invitations.invite(account=acme, email="two@acme.example", actor=contact.user)


def test_inviting_and_withdrawing_in_turn_does_not_flood_a_stranger(
    acme: Account, contact: Contact, letters: list[Letter]
) -> None:
    for _time in range(invitations.ASKS_PER_ADDRESS):
        invitations.invite(account=acme, email=ADDRESS, actor=contact.user)
        invitations.revoke(invitation=acme.invitations.unanswered().get(), actor=contact.user)
    with pytest.raises(ContactError, match="tomorrow"):
        invitations.invite(account=acme, email=ADDRESS, actor=contact.user)
    assert len(letters) == invitations.ASKS_PER_ADDRESS


def test_who_is_no_admin_of_the_account_does_not_invite(acme: Account, colleague: Contact, stranger: Contact) -> None:
    for person in (colleague.user, stranger.user):
        with pytest.raises(PermissionDenied):
            invitations.invite(account=acme, email=ADDRESS, actor=person)


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_answers_one_makes_the_contact() -> None:
    account = AccountFactory()
    administrator = UserFactory(is_superuser=True)
    contacts.add_by_email(account=account, email=ADDRESS, actor=administrator)
    invitation = account.invitations.get()
    person = UserFactory(email=ADDRESS)
    start = Barrier(6)

    def accept(_number: int) -> str:
        try:
            start.wait(timeout=10)
            invitations.accept(invitation=invitation, user=User.objects.get(pk=person.pk))
        except InvitationProblem as problem:
            return problem.code
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(accept, range(6)))

    assert sorted(answers) == ["accepted"] + ["used"] * 5
    assert account.contacts.count() == 1
    assert account.audit_events.filter(act="contact_linked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_adds_make_one_invitation(letters: list[Letter]) -> None:
    account = AccountFactory()
    administrator = UserFactory(is_superuser=True)
    start = Barrier(4)

    def add(_number: int) -> str:
        try:
            start.wait(timeout=10)
            return contacts.add_by_email(account=account, email=ADDRESS, actor=administrator)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(add, range(4))) == [ADDRESS] * 4

    assert account.invitations.count() == 1
    assert kinds(letters) == ["accounts.invitation"]
