"""Sign-up, sign-in and reset: mail through the ledger, links on PORTAL_URL, and no way to learn who has a sign-in."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from accounts.adapter import on_portal
from accounts.models import User
from accounts.outbox import Letter
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "new@people.example"


def sign_up(client: Client, email: str = NEW, name: str = "Nora Hill", host: str = "localhost") -> Any:
    data = {"email": email, "display_name": name, "password1": "a-long-password-1"}
    return client.post("/accounts/signup/", data, headers={"host": host})


def is_verified(email: str) -> bool:
    verified: bool = EmailAddress.objects.filter(email=email, verified=True).exists()
    return verified


def test_signing_up_makes_an_unverified_person_with_name_and_handle(client: Client, letters: list[Letter]) -> None:
    sign_up(client, email="New@People.example")

    user = User.objects.get(email=NEW)
    assert user.display_name == "Nora Hill"
    assert user.handle.startswith("nora-hill-")
    assert not is_verified(NEW)
    assert [(letter.kind, letter.address) for letter in letters] == [("accounts.sign_in_mail", NEW)]


def test_confirming_and_signing_in(client: Client, letters: list[Letter]) -> None:
    sign_up(client)
    path = letters[0].context["action_url"].removeprefix(settings.PORTAL_URL)

    assert client.get(path).status_code == 200
    assert not is_verified(NEW)  # looking changes nothing
    client.post(path)
    response = client.post("/accounts/login/", {"login": NEW, "password": "a-long-password-1"})

    assert response.status_code == 302
    assert client.get("/account/").status_code == 200


def test_an_unverified_person_does_not_get_in(client: Client) -> None:
    sign_up(client)

    response = Client().post("/accounts/login/", {"login": NEW, "password": "a-long-password-1"})

    assert response.headers["Location"] == "/accounts/confirm-email/"


@pytest.mark.parametrize("name", ["", "  ", "nul\x00", "turned \u202e text", "zero\u200bwidth", "x" * 81])
def test_a_bad_name_is_a_form_error_that_keeps_the_address(client: Client, name: str) -> None:
    response = sign_up(client, name=name)

    assert response.status_code == 200
    assert f'value="{NEW}"' in response.content.decode()
    assert not User.objects.exists()


def test_links_in_mails_know_no_host_header(client: Client, settings: Settings, letters: list[Letter]) -> None:
    settings.ALLOWED_HOSTS = ["evil.example", "testserver"]
    UserFactory(email="ann@people.example")
    sign_up(client, host="evil.example")
    sign_up(client, email="ann@people.example", host="evil.example")
    for email in ("ann@people.example", "nobody@people.example"):
        client.post("/accounts/password/reset/", {"email": email}, headers={"host": "evil.example"})

    assert len(letters) == 4
    for letter in letters:
        assert "evil.example" not in str(letter.context)
        assert letter.context["action_url"].startswith(settings.PORTAL_URL + "/accounts/")
        assert letter.context["action_url"] in letter.context["text"]
        assert letter.context["action_url"] not in letter.context["before"] + letter.context["after"]


def test_on_portal_keeps_path_and_query() -> None:
    assert on_portal("http://evil.example:81/a/b?c=d") == settings.PORTAL_URL + "/a/b?c=d"


# --- Nobody learns who has a sign-in ------------------------------------------------------------------------------


def comparable(response: Any, email: str) -> tuple[int, str, str]:
    """Return an answer without what differs from one visit to the next."""
    body = response.content.decode().replace(email, "ADDRESS")
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)
    return response.status_code, response.headers.get("Location", ""), body


@pytest.fixture
def somebody() -> User:
    user: User = UserFactory(email="ann@people.example")
    return user


def test_signing_up_answers_the_same_for_a_known_address(somebody: User, letters: list[Letter]) -> None:
    answers = []
    for email in (somebody.email, NEW):
        client = Client()
        first = sign_up(client, email=email)
        second = client.get(first.headers["Location"])
        answers.append((comparable(first, email), comparable(second, email)))

    assert answers[0] == answers[1]
    assert [letter.address for letter in letters] == [somebody.email, NEW]
    assert User.objects.count() == 2


def test_signing_up_with_a_bad_password_answers_the_same_for_a_known_address(somebody: User) -> None:
    answers = []
    for email in (somebody.email, NEW):
        response = Client().post("/accounts/signup/", {"email": email, "display_name": "N", "password1": "short"})
        answers.append(comparable(response, email))

    assert answers[0] == answers[1]


def test_asking_for_a_new_password_answers_the_same_for_a_known_address(somebody: User, letters: list[Letter]) -> None:
    answers = []
    for email in (somebody.email, NEW):
        client = Client()
        first = client.post("/accounts/password/reset/", {"email": email})
        answers.append((comparable(first, email), comparable(client.get(first.headers["Location"]), email)))

    assert answers[0] == answers[1]
    assert [letter.address for letter in letters] == [somebody.email, NEW]


def test_a_wrong_password_answers_the_same_for_an_unknown_address(somebody: User) -> None:
    answers = []
    for email in (somebody.email, NEW):
        response = Client().post("/accounts/login/", {"login": email, "password": "wrong-password"})
        answers.append(comparable(response, email))

    assert answers[0] == answers[1]


def test_a_person_who_was_switched_off_is_not_told_from_a_stranger(somebody: User) -> None:
    User.objects.filter(pk=somebody.pk).update(is_active=False)

    wrong = Client().post("/accounts/login/", {"login": somebody.email, "password": "wrong-password"})
    unknown = Client().post("/accounts/login/", {"login": NEW, "password": "wrong-password"})

    assert comparable(wrong, somebody.email) == comparable(unknown, NEW)


# --- Limits and sessions ------------------------------------------------------------------------------------------


def test_guessing_a_password_is_limited_whatever_the_host_header(somebody: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for number in range(5):
        Client().post(
            "/accounts/login/",
            {"login": somebody.email, "password": "wrong"},
            headers={"host": f"host{number}.example"},
        )

    response = Client().post("/accounts/login/", {"login": somebody.email.upper(), "password": PASSWORD})

    assert "Too many failed login attempts" in response.content.decode()


def test_next_leads_only_into_the_portal(somebody: User) -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = Client().post("/accounts/login/", {"login": somebody.email, "password": PASSWORD, "next": target})
        assert response.headers["Location"] == "/"
    response = Client().post("/accounts/login/", {"login": somebody.email, "password": PASSWORD, "next": "/account/"})
    assert response.headers["Location"] == "/account/"


def test_switching_off_ends_open_sessions_at_once(somebody: User, client: Client) -> None:
    client.force_login(somebody)
    assert client.get("/account/").status_code == 200

    User.objects.filter(pk=somebody.pk).update(is_active=False)

    assert client.get("/account/").status_code == 302


def test_passkeys_belong_to_the_portals_host(settings: Settings) -> None:
    settings.PORTAL_URL = "https://help.example.com:8443"

    entity = get_mfa_adapter().get_public_key_credential_rp_entity()

    assert entity == {"id": "help.example.com", "name": settings.PORTAL_NAME}
