"""Acts on contacts: the rules, the trail they leave, the letters they send."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.utils import IntegrityError

from accounts import contacts
from accounts.contacts import ContactError, LimitReached
from accounts.models import Account, AuditEvent, Contact, User
from accounts.outbox import Letter
from tests.accounts.conftest import kinds
from tests.factories.accounts import AccountFactory, ContactFactory, SupportPlanFactory, UserFactory


def acts(account: Account) -> list[str]:
    return list(account.audit_events.order_by("id").values_list("act", flat=True))


def test_who_has_verified_the_address_is_linked_at_once(acme: Account, csm: User, letters: list[Letter]) -> None:
    person = UserFactory(email="ann@acme.example")

    answer = contacts.add_by_email(account=acme, email=" Ann@ACME.example ", actor=csm, as_authorized=True)

    assert answer == "ann@acme.example"
    contact = acme.contacts.get(user=person)
    assert contact.is_current
    assert contact.is_authorized
    assert not acme.invitations.exists()
    assert acts(acme) == ["contact_linked", "authorized"]
    assert kinds(letters) == ["accounts.access_granted"]


def test_anybody_else_is_invited_with_the_same_answer(acme: Account, csm: User, letters: list[Letter]) -> None:
    answer = contacts.add_by_email(account=acme, email="NEW@acme.example", actor=csm, as_account_admin=True)

    assert answer == "new@acme.example"
    invitation = acme.invitations.get()
    assert invitation.as_account_admin
    assert not acme.contacts.exists()
    assert kinds(letters) == ["accounts.invitation"]
    assert letters[0].address == "new@acme.example"


def test_an_unverified_address_is_invited_and_not_linked(acme: Account, csm: User) -> None:
    UserFactory(email="ann@acme.example", verified=False)

    contacts.add_by_email(account=acme, email="ann@acme.example", actor=csm)

    assert not acme.contacts.exists()
    assert acme.invitations.count() == 1


def test_adding_an_ended_contact_restores_access(acme: Account, csm: User, colleague: Contact) -> None:
    contacts.end_access(contact=colleague, actor=csm)

    contacts.add_by_email(account=acme, email=colleague.user.email, actor=csm)

    colleague.refresh_from_db()
    assert colleague.is_current
    assert acts(acme) == ["access_ended", "access_restored"]


def test_adding_the_same_again_writes_and_sends_nothing(
    acme: Account, csm: User, colleague: Contact, letters: list[Letter]
) -> None:
    contacts.add_by_email(account=acme, email="new@acme.example", actor=csm)
    before, sent = acts(acme), list(letters)

    contacts.add_by_email(account=acme, email="new@acme.example", actor=csm)
    contacts.add_by_email(account=acme, email=colleague.user.email, actor=csm)

    assert acts(acme) == before
    assert letters == sent


@pytest.mark.parametrize("email", ["", "no-at-sign", "two@@x.example", "nul\x00@x.example", "a" * 300 + "@x.example"])
def test_a_bad_address_is_refused(acme: Account, csm: User, email: str) -> None:
    with pytest.raises(ContactError):
        contacts.add_by_email(account=acme, email=email, actor=csm)


@pytest.mark.parametrize(
    ("act", "again", "field", "event"),
    [
        (contacts.authorize, contacts.withdraw_authorization, "is_authorized", "authorized"),
        (contacts.make_account_admin, contacts.withdraw_account_admin, "is_account_admin", "admin_granted"),
    ],
)
def test_a_power_is_given_once_and_taken_back(
    csm: User, colleague: Contact, act: Callable[..., Contact], again: Callable[..., Contact], field: str, event: str
) -> None:
    act(contact=colleague, actor=csm)
    act(contact=colleague, actor=csm)
    colleague.refresh_from_db()
    assert getattr(colleague, field)
    assert acts(colleague.account) == [event]

    again(contact=colleague, actor=csm)
    again(contact=colleague, actor=csm)
    colleague.refresh_from_db()
    assert not getattr(colleague, field)
    assert len(acts(colleague.account)) == 2


def test_the_authorized_contact_is_told(csm: User, colleague: Contact, letters: list[Letter]) -> None:
    contacts.authorize(contact=colleague, actor=csm)

    assert [(letter.kind, letter.user) for letter in letters] == [("accounts.authorized", colleague.user)]


def test_the_plan_limits_authorized_contacts_in_clear_words(globex: Account, csm: User) -> None:
    ContactFactory(account=globex, is_authorized=True)
    ContactFactory(account=globex, is_authorized=True)
    third = ContactFactory(account=globex)

    with pytest.raises(LimitReached) as refused:
        contacts.authorize(contact=third, actor=csm)

    assert refused.value.messages[0].startswith("Standard allows 2 authorized contacts.")
    third.refresh_from_db()
    assert not third.is_authorized


def test_an_open_invitation_holds_its_place(globex: Account, csm: User) -> None:
    ContactFactory(account=globex, is_authorized=True)
    contacts.add_by_email(account=globex, email="new@globex.example", actor=csm, as_authorized=True)

    with pytest.raises(LimitReached, match="invitation"):
        contacts.authorize(contact=ContactFactory(account=globex), actor=csm)
    with pytest.raises(LimitReached):
        contacts.add_by_email(account=globex, email="more@globex.example", actor=csm, as_authorized=True)
    contacts.add_by_email(account=globex, email="more@globex.example", actor=csm)


def test_a_plan_without_limit_has_none(csm: User) -> None:
    plan = SupportPlanFactory(code="unlimited", authorized_contact_limit=None)
    account = AccountFactory(plan=plan, csm=csm)
    for _number in range(12):
        contacts.authorize(contact=ContactFactory(account=account), actor=csm)

    assert account.contacts.filter(is_authorized=True).count() == 12


def test_ending_access_takes_every_power_and_withdraws_invitations(acme: Account, csm: User, contact: Contact) -> None:
    contacts.add_by_email(account=acme, email="other@acme.example", actor=csm)
    second = UserFactory(email="away@acme.example", verified=False)
    ContactFactory(account=acme, user=second)
    contacts.add_by_email(account=acme, email="away@acme.example", actor=csm)

    contacts.end_access(contact=acme.contacts.get(user=second), actor=csm)
    contacts.end_access(contact=contact, actor=csm)

    contact.refresh_from_db()
    assert not contact.is_current
    assert not contact.is_authorized
    assert not contact.is_account_admin
    assert list(acme.invitations.unanswered().values_list("email", flat=True)) == ["other@acme.example"]


def test_ended_access_is_gone_for_the_same_object_too(csm: User, colleague: Contact) -> None:
    user = colleague.user
    assert user.active_contacts

    contacts.end_access(contact=colleague, actor=csm)

    assert User.objects.get(pk=user.pk).active_contacts == []


def test_restoring_brings_no_power_back(csm: User, contact: Contact) -> None:
    contacts.end_access(contact=contact, actor=csm)

    contacts.restore_access(contact=contact, actor=csm)

    contact.refresh_from_db()
    assert contact.is_current
    assert not contact.is_authorized


def test_an_ended_contact_is_not_authorized(csm: User, colleague: Contact) -> None:
    contacts.end_access(contact=colleague, actor=csm)

    with pytest.raises(ContactError, match="Restore"):
        contacts.authorize(contact=colleague, actor=csm)


def test_an_account_admin_ends_a_colleague_and_not_themselves(contact: Contact, colleague: Contact) -> None:
    contacts.end_access(contact=colleague, actor=contact.user)
    colleague.refresh_from_db()
    assert not colleague.is_current

    with pytest.raises(PermissionDenied):
        contacts.end_access(contact=contact, actor=contact.user)


@pytest.mark.parametrize("act", [contacts.authorize, contacts.make_account_admin, contacts.restore_access])
def test_who_does_not_look_after_the_account_changes_nothing(
    act: Callable[..., Contact], colleague: Contact, contact: Contact, other_csm: User, engineer: User, manager: User
) -> None:
    for person in (other_csm, engineer, manager, contact.user, colleague.user):
        with pytest.raises(PermissionDenied):
            act(contact=colleague, actor=person)
    colleague.refresh_from_db()
    assert not colleague.is_authorized
    assert not colleague.is_account_admin


def test_the_audit_trail_refuses_to_be_rewritten(csm: User, colleague: Contact) -> None:
    contacts.authorize(contact=colleague, actor=csm)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(act="invited")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_pass_the_limit_together() -> None:
    account = AccountFactory()
    administrator = UserFactory(is_superuser=True)
    ContactFactory(account=account, is_authorized=True)
    rivals = [ContactFactory(account=account) for _number in range(4)]
    start = Barrier(len(rivals))

    def authorize(contact: Contact) -> bool:
        try:
            start.wait(timeout=10)
            contacts.authorize(contact=contact, actor=administrator)
        except LimitReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(rivals)) as pool:
        won = list(pool.map(authorize, rivals))

    assert sorted(won) == [False, False, False, True]
    assert account.contacts.filter(is_authorized=True).count() == 2
