"""A person's own pages and an account admin's team."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import contacts, requests
from accounts.forms import ProfileForm
from accounts.models import Account, Contact, ContactRequest, User
from accounts.outbox import Letter
from tests.accounts.conftest import kinds
from tests.cast import SignedIn
from tests.factories.accounts import AccountFactory, ContactFactory, UserFactory

PROFILE = {"display_name": "Dana R.", "handle": "dana", "language": "", "time_zone": "Europe/Berlin"}


def team(account: Account, rest: str = "") -> str:
    return f"/account/team/{account.pk}/{rest}"


@pytest.mark.parametrize("path", ["/account/", "/account/join/", "/account/team/", "/account/team/1/"])
def test_a_visitor_goes_to_sign_in_and_comes_back(client: Client, db: None, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"


# --- Profile ------------------------------------------------------------------------------------------------


def test_profile_is_saved(member: User, as_user: SignedIn) -> None:
    assert as_user(member).post("/account/", PROFILE).status_code == 302

    member.refresh_from_db()
    assert (member.display_name, member.handle, member.time_zone) == ("Dana R.", "dana", "Europe/Berlin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "nul\x00"),
        ("display_name", "x" * 81),
        ("handle", ""),
        ("handle", "Not a handle"),
        ("handle", "taken"),
        ("handle", "TAKEN"),
        ("time_zone", "Mars/Olympus"),
        ("language", "tlh"),
    ],
)
def test_a_bad_profile_is_a_form_error_that_keeps_the_rest(
    member: User, as_user: SignedIn, field: str, value: str
) -> None:
    UserFactory(handle="taken")
    typed = {**PROFILE, "display_name": "Typed Name", field: value}

    response = as_user(member).post("/account/", typed)

    assert response.status_code == 422
    assert ("Typed Name" in response.content.decode()) == (field != "display_name")
    member.refresh_from_db()
    assert member.display_name == "Mel Carter"


def test_a_handle_taken_at_the_same_moment_is_a_form_error(
    member: User, engineer: User, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form looked before the other person saved."""
    monkeypatch.setattr(ProfileForm, "clean_handle", lambda form: form.cleaned_data["handle"])
    monkeypatch.setattr(ProfileForm, "_post_clean", lambda form: setattr(form.instance, "handle", engineer.handle))
    response = as_user(member).post(
        "/account/",
        {"display_name": "Mel", "handle": engineer.handle, "language": "", "time_zone": "UTC"},
    )
    assert response.status_code == 422
    assert "handle" in response.context["form"].errors


def test_profile_cannot_make_one_staff(member: User, as_user: SignedIn) -> None:
    as_user(member).post("/account/", {**PROFILE, "is_staff": "on", "is_superuser": "on", "email": "x@x.example"})

    member.refresh_from_db()
    assert not member.is_staff
    assert not member.is_superuser
    assert member.email == "member@community.example"


def test_times_are_shown_in_the_persons_zone(member: User, as_user: SignedIn) -> None:
    User.objects.filter(pk=member.pk).update(time_zone="Pacific/Kiritimati")

    assert "+14:00" in as_user(member).get("/account/").content.decode()


# --- Becoming a contact -------------------------------------------------------------------------------------


def test_asking_reaches_the_csm_and_is_shown_as_waiting(
    member: User, csm: User, as_user: SignedIn, letters: list[Letter]
) -> None:
    client = as_user(member)

    client.post("/account/join/", {"company": "Umbrella", "message": "I work there."})

    assert "Waiting" in client.get("/account/join/").content.decode()
    assert [(letter.kind, letter.user) for letter in letters] == [("accounts.request_received", csm)]


def test_asking_twice_makes_one_request(member: User, csm: User, as_user: SignedIn, letters: list[Letter]) -> None:
    client = as_user(member)
    for company in ("Umbrella", "Umbrella", "Other"):
        assert client.post("/account/join/", {"company": company}).status_code == 302

    assert ContactRequest.objects.count() == 1
    assert len(letters) == 1


@pytest.mark.parametrize(("field", "value"), [("company", ""), ("company", "nul\x00"), ("message", "x" * 2001)])
def test_a_bad_request_keeps_what_was_typed(member: User, as_user: SignedIn, field: str, value: str) -> None:
    response = as_user(member).post(
        "/account/join/", {"company": "Typed Company", "message": "Typed message", field: value}
    )

    assert response.status_code == 422
    assert ("Typed message" if field == "company" else "Typed Company") in response.content.decode()
    assert not ContactRequest.objects.exists()


def test_the_answer_is_shown(member: User, acme: Account, csm: User, as_user: SignedIn) -> None:
    client = as_user(member)
    requests.refuse(request=requests.ask(user=member, company="Acme"), actor=csm)
    assert "could not confirm" in client.get("/account/join/").content.decode()

    requests.grant(request=requests.ask(user=member, company="Acme"), account=acme, actor=csm)
    assert "was granted" in client.get("/account/join/").content.decode()


# --- The team -----------------------------------------------------------------------------------------------


def test_account_admin_sees_the_team_and_who_authorizes(
    contact: Contact, colleague: Contact, as_user: SignedIn
) -> None:
    client = as_user(contact.user)

    assert client.get("/account/team/").headers["Location"] == team(contact.account)
    body = client.get(team(contact.account)).content.decode()

    assert "Sam Whitfield" in body
    assert "Carla Mendes" in body
    assert team(contact.account, f"contacts/{colleague.pk}/end/") in body
    assert team(contact.account, f"contacts/{contact.pk}/end/") not in body


TEAM_ACTS = [
    "invite/",
    "contacts/{contact}/end/",
    "invitations/{invitation}/resend/",
    "invitations/{invitation}/withdraw/",
]


@pytest.mark.parametrize("act", ["", *TEAM_ACTS])
@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("stranger", 404), ("member", 404), ("csm", 404)])
def test_others_do_not_reach_the_team(
    contact: Contact, request: pytest.FixtureRequest, as_user: SignedIn, csm: User, who: str, status: int, act: str
) -> None:
    contacts.add_by_email(account=contact.account, email="new@acme.example", actor=csm)
    path = team(contact.account, act.format(contact=contact.pk, invitation=contact.account.invitations.get().pk))
    person = request.getfixturevalue(who)
    client = as_user(person if isinstance(person, User) else person.user)

    response = client.post(path, {"email": "x@acme.example"}) if act else client.get(path)

    assert response.status_code == status
    contact.refresh_from_db()
    assert contact.is_current
    assert contact.account.invitations.open().count() == 1


@pytest.mark.parametrize("act", TEAM_ACTS)
def test_team_acts_are_posts(contact: Contact, as_user: SignedIn, act: str) -> None:
    assert as_user(contact.user).get(team(contact.account, act.format(contact=1, invitation=1))).status_code == 405


def test_a_contact_who_is_no_admin_is_told_kindly(colleague: Contact, as_user: SignedIn) -> None:
    response = as_user(colleague.user).get(team(colleague.account))

    assert response.status_code == 403
    assert "Only an admin of your account manages the team." in response.content.decode()


def test_who_is_no_contact_finds_no_team(member: User, as_user: SignedIn) -> None:
    assert as_user(member).get("/account/team/").status_code == 404


def test_admin_of_several_accounts_chooses(contact: Contact, as_user: SignedIn) -> None:
    other = ContactFactory(user=contact.user, account=AccountFactory(name="Second Ltd"), is_account_admin=True)

    body = as_user(contact.user).get("/account/team/").content.decode()

    assert team(contact.account) in body
    assert team(other.account) in body


def test_inviting_ending_and_withdrawing(
    contact: Contact, colleague: Contact, as_user: SignedIn, letters: list[Letter]
) -> None:
    client, account = as_user(contact.user), contact.account

    client.post(team(account, "invite/"), {"email": "New@Acme.example"})
    invitation = account.invitations.get(email="new@acme.example")
    assert kinds(letters) == ["accounts.invitation"]

    client.post(team(account, f"invitations/{invitation.pk}/withdraw/"))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None

    client.post(team(account, f"contacts/{colleague.pk}/end/"))
    colleague.refresh_from_db()
    assert not colleague.is_current
    assert as_user(colleague.user).get(team(account)).status_code == 404


def test_inviting_tells_nothing_about_who_has_a_sign_in(contact: Contact, member: User, as_user: SignedIn) -> None:
    client = as_user(contact.user)
    answers = []
    for email in (member.email, "nobody@community.example"):
        response = client.post(team(contact.account, "invite/"), {"email": email}, follow=True)
        answers.append([str(message).replace(email, "ADDRESS") for message in response.context["messages"]])

    assert answers[0] == answers[1] == ["ADDRESS is invited."]
    assert member.display_name not in response.content.decode()


@pytest.mark.parametrize("email", ["", "nobody", "nul\x00@acme.example", "a" * 260 + "@acme.example"])
def test_a_bad_address_stays_in_the_field(contact: Contact, as_user: SignedIn, email: str) -> None:
    response = as_user(contact.user).post(team(contact.account, "invite/"), {"email": email})

    assert response.status_code == 422
    assert not contact.account.invitations.exists()


def test_account_admin_does_not_end_themselves(contact: Contact, as_user: SignedIn) -> None:
    path = team(contact.account, f"contacts/{contact.pk}/end/")

    assert as_user(contact.user).post(path).status_code == 403
    contact.refresh_from_db()
    assert contact.is_current


def test_a_contact_or_invitation_of_another_account_is_404(
    contact: Contact, stranger: Contact, csm: User, as_user: SignedIn
) -> None:
    contacts.add_by_email(account=stranger.account, email="x@globex.example", actor=csm)
    invitation = stranger.account.invitations.get()
    client = as_user(contact.user)

    assert client.post(team(contact.account, f"contacts/{stranger.pk}/end/")).status_code == 404
    assert client.post(team(contact.account, f"invitations/{invitation.pk}/withdraw/")).status_code == 404


def test_the_team_page_runs_as_many_queries_for_twenty_as_for_two(db: None, as_user: SignedIn) -> None:
    counts = []
    for size in (2, 20):
        account = AccountFactory()
        admin = ContactFactory(account=account, is_account_admin=True)
        ContactFactory.create_batch(size, account=account)
        client = as_user(admin.user)
        with CaptureQueriesContext(connection) as queries:
            client.get(team(account))
        counts.append(len(queries))

    assert counts[0] == counts[1]
