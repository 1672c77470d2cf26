"""One of everything that has an address, all of it Acme's, and a person of every role."""

from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from accounts import invitations
from accounts.models import Account, Contact, Invitation, User
from cases.models import Alert, Case
from files import staging
from files.models import Upload
from notifications import kinds, unsubscribing
from notifications.models import Delivery
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case


@dataclass(frozen=True)
class World:
    """What the table's addresses are made of."""

    people: dict[str, User]
    acme: Account
    case: Case
    attached: Upload
    staged: Upload
    alert: Alert
    delivery: Delivery
    leaver: Contact
    invitation: Invitation
    unsubscribe_url: str

    @property
    def invitation_token(self) -> str:
        """Return what the invitation's link holds."""
        return invitations.signed_token(self.invitation)

    def person(self, role: str) -> User | None:
        """Return the person of a role; nobody for the anonymous visitor."""
        return self.people.get(role)


@pytest.fixture
def world(
    acme: Account,
    contact: Contact,
    colleague: Contact,
    stranger: Contact,
    partner_contact: Contact,
    member: User,
    engineer: User,
    manager: User,
    csm: User,
    moderator: User,
    operator: User,
    administrator: User,
) -> World:
    attached, staged = (
        staging.stage(owner=contact.user, file=ContentFile(b"2026-11-03 ERROR 429\n"), name=name)
        for name in ("sync.log", "later.log")
    )
    case = file_case(contact, subject="Production Down", uploads=[attached.token])
    people = {
        "member": member,
        "contact": contact.user,
        "colleague": colleague.user,
        "stranger": stranger.user,
        "partner": partner_contact.user,
        "engineer": engineer,
        "manager": manager,
        "csm": csm,
        "moderator": moderator,
        "operator": operator,
        "administrator": administrator,
    }
    delivery = Delivery.objects.filter(user=contact.user, channel="mail").first()
    assert delivery is not None
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT, html="<p>Filed.</p>")
    return World(
        people=people,
        acme=acme,
        case=case,
        attached=attached,
        staged=staged,
        alert=case.alerts.get(),
        delivery=delivery,
        leaver=ContactFactory(account=acme),
        invitation=_invite(acme, contact.user),
        unsubscribe_url=unsubscribing.url(delivery, kinds.get("cases.created")).removeprefix(settings.PORTAL_URL),
    )


def _invite(account: Account, actor: User) -> Invitation:
    invitations.invite(account=account, email="newcomer@acme.example", actor=actor)
    return account.invitations.get()
