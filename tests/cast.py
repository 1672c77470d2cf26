"""The cast: the few people and accounts that tests speak of, the same as in the demo."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.constants import Channel, Role
from accounts.models import Account, Contact, User
from tests.factories.accounts import (
    AccountFactory,
    ContactFactory,
    SupportPartnerFactory,
    SupportPlanFactory,
    UserFactory,
)

SignedIn = Callable[[User], Client]


def staff(role: Role, email: str, name: str) -> User:
    """Make a member of staff with one role. Other apps' tests may make more of them."""
    user: User = UserFactory(email=email, display_name=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def csm(db: None) -> User:
    return staff(Role.CSM, "csm@portal.example", "Carla Mendes")


@pytest.fixture
def other_csm(db: None) -> User:
    return staff(Role.CSM, "csm.two@portal.example", "Tom Okafor")


@pytest.fixture
def engineer(db: None) -> User:
    return staff(Role.ENGINEER, "engineer@portal.example", "Erik Lind")


@pytest.fixture
def other_engineer(db: None) -> User:
    return staff(Role.ENGINEER, "engineer.two@portal.example", "Mina Park")


@pytest.fixture
def manager(db: None) -> User:
    return staff(Role.MANAGER, "manager@portal.example", "Maria Rossi")


@pytest.fixture
def moderator(db: None) -> User:
    return staff(Role.MODERATOR, "moderator@portal.example", "Moses Adeyemi")


@pytest.fixture
def operator(db: None) -> User:
    return staff(Role.OPERATOR, "operator@portal.example", "Olga Petrova")


@pytest.fixture
def administrator(db: None) -> User:
    user: User = UserFactory(email="admin@portal.example", display_name="Ada Novak", is_staff=True, is_superuser=True)
    return user


@pytest.fixture
def member(db: None) -> User:
    user: User = UserFactory(email="member@community.example", display_name="Mel Carter")
    return user


@pytest.fixture
def acme(csm: User) -> Account:
    plan = SupportPlanFactory(
        code="enterprise",
        name="Enterprise",
        coverage="always",
        has_hotline=True,
        hotline_number="+1 800 555 0142",
        s1_minutes=30,
        s2_minutes=120,
        s3_minutes=480,
        s4_minutes=1440,
        authorized_contact_limit=10,
    )
    account: Account = AccountFactory(name="Acme", plan=plan, csm=csm)
    return account


@pytest.fixture
def globex(csm: User) -> Account:
    account: Account = AccountFactory(name="Globex", csm=csm)
    return account


@pytest.fixture
def initech() -> Account:
    account: Account = AccountFactory(name="Initech", channel=Channel.PARTNER, partner=SupportPartnerFactory())
    return account


@pytest.fixture
def contact(acme: Account) -> Contact:
    """Acme's authorized contact and account admin."""
    user = UserFactory(email="contact@acme.example", display_name="Dana Reyes")
    membership: Contact = ContactFactory(account=acme, user=user, is_authorized=True, is_account_admin=True)
    return membership


@pytest.fixture
def colleague(acme: Account) -> Contact:
    """A contact of Acme who is not authorized."""
    user = UserFactory(email="colleague@acme.example", display_name="Sam Whitfield")
    membership: Contact = ContactFactory(account=acme, user=user)
    return membership


@pytest.fixture
def stranger(globex: Account) -> Contact:
    """An authorized contact of Globex: to Acme's things, a stranger."""
    user = UserFactory(email="contact@globex.example", display_name="Priya Nair")
    membership: Contact = ContactFactory(account=globex, user=user, is_authorized=True)
    return membership


@pytest.fixture
def partner_contact(initech: Account) -> Contact:
    """A contact of Initech, which BMC supports."""
    user = UserFactory(email="contact@initech.example", display_name="Peter Gibbons")
    membership: Contact = ContactFactory(account=initech, user=user)
    return membership


@pytest.fixture
def as_user() -> SignedIn:
    """Return a signed-in test client for a person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
