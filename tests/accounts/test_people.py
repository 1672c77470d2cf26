"""Administrators' acts on sign-ins, and erasing a person."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts import contacts, erasure, invitations, people, requests
from accounts.constants import Role
from accounts.contacts import ContactError
from accounts.models import Account, AuditEvent, Contact, User
from accounts.outbox import Letter
from tests.accounts.conftest import kinds
from tests.cast import SignedIn
from tests.factories.accounts import PASSWORD, UserFactory


def test_creating_makes_an_unverified_sign_in_without_password_and_mails_them(
    administrator: User, letters: list[Letter]
) -> None:
    user = people.create(
        email="New.Engineer@Portal.example",
        display_name="Nia",
        is_staff=True,
        roles=[Role.ENGINEER],
        actor=administrator,
    )

    assert user.email == "new.engineer@portal.example"
    assert not user.has_usable_password()
    assert not EmailAddress.objects.get(user=user).verified
    assert user.groups.get().name == Role.ENGINEER
    assert kinds(letters) == ["accounts.welcome"]


def test_a_taken_address_is_refused(administrator: User, member: User) -> None:
    with pytest.raises(ContactError, match="already"):
        people.create(email=member.email.upper(), display_name="Twin", actor=administrator)


def test_roles_are_exactly_those_given(administrator: User, engineer: User) -> None:
    people.set_roles(user=engineer, is_staff=True, roles=[Role.MANAGER], actor=administrator)
    people.set_roles(user=engineer, is_staff=True, roles=[Role.MANAGER], actor=administrator)

    assert list(engineer.groups.values_list("name", flat=True)) == [Role.MANAGER]
    assert AuditEvent.objects.filter(act="roles_changed").count() == 1


def test_nobody_works_for_support_without_being_staff(administrator: User, member: User) -> None:
    with pytest.raises(ContactError, match="staff"):
        people.set_roles(user=member, is_staff=False, roles=[Role.ENGINEER], actor=administrator)
    people.set_roles(user=member, is_staff=False, roles=[Role.MODERATOR], actor=administrator)

    assert list(member.groups.values_list("name", flat=True)) == [Role.MODERATOR]


def test_only_administrators_act_on_sign_ins(manager: User, csm: User, member: User) -> None:
    for actor in (manager, csm, member):
        for act in (people.deactivate, people.reactivate, people.remove_second_factors, erasure.erase):
            with pytest.raises(PermissionDenied):
                act(user=UserFactory(), actor=actor)


def test_an_administrator_neither_switches_off_nor_erases_themselves(administrator: User) -> None:
    for act in (people.deactivate, erasure.erase):
        with pytest.raises(PermissionDenied):
            act(user=administrator, actor=administrator)


def test_removing_second_factors_tells_the_person(administrator: User, engineer: User, letters: list[Letter]) -> None:
    Authenticator.objects.create(user=engineer, type=Authenticator.Type.TOTP, data={"secret": "x"})

    people.remove_second_factors(user=engineer, actor=administrator)
    people.remove_second_factors(user=engineer, actor=administrator)

    assert not Authenticator.objects.exists()
    assert kinds(letters) == ["accounts.second_factors_removed"]


# --- Erasing ------------------------------------------------------------------------------------------------


def test_an_erased_person_is_a_tombstone(contact: Contact, administrator: User, as_user: SignedIn) -> None:
    user, client = contact.user, as_user(contact.user)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    requests.ask(user=user, company="Secret Company", message="Secret message")
    assert client.get("/account/").status_code == 200

    erasure.erase(user=user, actor=administrator)

    user = User.objects.get(pk=user.pk)
    everything = " ".join(str(value) for value in User.objects.filter(pk=user.pk).values().get().values())
    assert "acme" not in everything
    assert "Dana" not in everything
    assert "dana" not in everything
    assert not user.is_active
    assert user.erased_at is not None
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not Authenticator.objects.exists()
    assert user.contact_requests.get().company == ""
    assert user.active_contacts == []
    assert client.get("/account/").status_code == 302


def test_erasing_forgets_the_address_in_invitations(acme: Account, csm: User, administrator: User) -> None:
    person = UserFactory(email="ann@people.example", verified=False)
    contacts.add_by_email(account=acme, email="ann@people.example", actor=csm)

    erasure.erase(user=person, actor=administrator)

    invitation = acme.invitations.get()
    assert "ann" not in invitation.email
    assert not invitation.is_open


def test_erasing_twice_changes_nothing(member: User, administrator: User) -> None:
    first = erasure.erase(user=member, actor=administrator)
    second = erasure.erase(user=member, actor=administrator)

    assert first.erased_at == second.erased_at
    assert AuditEvent.objects.filter(act="person_erased").count() == 1


def test_the_address_of_an_erased_person_is_free_again(member: User, administrator: User) -> None:
    email = member.email
    erasure.erase(user=member, actor=administrator)

    assert UserFactory(email=email).pk != member.pk


def test_an_erased_person_comes_back_by_no_act(contact: Contact, csm: User, administrator: User) -> None:
    erasure.erase(user=contact.user, actor=administrator)

    with pytest.raises(ContactError):
        people.reactivate(user=User.objects.get(pk=contact.user_id), actor=administrator)
    with pytest.raises(ContactError):
        contacts.restore_access(contact=contact, actor=csm)
    assert invitations.waiting_for(User.objects.get(pk=contact.user_id)) == []


# --- The screen ---------------------------------------------------------------------------------------------------


def screen(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_no_password_is_shown_or_editable(member: User, administrator: User, as_user: SignedIn) -> None:
    client = as_user(administrator)
    body = client.get(screen(member)).content.decode()

    assert member.password not in body
    assert "password" not in {field.name for field in client.get(screen(member)).context["adminform"].form}


def test_creating_on_the_screen(administrator: User, as_user: SignedIn, letters: list[Letter]) -> None:
    data = {"email": "Op@Portal.example", "display_name": "Op", "is_staff": "on", "roles": ["status-operator"]}

    response = as_user(administrator).post(reverse("admin:accounts_user_add"), data)

    user = User.objects.get(email="op@portal.example")
    assert response.status_code == 302
    assert user.groups.get().name == Role.OPERATOR
    assert kinds(letters) == ["accounts.welcome"]


@pytest.mark.parametrize(
    "change",
    [{"email": "member@community.example"}, {"email": "nobody"}, {"display_name": ""}, {"is_staff": ""}],
)
def test_a_bad_new_person_is_a_form_error(
    member: User, administrator: User, as_user: SignedIn, change: dict[str, str]
) -> None:
    data = {"email": "op@portal.example", "display_name": "Op", "is_staff": "on", "roles": ["csm"], **change}

    response = as_user(administrator).post(
        reverse("admin:accounts_user_add"), {key: value for key, value in data.items() if value}
    )

    assert response.status_code == 200
    assert User.objects.count() == 2


def test_editing_roles_on_the_screen(engineer: User, administrator: User, as_user: SignedIn) -> None:
    data = {
        "display_name": "Erik Lind",
        "handle": engineer.handle,
        "language": "",
        "time_zone": "Europe/Oslo",
        "is_staff": "on",
        "roles": ["support-manager"],
        "is_superuser": "on",
        "email": "evil@portal.example",
        "contacts-TOTAL_FORMS": 0,
        "contacts-INITIAL_FORMS": 0,
    }

    assert as_user(administrator).post(screen(engineer), data).status_code == 302
    engineer.refresh_from_db()
    assert engineer.groups.get().name == Role.MANAGER
    assert engineer.time_zone == "Europe/Oslo"
    assert not engineer.is_superuser
    assert engineer.email == "engineer@portal.example"


def test_switching_off_and_on(member: User, administrator: User, as_user: SignedIn) -> None:
    client = as_user(administrator)
    for act, active in (("deactivate", False), ("reactivate", True)):
        client.post(reverse("admin:accounts_user_act", args=[member.pk, act]))
        member.refresh_from_db()
        assert member.is_active is active
    assert client.post(reverse("admin:accounts_user_act", args=[member.pk, "promote"])).status_code == 404
    assert client.get(reverse("admin:accounts_user_act", args=[member.pk, "deactivate"])).status_code == 405


def test_erasing_asks_once_more(member: User, administrator: User, as_user: SignedIn) -> None:
    client, url = as_user(administrator), reverse("admin:accounts_user_changelist")
    data = {"action": "erase", "_selected_action": [member.pk]}

    response = client.post(url, data)
    assert "This cannot be undone." in response.content.decode()
    assert not User.objects.filter(erased_at__isnull=False).exists()

    client.post(url, {**data, "confirmed": "yes"})
    assert User.objects.get(erased_at__isnull=False) == member
    assert client.get(screen(member)).status_code == 200


@pytest.mark.parametrize("role", ["csm", "manager", "engineer"])
def test_other_staff_see_no_people(role: str, member: User, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    client = as_user(request.getfixturevalue(role))

    assert client.get(screen(member)).status_code == 403
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert client.post(reverse("admin:accounts_user_act", args=[member.pk, "deactivate"])).status_code == 403


def test_a_new_colleague_chooses_a_password_and_signs_in(administrator: User, letters: list[Letter]) -> None:
    people.create(email="nia@portal.example", display_name="Nia", actor=administrator)
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": "nia@portal.example"})
    path = letters[-1].context["action_url"].removeprefix(settings.PORTAL_URL)

    form = browser.get(path, follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    response = browser.post("/accounts/login/", {"login": "nia@portal.example", "password": PASSWORD})

    assert response.headers["Location"] == "/"


def test_a_reset_proves_no_address_of_several(member: User) -> None:
    EmailAddress.objects.filter(user=member).update(verified=False)
    EmailAddress.objects.create(user=member, email="second@community.example", verified=False)

    people.confirm_only_address(user=member)

    assert not EmailAddress.objects.filter(verified=True).exists()
