"""The accounts screen: who sees what, and that every change goes through the rules."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Contact, User
from tests.cast import SignedIn
from tests.factories.accounts import AccountFactory, ContactFactory, UserFactory


def page(account: Account) -> str:
    return reverse("admin:accounts_account_change", args=[account.pk])


def act(contact: Contact, name: str) -> str:
    return reverse("admin:accounts_account_contact_act", args=[contact.account_id, contact.pk, name])


def test_csm_sees_their_account_with_its_contacts(
    acme: Account, contact: Contact, colleague: Contact, csm: User, as_user: SignedIn
) -> None:
    body = as_user(csm).get(page(acme)).content.decode()

    assert "Dana Reyes" in body
    assert act(colleague, "authorize") in body
    assert act(contact, "withdraw") in body
    assert 'name="name"' not in body  # the account itself is read-only


def test_csm_lists_their_accounts_only(acme: Account, initech: Account, csm: User, as_user: SignedIn) -> None:
    body = as_user(csm).get(reverse("admin:accounts_account_changelist")).content.decode()

    assert "Acme" in body
    assert "Initech" not in body


def test_another_csm_gets_404(acme: Account, colleague: Contact, other_csm: User, as_user: SignedIn) -> None:
    client = as_user(other_csm)

    assert client.get(page(acme)).status_code == 404
    assert client.post(act(colleague, "authorize")).status_code == 404
    assert client.post(reverse("admin:accounts_account_contact_add", args=[acme.pk])).status_code == 404
    assert client.post(reverse("admin:accounts_account_contact_import", args=[acme.pk])).status_code == 404
    colleague.refresh_from_db()
    assert not colleague.is_authorized


def test_manager_looks_and_does_not_act(acme: Account, colleague: Contact, manager: User, as_user: SignedIn) -> None:
    client = as_user(manager)

    response = client.get(page(acme))
    assert response.status_code == 200
    assert act(colleague, "authorize") not in response.content.decode()
    assert client.post(act(colleague, "authorize")).status_code == 403


@pytest.mark.parametrize("role", ["engineer", "moderator", "operator"])
def test_other_staff_get_403(role: str, acme: Account, request: pytest.FixtureRequest, as_user: SignedIn) -> None:
    assert as_user(request.getfixturevalue(role)).get(page(acme)).status_code == 403


def test_a_contact_gets_403_and_a_visitor_the_sign_in_page(
    acme: Account, contact: Contact, as_user: SignedIn, client: Client
) -> None:
    assert as_user(contact.user).get(page(acme)).status_code == 403
    response = client.get(page(acme), follow=True)
    assert response.redirect_chain[-1][0] == f"/accounts/login/?next={page(acme)}".replace("/", "%2F").replace(
        "%2Faccounts%2Flogin%2F", "/accounts/login/"
    )


def test_the_buttons_act(colleague: Contact, csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)
    steps = [
        ("authorize", "is_authorized", True),
        ("withdraw", "is_authorized", False),
        ("make-admin", "is_account_admin", True),
        ("withdraw-admin", "is_account_admin", False),
        ("end", "is_current", False),
        ("restore", "is_current", True),
    ]
    for name, field, value in steps:
        response = client.post(act(colleague, name), follow=True)
        assert response.redirect_chain[-1][0] == page(colleague.account) + "#contacts"
        colleague.refresh_from_db()
        assert getattr(colleague, field) is value, name


def test_an_unknown_act_is_404_and_a_get_405(colleague: Contact, csm: User, as_user: SignedIn) -> None:
    assert as_user(csm).post(act(colleague, "promote")).status_code == 404
    assert as_user(csm).get(act(colleague, "authorize")).status_code == 405


def test_a_contact_of_another_account_is_404(stranger: Contact, acme: Account, csm: User, as_user: SignedIn) -> None:
    url = reverse("admin:accounts_account_contact_act", args=[acme.pk, stranger.pk, "end"])

    assert as_user(csm).post(url).status_code == 404


def test_the_limit_is_told_on_the_page(globex: Account, csm: User, as_user: SignedIn) -> None:
    for _number in range(2):
        ContactFactory(account=globex, is_authorized=True)
    third = ContactFactory(account=globex)

    response = as_user(csm).post(act(third, "authorize"), follow=True)

    assert "Standard allows 2 authorized contacts" in response.content.decode()


@pytest.mark.parametrize("verified", [True, False])
def test_adding_by_email_answers_the_same_for_linked_and_invited(
    acme: Account, csm: User, as_user: SignedIn, verified: bool
) -> None:
    UserFactory(email="ann@acme.example", verified=verified)

    response = as_user(csm).post(
        reverse("admin:accounts_account_contact_add", args=[acme.pk]), {"email": "ann@acme.example"}, follow=True
    )

    message = next(iter(response.context["messages"]))
    assert str(message) == (
        "ann@acme.example was added. Who has no sign-in with this address yet gets an invitation by mail."
    )


def test_a_refused_address_keeps_what_was_typed(globex: Account, csm: User, as_user: SignedIn) -> None:
    for _number in range(2):
        ContactFactory(account=globex, is_authorized=True)

    response = as_user(csm).post(
        reverse("admin:accounts_account_contact_add", args=[globex.pk]),
        {"email": "new@globex.example", "as_authorized": "on"},
    )

    body = response.content.decode()
    assert "Standard allows 2 authorized contacts" in body
    assert 'value="new@globex.example"' in body
    assert "checked" in body


def test_the_import_reports_every_refused_line(acme: Account, csm: User, as_user: SignedIn) -> None:
    file = SimpleUploadedFile("c.csv", b"email,authorized\nann@acme.example,yes\n<b>nobody</b>,no\n")

    response = as_user(csm).post(reverse("admin:accounts_account_contact_import", args=[acme.pk]), {"file": file})

    body = response.content.decode()
    assert "1 line imported." in body
    assert "&lt;b&gt;nobody&lt;/b&gt;" in body
    assert acme.invitations.count() == 1


@pytest.mark.parametrize("data", [b"", b"name\nAnn\n", b"\x00\xff\xfe"])
def test_an_unreadable_import_is_a_form_error(acme: Account, csm: User, as_user: SignedIn, data: bytes) -> None:
    file = SimpleUploadedFile("c.csv", data)

    response = as_user(csm).post(reverse("admin:accounts_account_contact_import", args=[acme.pk]), {"file": file})

    assert response.status_code == 200
    assert "The file was not imported." in response.content.decode()


def test_invitations_are_sent_again_and_withdrawn(acme: Account, csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)
    client.post(reverse("admin:accounts_account_contact_add", args=[acme.pk]), {"email": "new@acme.example"})
    invitation = acme.invitations.get()

    def url(name: str) -> str:
        return reverse("admin:accounts_account_invitation_act", args=[acme.pk, invitation.pk, name])

    assert "Wait five minutes" in client.post(url("resend"), follow=True).content.decode()
    client.post(url("withdraw"))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_history_is_shown_newest_first(colleague: Contact, csm: User, as_user: SignedIn) -> None:
    client = as_user(csm)
    client.post(act(colleague, "authorize"))
    client.post(act(colleague, "withdraw"))

    body = client.get(page(colleague.account)).content.decode()

    assert body.index("withdrew the authorization of Sam Whitfield") < body.index("authorized Sam Whitfield")


def test_changing_the_account_is_in_its_history(acme: Account, administrator: User, as_user: SignedIn) -> None:
    data = {
        "name": "Acme Corp",
        "plan": acme.plan_id,
        "channel": "direct",
        "csm": acme.csm_id or "",
        "case_visibility": "own",
        "contacts-TOTAL_FORMS": 0,
        "contacts-INITIAL_FORMS": 0,
    }

    response = as_user(administrator).post(page(acme), data)

    assert response.status_code == 302
    event = acme.audit_events.get()
    assert event.data == {"fields": ["case_visibility", "name"]}


def test_saving_the_account_never_touches_a_contact(contact: Contact, administrator: User, as_user: SignedIn) -> None:
    account = contact.account
    data = {
        "name": account.name,
        "plan": account.plan_id,
        "channel": "direct",
        "case_visibility": "team",
        "contacts-TOTAL_FORMS": 1,
        "contacts-INITIAL_FORMS": 1,
        "contacts-0-id": contact.pk,
        "contacts-0-is_authorized": "",
        "contacts-0-DELETE": "on",
    }

    assert as_user(administrator).post(page(account), data).status_code == 302
    contact.refresh_from_db()
    assert contact.is_authorized


def test_a_partner_account_needs_its_partner(acme: Account, administrator: User, as_user: SignedIn) -> None:
    data = {
        "name": acme.name,
        "plan": acme.plan_id,
        "channel": "partner",
        "case_visibility": "team",
        "contacts-TOTAL_FORMS": 0,
        "contacts-INITIAL_FORMS": 0,
    }

    response = as_user(administrator).post(page(acme), data)

    assert response.status_code == 200
    assert "Choose a partner when" in response.content.decode()


def test_the_page_runs_as_many_queries_for_twenty_contacts_as_for_two(csm: User, as_user: SignedIn) -> None:
    client, counts = as_user(csm), []
    for size in (2, 20):
        account = AccountFactory(csm=csm)
        ContactFactory.create_batch(size, account=account)
        with CaptureQueriesContext(connection) as queries:
            client.get(page(account))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_changelist_actions_go_through_the_rules(globex: Account, csm: User, as_user: SignedIn) -> None:
    three = [ContactFactory(account=globex) for _number in range(3)]

    response = as_user(csm).post(
        reverse("admin:accounts_contact_changelist"),
        {"action": "authorize", "_selected_action": [contact.pk for contact in three]},
        follow=True,
    )

    body = response.content.decode()
    assert "2 contacts done." in body
    assert "Standard allows 2 authorized contacts" in body
    assert globex.contacts.filter(is_authorized=True).count() == 2


def test_changelist_actions_do_not_reach_others_accounts(acme: Account, other_csm: User, as_user: SignedIn) -> None:
    contact = ContactFactory(account=acme)

    as_user(other_csm).post(
        reverse("admin:accounts_contact_changelist"), {"action": "authorize", "_selected_action": [contact.pk]}
    )

    contact.refresh_from_db()
    assert not contact.is_authorized
