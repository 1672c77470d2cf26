"""What ``accounts`` has sent. It stands below the ledger and cannot register kinds itself.

Each kind's templates are ``templates/emails/accounts/<what happened>`` with ``.subject.txt``, ``.txt`` and ``.html``;
besides what every mail may use (``url``, ``site_name`` …) they get what ``present`` returns.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import invitations
from accounts.models import Account, Contact, ContactRequest, Invitation
from accounts.outbox import Letter
from notifications import ledger, samples, sign_in_mails
from notifications.kinds import Kind, Recipient, Sample


def post_letter(letter: Letter) -> None:
    """Write a letter of ``accounts`` into the ledger: the hook of ``accounts.outbox``."""
    ledger.post(
        kind=letter.kind,
        event=letter.event,
        recipients=[ledger.To(user=letter.user, address=letter.address, language=letter.language)],
        context=letter.context,
        actor=letter.actor,
    )


def _invitation(_recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return _invited(Invitation.objects.select_related("account", "invited_by").get(pk=context["invitation"]))


def _invited(invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "account": invitation.account,
        "inviter": invitation.invited_by,
        "url": invitations.link(invitation),
    }


def _invitation_is_open(_recipient: Recipient, context: Mapping[str, Any]) -> bool:
    return Invitation.objects.open().filter(pk=context["invitation"]).exists()


def _contact(_recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return _belonging(
        Contact.objects.select_related("account__plan", "account__csm", "user").get(pk=context["contact"])
    )


def _belonging(contact: Contact) -> dict[str, Any]:
    return {
        "contact": contact,
        "account": contact.account,
        "url": settings.PORTAL_URL + reverse("support"),
    }


def _contact_is_current(_recipient: Recipient, context: Mapping[str, Any]) -> bool:
    return Contact.objects.current().filter(pk=context["contact"]).exists()


def _accepted(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return {**_contact(recipient, context), "invitation": Invitation.objects.get(pk=context["invitation"])}


def _request(_recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return _asked(ContactRequest.objects.select_related("user", "account").get(pk=context["request"]))


def _asked(request: ContactRequest) -> dict[str, Any]:
    return {
        "contact_request": request,
        "person": request.user,
        "account": request.account,
        "url": settings.PORTAL_URL + reverse("support"),
    }


def _request_to_decide(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    return _to_decide(_request(recipient, context))


def _to_decide(shown: Mapping[str, Any]) -> dict[str, Any]:
    page = reverse("admin:accounts_contactrequest_change", args=[shown["contact_request"].pk])
    return {**shown, "url": settings.PORTAL_URL + page}


def _may_decide(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    user = recipient.user
    waits = ContactRequest.objects.pending().filter(pk=context["request"]).exists()
    return waits and user is not None and user.has_perm("accounts.manage_contacts")


def _person(recipient: Recipient, _context: Mapping[str, Any]) -> dict[str, Any]:
    reset = reverse("account_reset_password")
    return {"person": recipient.user, "address": recipient.address, "url": settings.PORTAL_URL + reset}


# --- Samples ------------------------------------------------------------------------------------------------------


def _sample_accepted() -> dict[str, Any]:
    return {**_belonging(samples.contact()), "invitation": samples.invitation()}


def _sample_request(account: Account | None) -> dict[str, Any]:
    message = "I took over the integrations from Sam last week."
    return _asked(ContactRequest(pk=1, user=samples.customer(), company="Acme", message=message, account=account))


def _sample_person() -> dict[str, Any]:
    person = samples.customer()
    return _person(Recipient(user=person, address=person.email), {})


KINDS = (
    # Already in words, for allauth wrote it: subject, text, and the label and address of its one button.
    Kind(name="accounts.sign_in_mail", label=_l("Sign-in and security"), is_secret=True, samples=sign_in_mails.SAMPLES),
    Kind(
        name="accounts.invitation",
        label=_l("Invitation"),
        may_receive=_invitation_is_open,
        present=_invitation,
        # Its link is an offer to one person: nobody else shall read it here.
        is_secret=True,
        samples=(Sample(lambda: _invited(samples.invitation()), has_account=False),),
    ),
    Kind(
        name="accounts.invitation_accepted",
        label=_l("Invitation accepted"),
        present=_accepted,
        samples=(Sample(_sample_accepted),),
    ),
    Kind(
        name="accounts.access_granted",
        label=_l("Access to an account"),
        may_receive=_contact_is_current,
        present=_contact,
        samples=(Sample(lambda: _belonging(samples.contact())),),
    ),
    Kind(
        name="accounts.authorized",
        label=_l("Authorized contact"),
        may_receive=_contact_is_current,
        present=_contact,
        samples=(Sample(lambda: _belonging(samples.contact())),),
    ),
    Kind(
        name="accounts.request_received",
        label=_l("Request to become a contact"),
        may_receive=_may_decide,
        present=_request_to_decide,
        samples=(Sample(lambda: _to_decide(_sample_request(None))),),
    ),
    Kind(
        name="accounts.request_granted",
        label=_l("Request granted"),
        present=_request,
        samples=(Sample(lambda: _sample_request(samples.account())),),
    ),
    Kind(
        name="accounts.request_refused",
        label=_l("Request refused"),
        present=_request,
        samples=(Sample(lambda: _sample_request(None)),),
    ),
    Kind(name="accounts.welcome", label=_l("Welcome"), present=_person, samples=(Sample(_sample_person),)),
    Kind(
        name="accounts.second_factors_removed",
        label=_l("Second factors removed"),
        present=_person,
        samples=(Sample(_sample_person),),
    ),
)
