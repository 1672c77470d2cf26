"""Who may do what: every policy, for everybody in the cast."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import policies
from accounts.models import Account, Contact, User
from lib.decisions import Decision

EVERYBODY = [
    "anonymous",
    "member",
    "contact",
    "colleague",
    "stranger",
    "partner_contact",
    "csm",
    "other_csm",
    "engineer",
    "manager",
    "moderator",
    "operator",
    "administrator",
]

# The policy of Acme's things, and who is allowed; nobody else is.
ALLOWED: dict[str, set[str]] = {
    "manage_contacts": {"csm", "administrator"},
    "manage_team": {"contact"},
    "manage_invitation": {"contact", "csm", "administrator"},
    "end_access": {"contact", "csm", "administrator"},
    "end_colleague": {"contact"},
    "decide_contact_request": {"csm", "other_csm", "administrator"},
    "manage_people": {"administrator"},
    "deactivate": {"administrator"},
    "erase": {"administrator"},
}


@pytest.fixture
def person(db: None, request: pytest.FixtureRequest, who: str) -> User | AnonymousUser:
    if who == "anonymous":
        return AnonymousUser()
    found = request.getfixturevalue(who)
    user: User = found.user if isinstance(found, Contact) else found
    return User.objects.get(pk=user.pk)


def ask(policy: str, person: User | AnonymousUser, account: Account, colleague: Contact) -> Decision:
    things: dict[str, tuple[object, ...]] = {
        "manage_contacts": (account,),
        "manage_team": (account,),
        "manage_invitation": (account,),
        "end_access": (colleague,),
        "end_colleague": (colleague,),
        "decide_contact_request": (),
        "manage_people": (),
        "deactivate": (colleague.user,),
        "erase": (colleague.user,),
    }
    decision: Decision = getattr(policies, policy)(person, *things[policy])
    return decision


@pytest.mark.parametrize("policy", ALLOWED)
@pytest.mark.parametrize("who", EVERYBODY)
def test_policy(
    policy: str, who: str, person: User | AnonymousUser, acme: Account, contact: Contact, colleague: Contact
) -> None:
    decision = ask(policy, person, acme, colleague)

    assert bool(decision) is (who in ALLOWED[policy])
    assert bool(decision) or str(decision.reason)


def test_an_ended_account_admin_may_nothing(contact: Contact, colleague: Contact) -> None:
    from accounts import contacts

    contacts.end_access(contact=contact, actor=contact.account.csm)  # type: ignore[arg-type]
    person = User.objects.get(pk=contact.user_id)

    assert not policies.manage_team(person, contact.account)
    assert not policies.end_colleague(person, colleague)
    assert not policies.is_customer(person)


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("anonymous", set()),
        ("member", set()),
        ("contact", {"Acme"}),
        ("stranger", {"Globex"}),
        ("partner_contact", {"Initech"}),
        ("csm", {"Acme", "Globex"}),
        ("other_csm", set()),
        ("engineer", {"Acme", "Globex", "Initech"}),
        ("manager", {"Acme", "Globex", "Initech"}),
        ("moderator", set()),
        ("operator", set()),
        ("administrator", {"Acme", "Globex", "Initech"}),
    ],
)
def test_accounts_visible_to(
    who: str,
    names: set[str],
    person: User | AnonymousUser,
    acme: Account,
    globex: Account,
    initech: Account,
    contact: Contact,
    stranger: Contact,
    partner_contact: Contact,
) -> None:
    assert set(Account.objects.visible_to(person).values_list("name", flat=True)) == names


def test_a_sales_representative_looks_after_the_account_too(acme: Account, other_csm: User) -> None:
    acme.sales_representative = other_csm
    acme.save()

    assert policies.manage_contacts(other_csm, acme)
    assert list(Account.objects.managed_by(other_csm)) == [acme]


def test_a_csm_who_lost_the_role_manages_nothing(acme: Account, csm: User) -> None:
    csm.groups.clear()
    person = User.objects.get(pk=csm.pk)

    assert not policies.manage_contacts(person, acme)
    assert not Account.objects.managed_by(person).exists()
