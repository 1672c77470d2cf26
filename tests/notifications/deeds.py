"""One real deed for each kind of mail, done as the portal does it: what its sample is held against."""

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import contacts, invitations, people, requests
from accounts.models import Account, Contact, User
from bridges import linking
from cases import desk, oncall, verification, workflow
from cases.constants import Status
from cases.models import Alert, OnCallStep
from forums import changes, publishing, voting, watching
from forums import emails as forum_emails
from forums.constants import Level, State
from notifications import previewing
from status import emails as status_emails
from status import incidents, letters, subscribing
from status.changes import By, Said
from status.constants import Act, ComponentStatus, Stage
from status.incidents import NewIncident
from status.models import ComponentMark
from tests.factories.accounts import UserFactory
from tests.factories.cases import file_case
from tests.factories.forums import ask, main_community, reply
from tests.factories.status import (
    ComponentFactory,
    EndpointFactory,
    IncidentFactory,
    MaintenanceFactory,
    SubscriberFactory,
    UpdateFactory,
)


class Cast:
    """Who acts; each person is made when first named."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return self._find(name)


def _invite(cast: Cast) -> Account:
    account: Account = cast.acme
    contacts.add_by_email(account=account, email="new@acme.example", actor=cast.csm)
    return account


def _accept_invitation(cast: Cast) -> None:
    invitations.accept(invitation=_invite(cast).invitations.get(), user=UserFactory(email="new@acme.example"))


def _add(cast: Cast) -> Contact:
    UserFactory(email="new@acme.example")
    account: Account = cast.acme
    contacts.add_by_email(account=account, email="new@acme.example", actor=cast.csm)
    return account.contacts.get()


def _remove_second_factors(cast: Cast) -> None:
    from allauth.mfa.models import Authenticator

    user: User = cast.member
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    people.remove_second_factors(user=user, actor=cast.administrator)


def _sign_up(_cast: Cast) -> None:
    form = {"email": "new@x.example", "display_name": "N", "password1": "a-long-password-1"}
    Client().post("/accounts/signup/", form)


def _reply(cast: Cast) -> None:
    workflow.reply(case_id=file_case(cast.contact).pk, actor=cast.engineer, body="Which version is it?")


def _change_status(cast: Cast) -> None:
    case = file_case(cast.contact)
    workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=cast.engineer)
    workflow.reply(case_id=case.pk, actor=cast.engineer, body="Which version?", move_to=Status.WAITING)


def _alert(cast: Cast) -> None:
    OnCallStep.objects.create(position=1, user=cast.engineer)
    file_case(cast.contact, subject="Production Down")
    oncall.advance(alert_id=Alert.objects.get().pk)


def _update_linked_incident(cast: Cast) -> None:
    case = file_case(cast.contact)
    component = ComponentFactory()
    new = NewIncident("Orders are late", "We look into it.", components={component.pk: ComponentStatus.PARTIAL})
    incident = incidents.open_incident(by=By(cast.operator), new=new)
    linking.link(case_id=case.pk, public_id=incident.public_id, actor=cast.engineer)
    said = Said(Stage.RESOLVED, "It is over.", components={})
    incidents.post_update(by=By(None), public_id=incident.public_id, said=said)


def _ask(cast: Cast) -> None:
    watching.watch(user=cast.engineer, target=main_community(), level=Level.AT_ONCE)
    ask(cast.member, tags=["orders"])


def _answer(cast: Cast) -> None:
    reply(ask(cast.member), cast.engineer)


def _mention(cast: Cast) -> None:
    handle = cast.engineer.handle
    ask(cast.member, body=f"Dear @{handle}, do you know?")


def _accept_answer(cast: Cast) -> None:
    voting.accept(post_id=reply(ask(cast.member), cast.engineer).pk, actor=cast.member)


def _approve(cast: Cast) -> None:
    forum_emails.post_approved(ask(cast.member).posts.get(), actor=cast.moderator)


def _hide(cast: Cast) -> None:
    post = reply(ask(cast.engineer), cast.member)
    publishing.set_state(changes.lock_post(post_id=post.pk, user=cast.moderator), State.HIDDEN)
    forum_emails.post_hidden(post, actor=cast.moderator, note="It names a customer.")


def _tell_incident(_cast: Cast) -> None:
    SubscriberFactory()
    component = ComponentFactory()
    effects = {component: (ComponentStatus.OPERATIONAL, ComponentStatus.PARTIAL)}
    incident = IncidentFactory(affecting=[component])
    status_emails.tell_update(UpdateFactory(incident=incident, effects=effects), act=Act.OPENED)


def _tell_maintenance(_cast: Cast) -> None:
    SubscriberFactory()
    incident = MaintenanceFactory(affecting=[ComponentFactory()])
    status_emails.tell_update(UpdateFactory(incident=incident, status=incident.status), act=Act.SCHEDULED)


def _tell_component(_cast: Cast) -> None:
    SubscriberFactory(wants_components=True)
    component, worse = ComponentFactory(), ComponentStatus.DEGRADED
    mark = ComponentMark.objects.create(component=component, status=worse)
    status_emails.tell_component(component, old=ComponentStatus.OPERATIONAL, new=worse, mark=mark)


def _subscribe(_cast: Cast) -> None:
    subscribing.sign_up(new=subscribing.SignUp(way="mail", address="ann@readers.example"), user=None)


def _send_sample(cast: Cast) -> None:
    preview = previewing.find("accounts.welcome", "usual")
    assert preview is not None
    previewing.send(preview, to=cast.manager, language="en")


DEEDS: Mapping[str, Callable[[Cast], object]] = {
    "accounts.access_granted": _add,
    "accounts.authorized": lambda cast: contacts.authorize(contact=_add(cast), actor=cast.csm),
    "accounts.invitation": _invite,
    "accounts.invitation_accepted": _accept_invitation,
    "accounts.request_granted": lambda cast: requests.grant(
        request=requests.ask(user=UserFactory(), company="Acme"), account=cast.acme, actor=cast.csm
    ),
    "accounts.request_received": lambda cast: (cast.csm, requests.ask(user=UserFactory(), company="Acme")),
    "accounts.request_refused": lambda cast: requests.refuse(
        request=requests.ask(user=UserFactory(), company="Acme"), actor=cast.csm
    ),
    "accounts.second_factors_removed": _remove_second_factors,
    "accounts.sign_in_mail": _sign_up,
    "accounts.welcome": lambda cast: people.create(
        email="nia@portal.example", display_name="Nia", actor=cast.administrator
    ),
    "bridges.incident_update": _update_linked_incident,
    "cases.assigned": lambda cast: desk.assign(
        case_id=file_case(cast.contact).pk, owner=cast.engineer, actor=cast.manager
    ),
    "cases.created": lambda cast: file_case(cast.contact),
    "cases.production_down": _alert,
    "cases.public_reply": _reply,
    "cases.status_changed": _change_status,
    "cases.verification_needed": lambda cast: file_case(cast.colleague),
    "cases.verification_refused": lambda cast: verification.refuse(
        case_id=file_case(cast.colleague).pk, actor=cast.csm
    ),
    "forums.answer_accepted": _accept_answer,
    "forums.mention": _mention,
    "forums.new_reply": _answer,
    "forums.new_topic": _ask,
    "forums.post_approved": _approve,
    "forums.post_hidden": _hide,
    "notifications.sample": _send_sample,
    "status.already": lambda _cast: letters.already(SubscriberFactory()),
    "status.component": _tell_component,
    "status.confirm": _subscribe,
    "status.endpoint_given_up": lambda _cast: letters.given_up(EndpointFactory(given_up_at=timezone.now())),
    "status.incident": _tell_incident,
    "status.maintenance": _tell_maintenance,
}
