"""What the home page shows to whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts import guides, invitations
from accounts.guides import Progress
from accounts.models import ContactRequest, Invitation, User
from cases import attention as of_cases
from cases.constants import Status
from cases.models import Case
from forums import attention as of_forums
from forums.attention import Glimpse
from portal.attention import sections
from portal.section import Section
from portal.support_ways import Ways, ways_for
from status import banner
from status.banner import Banner

OPEN_CASES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Home:
    """The parts of the page; what is not the reader's is empty."""

    ways: Ways
    status: Banner | None
    sections: Sequence[Section]
    cases: Sequence[Case]
    has_more_cases: bool
    unanswered: Sequence[Glimpse]
    latest: Glimpse | None
    latest_on_data: Glimpse | None
    invitations: Sequence[tuple[Invitation, str]] = ()
    request: ContactRequest | None = None
    guide: Progress | None = None

    @property
    def waiting(self) -> Sequence[Section]:
        """Return the sections in which something waits for the reader."""
        return [section for section in self.sections if section.rows]

    @property
    def clear(self) -> Sequence[Section]:
        """Return the sections in which nothing does."""
        return [section for section in self.sections if not section.rows]

    @property
    def waiting_for_you(self) -> int:
        """Return how many of the cases shown wait for the customer's word."""
        return sum(case.status == Status.WAITING for case in self.cases)


def home_of(user: User | AnonymousUser) -> Home:
    """Return the home page of ``user``. A visitor's asks no query while what is new in the communities is known."""
    ways = ways_for(user)
    person = user if isinstance(user, User) else None
    looks_after = sections(person) if person else []
    own = of_cases.own_open(person, OPEN_CASES_SHOWN + 1) if person and person.active_contacts else []
    newest = of_forums.glimpses()
    # Somebody who belongs nowhere yet: what they were offered, and what they asked for.
    newcomer = person if person and not person.active_contacts and not looks_after else None
    return Home(
        ways=ways,
        status=banner.current(),
        sections=looks_after,
        cases=own[:OPEN_CASES_SHOWN],
        has_more_cases=len(own) > OPEN_CASES_SHOWN,
        unanswered=newest.unanswered,
        latest=newest.latest.get("community"),
        latest_on_data=newest.latest.get("data-loader"),
        invitations=_invitations(newcomer) if newcomer else (),
        request=ContactRequest.objects.pending().filter(user=newcomer).first() if newcomer else None,
        guide=guides.current(person) if person else None,
    )


def _invitations(user: User) -> Sequence[tuple[Invitation, str]]:
    return [(offer, invitations.path(offer)) for offer in invitations.waiting_for(user)]
