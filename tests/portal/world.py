"""One of everything that has an address: cases of Acme's, topics of the member's; and a person of every role."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import invitations
from accounts.models import Account, Contact, Invitation, User
from bridges import linking
from cases.models import Alert, Case
from files import staging
from files.models import Upload
from forums.constants import PostKind, ReviewReason
from forums.models import Category, Community, Post, PostImage, Review, Topic
from notifications import kinds, unsubscribing
from notifications.models import Delivery
from status import incidents, maintenance
from status.changes import By
from status.constants import ComponentStatus
from status.incidents import NewIncident
from status.maintenance import NewMaintenance, Plan
from status.models import Component, Incident, Subscriber
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case
from tests.factories.forums import ask, category, comment, reply
from tests.factories.status import ComponentFactory, SubscriberFactory

# The smallest PNG: one transparent pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


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
    topic: Topic
    opening: Post
    answer: Post
    other_topic: Topic
    labs_topic: Topic
    loader_topic: Topic
    review: Review
    image: Upload
    component: Component
    outage: Incident
    draft: Incident
    plan: Incident
    subscriber: Subscriber
    newcomer: Subscriber

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
    joined = _status(operator)
    linking.link(case_id=case.pk, public_id=joined["outage"].public_id, actor=engineer)
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
        **_community(member, contact.user, stranger.user),
        **joined,
    )


def _community(member: User, contact: User, other: User) -> dict[str, Any]:
    """Make the member's question, which the contact has answered; a topic in each other kind of community."""
    topic = ask(member, tags=["netsuite"])
    answer = reply(topic, contact, "Raise the limit: it is two, and needs ten.")
    labs = Community.objects.create(slug="labs", name="Labs", position=30)
    Category.objects.create(community=labs, slug="all", name="Everything")
    topics = {
        name: ask(member, title, tags=["csv"], shelf=category(shelf, Community.objects.get(slug=slug)))
        for name, title, slug, shelf in (
            ("labs_topic", "What is on your bench this week?", "labs", "all"),
            ("loader_topic", "How do I load a CSV with semicolons?", "data-loader", "loading"),
        )
    }
    flagged = comment(answer, other, "Cheap watches here.")
    review = Review.objects.create(post=flagged, community=topic.community, reason=ReviewReason.FLAGGED)
    upload = staging.stage(owner=member, file=ContentFile(PIXEL), name="shot.png")
    PostImage.objects.create(upload=upload, post=topic.posts.get(kind=PostKind.OPENING))
    return {
        "topic": topic,
        "opening": topic.posts.get(kind=PostKind.OPENING),
        "answer": answer,
        "other_topic": ask(other, "Is there a limit of connections?"),
        "review": review,
        "image": upload,
        **topics,
    }


def _status(operator: User) -> dict[str, Any]:
    """Make an open incident, a draft and a plan for one component; a subscriber, and one who has not confirmed."""
    component = ComponentFactory(name="API")
    by = By(actor=operator)
    affected = {component.pk: ComponentStatus.PARTIAL.value}
    soon = timezone.now() + timedelta(days=3)
    return {
        "component": component,
        "outage": incidents.open_incident(by=by, new=NewIncident("Calls fail", "We look.", components=affected)),
        "draft": incidents.open_incident(by=by, new=NewIncident("Maybe", "We look.", publish=False)),
        "plan": maintenance.schedule(
            by=by, new=NewMaintenance("Upgrade", "Soon.", Plan(soon, soon + timedelta(hours=1)), [component.pk])
        ),
        "subscriber": SubscriberFactory(),
        "newcomer": SubscriberFactory(confirmed_at=None),
    }


def _invite(account: Account, actor: User) -> Invitation:
    invitations.invite(account=account, email="newcomer@acme.example", actor=actor)
    return account.invitations.get()
