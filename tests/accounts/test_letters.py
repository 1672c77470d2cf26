"""Every mail of accounts, as its recipient reads it."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from accounts import contacts, invitations, outbox, people, requests
from accounts.models import Account, User
from notifications import account_kinds, kinds, rendering
from notifications.models import Delivery
from tests.factories.accounts import UserFactory


@pytest.fixture(autouse=True)
def real_ledger(letters: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_post", account_kinds.post_letter)


def mail(kind: str) -> rendering.Rendered:
    """Return the newest mail of a kind."""
    delivery = Delivery.objects.filter(message__kind=kind).select_related("message", "user").latest("pk")
    return rendering.mail(kinds.get(kind), delivery)


def invite(acme: Account, csm: User) -> None:
    contacts.add_by_email(account=acme, email="new@acme.example", actor=csm)


def accept(acme: Account, csm: User) -> None:
    invite(acme, csm)
    invitations.accept(invitation=acme.invitations.get(), user=UserFactory(email="new@acme.example"))


def add(acme: Account, csm: User) -> None:
    UserFactory(email="new@acme.example")
    contacts.add_by_email(account=acme, email="new@acme.example", actor=csm)


def authorize(acme: Account, csm: User) -> None:
    add(acme, csm)
    contacts.authorize(contact=acme.contacts.get(), actor=csm)


def ask(_acme: Account, _csm: User) -> None:
    requests.ask(user=UserFactory(), company="Acme", message="<b>I & we</b>")


def grant(acme: Account, csm: User) -> None:
    requests.grant(request=requests.ask(user=UserFactory(), company="Acme"), account=acme, actor=csm)


def refuse(_acme: Account, csm: User) -> None:
    requests.refuse(request=requests.ask(user=UserFactory(), company="Acme"), actor=csm)


def create(_acme: Account, _csm: User) -> None:
    people.create(email="nia@portal.example", display_name="Nia", actor=UserFactory(is_superuser=True))


@pytest.mark.parametrize(
    ("kind", "act", "said", "path"),
    [
        ("accounts.invitation", invite, "invites you to be a contact of Acme", "/account/invitations/"),
        ("accounts.invitation_accepted", accept, "is now a contact of Acme", ""),
        ("accounts.access_granted", add, "file support cases for Acme", "/support/"),
        ("accounts.authorized", authorize, "go straight to the support team", "/support/"),
        ("accounts.request_received", ask, "asks to become a contact", "/admin/accounts/contactrequest/"),
        ("accounts.request_granted", grant, "We have granted your request", "/support/"),
        ("accounts.request_refused", refuse, "We could not confirm it this time", "/support/"),
        ("accounts.welcome", create, "Choose your password", "/accounts/password/reset/"),
    ],
)
def test_letter(
    kind: str, act: Callable[[Account, User], None], said: str, path: str, acme: Account, csm: User
) -> None:
    act(acme, csm)

    letter = mail(kind)

    assert letter.subject
    assert "{" not in letter.subject
    for body in (letter.text, letter.html):
        assert said in " ".join(body.split())
        assert settings.PORTAL_URL + path in body
    assert "<" not in letter.text.replace("<b>I & we</b>", "")
    assert "<b>I & we</b>" not in letter.html


def test_the_mail_of_a_sign_up_has_text_and_a_button(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "new@x.example", "display_name": "N", "password1": "a-long-password-1"})

    letter = mail("accounts.sign_in_mail")

    assert letter.subject == f"Confirm your address at {settings.PORTAL_NAME}"
    assert f"{settings.PORTAL_URL}/accounts/confirm-email/" in letter.text
    assert f'href="{settings.PORTAL_URL}/accounts/confirm-email/' in letter.html
    assert "Confirm this address" in letter.html


def test_the_mail_of_a_sign_up_is_in_one_language(client: Client, db: None) -> None:
    form = {"email": "neu@x.example", "display_name": "N", "password1": "a-long-password-1"}
    client.post("/accounts/signup/", form, headers={"accept-language": "de"})

    delivery = Delivery.objects.filter(message__kind="accounts.sign_in_mail").latest("pk")
    with rendering.for_recipient(delivery):
        letter = rendering.mail(kinds.get("accounts.sign_in_mail"), delivery)

    # The words are frozen as they were written; the layout around them follows.
    assert delivery.language == "de"
    assert '<html lang="de"' in letter.html
