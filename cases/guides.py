"""What a contact and an engineer do first."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import guides
from accounts.guides import SECOND_FACTOR, TIME_ZONE, Guide, Step
from accounts.models import Invitation
from cases import policies
from cases.constants import EventKind
from cases.models import Case, CaseEvent

CONTACT = Guide("contact", _l("First steps"), lambda user: bool(user.active_contacts) and not user.is_staff)
ENGINEER = Guide("engineer", _l("First steps at the desk"), lambda user: guides.holds(user, "cases.work_desk"))


CONTACT_STEPS = (
    TIME_ZONE,
    Step(
        "first-case",
        20,
        _l("File your first case"),
        _l("Say what does not work. We answer on the case's page and by mail."),
        lambda _user: reverse("cases:create"),
        lambda user: Case.objects.filter(contact__in=[contact.pk for contact in user.active_contacts]),
        lambda user: bool(policies.may_file_for(user)),
    ),
    Step(
        "team",
        30,
        _l("Invite a colleague"),
        _l("They see your team's cases, and can file their own."),
        lambda user: reverse("accounts:account_team", args=[user.administered_account_ids[0]]),
        lambda user: Invitation.objects.filter(account__in=user.administered_account_ids),
        lambda user: bool(user.administered_account_ids),
    ),
    SECOND_FACTOR,
)
ENGINEER_STEPS = (
    TIME_ZONE,
    Step(
        "take",
        20,
        _l("Take a case"),
        _l("Unassigned cases stand in the queue by priority and age. Who takes one answers for it."),
        lambda _user: reverse("desk:queue") + "?tab=unassigned",
        lambda user: Case.objects.filter(owner=user),
    ),
    Step(
        "answer",
        30,
        _l("Answer a customer"),
        _l("A reply goes to the customer; an internal note stays with the team, on yellow."),
        lambda _user: reverse("desk:queue") + "?tab=mine",
        lambda user: CaseEvent.objects.filter(actor=user, kind=EventKind.COMMENTED),
    ),
    SECOND_FACTOR,
)
_VERDICTS = (EventKind.VERIFICATION_CONFIRMED, EventKind.VERIFICATION_REFUSED)
VERIFY = Step(
    "verify",
    30,
    _l("Verify a case"),
    _l("A contact who is not authorized may file; you say whether the case stands."),
    lambda _user: reverse("cases:list"),
    lambda user: CaseEvent.objects.filter(kind__in=_VERDICTS, actor=user),
)


def register() -> None:
    """Register them, and the CSM's step that is about cases."""
    for guide, steps in ((CONTACT, CONTACT_STEPS), (ENGINEER, ENGINEER_STEPS)):
        guides.register(guide)
        guides.add(guide.code, *steps)
    guides.add(guides.CSM.code, VERIFY)
