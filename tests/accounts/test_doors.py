"""The administration's door and the second factor of staff."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from accounts import checks
from accounts.models import Contact, User
from tests.cast import SignedIn


def test_a_visitor_goes_through_the_portals_sign_in(client: Client, db: None) -> None:
    response = client.get("/admin/accounts/account/", follow=True)

    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert "admin" in response.redirect_chain[-1][0]


def test_django_admins_own_sign_in_form_is_never_shown(client: Client, db: None) -> None:
    assert (
        client.post("/admin/login/", {"username": "a", "password": "b"})
        .headers["Location"]
        .startswith("/accounts/login/")
    )


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/accounts/account/", "/admin/nothing/"])
def test_who_is_not_staff_gets_403(contact: Contact, as_user: SignedIn, path: str) -> None:
    assert as_user(contact.user).get(path).status_code == 403


@pytest.mark.parametrize("role", ["csm", "engineer", "manager", "operator", "administrator"])
def test_staff_enter(role: str, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    assert as_user(request.getfixturevalue(role)).get("/admin/").status_code == 200


def test_signing_out_of_the_administration_signs_out_of_the_portal(csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)

    client.post("/admin/logout/", follow=True)

    assert client.get("/account/").status_code == 302


def test_the_password_is_changed_in_one_place(csm: User, as_user: SignedIn) -> None:
    assert as_user(csm).get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/accounts/account/?channel__exact=%00", 400),
        ("/admin/accounts/contactrequest/?state=%00", 400),
        ("/admin/cases/case/?status=%00", 400),
        ("/admin/notifications/delivery/?kind=%00", 400),
        ("/admin/accounts/account/?q=%00", 200),
        ("/admin/accounts/account/abc/history/", 404),
        ("/admin/accounts/account/99999999999999999999/history/", 404),
    ],
)
def test_a_damaged_address_is_refused(administrator: User, as_user: SignedIn, path: str, status: int) -> None:
    assert as_user(administrator).get(path).status_code == status


@pytest.mark.parametrize("chosen", ["abc", "", "1\0", "9" * 5000])
def test_a_chosen_row_that_is_no_number_is_refused(administrator: User, as_user: SignedIn, chosen: str) -> None:
    data = {"action": "switch_off", "_selected_action": chosen, "index": "0"}

    assert as_user(administrator).post("/admin/accounts/user/", data).status_code == 400


# --- Caches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/support/", "/account/", "/account/join/", "/accounts/email/", "/nowhere/"])
def test_no_cache_keeps_a_page_of_somebody_signed_in(contact: Contact, as_user: SignedIn, path: str) -> None:
    caching = as_user(contact.user).get(path).headers["Cache-Control"]

    assert "no-store" in caching
    assert "private" in caching


# --- The second factor ------------------------------------------------------------------------------------------


@pytest.fixture
def demanded(settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True


@pytest.mark.usefixtures("demanded")
def test_staff_without_a_second_factor_are_sent_to_set_one_up(csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)

    for path in ("/", "/admin/", "/account/", "/desk/"):
        assert client.get(path).headers["Location"] == "/accounts/2fa/"
    assert client.post("/admin/accounts/account/1/contacts/add/").headers["Location"] == "/accounts/2fa/"
    assert client.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/accounts/2fa/"


@pytest.mark.usefixtures("demanded")
def test_they_reach_what_they_need_for_it(csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)

    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("demanded")
def test_staff_with_a_second_factor_and_customers_go_on(csm: User, contact: Contact, as_user: SignedIn) -> None:
    Authenticator.objects.create(user=csm, type=Authenticator.Type.TOTP, data={"secret": "x"})

    assert as_user(csm).get("/admin/").status_code == 200
    assert as_user(contact.user).get("/account/").status_code == 200


def test_where_it_is_not_demanded_staff_go_on(csm: User, as_user: SignedIn) -> None:
    assert as_user(csm).get("/admin/").status_code == 200


# --- Checks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("http://localhost:8000", []),
        ("https://10.0.0.1", ["accounts.W001", "accounts.W002"]),
        ("https://elsewhere.example", ["accounts.W002"]),
        ("support.example.com", ["accounts.E001"]),
        ("", ["accounts.E001"]),
    ],
)
def test_a_bad_portal_url_is_told(settings: Settings, url: str, ids: list[str]) -> None:
    settings.PORTAL_URL = url
    settings.ALLOWED_HOSTS = ["localhost"]

    assert [problem.id for problem in checks.check_portal_url()] == ids


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({"PORTAL_URL": "https://a.example", "STAFF_MFA_REQUIRED": True}, []),
        ({"PORTAL_URL": "http://a.example", "STAFF_MFA_REQUIRED": False}, ["accounts.W003", "accounts.W004"]),
    ],
)
def test_production_is_told_what_is_missing(settings: Settings, values: dict[str, Any], ids: list[str]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)

    assert [problem.id for problem in checks.check_production_sign_in()] == ids
