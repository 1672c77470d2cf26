"""May this person join a case with a topic or an incident? Views, templates and verbs ask here.

Seeing is not asked here: whatever a person cannot see does not exist for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _l

from accounts.models import Contact, User
from accounts.querysets import Someone
from cases import policies as cases_policies
from cases.constants import Status, Verification
from cases.models import Case
from forums.models import Topic
from lib.decisions import Decision, denied

PUBLISHABLE = (Status.SOLVED, Status.CLOSED)


def make_case(user: Someone, topic: Topic) -> Decision:
    """Making a private case of a topic: whoever works the desk, of a topic that everybody sees."""
    decision = cases_policies.work_desk(user)
    if decision and not topic.is_published:
        return denied(_l("Only topics that everybody can see become cases."))
    return decision


def publish(user: Someone, case: Case) -> Decision:
    """Publishing a case as a question: whoever works the desk, of a case that has a solution."""
    decision = cases_policies.work_desk(user)
    if not decision:
        return decision
    if case.verification == Verification.REFUSED:
        return denied(_l("A refused case is not published."))
    if case.status not in PUBLISHABLE:
        return denied(_l("A case is published once its solution is provided."))
    return decision


def link_incident(user: Someone) -> Decision:
    """Linking a case to an incident, and ending that: whoever works the desk. Who files a case does it by filing."""
    return cases_policies.work_desk(user)


@dataclass(frozen=True, slots=True)
class Memberships:
    """For which accounts a case of a person can be filed, and which of theirs a partner supports."""

    direct: Sequence[Contact]
    partners: Sequence[Contact]


def memberships(person: User) -> Memberships:
    """Return the present memberships of a topic's author."""
    contacts = person.active_contacts if person.is_active else []
    return Memberships(
        direct=[contact for contact in contacts if not contact.account.is_partner_supported],
        partners=[contact for contact in contacts if contact.account.is_partner_supported],
    )
