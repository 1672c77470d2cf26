"""Short guides for who is new in a role: a few things to do, each ticked off by what is really there.

An app registers its guide, or adds a step to another's, when it is ready. Nothing is stored but that somebody has put a
guide away (``DismissedGuide``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.models import AuditEvent, ContactRequest, DismissedGuide, User

Proof = bool | QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    ``done`` returns whether it is done, or a query that finds a row once it is; ``position`` orders the steps of a
    guide; ``url`` leads to where it is done.
    """

    code: str
    position: int
    title: str | Promise
    text: str | Promise
    url: Callable[[User], str]
    done: Callable[[User], Proof]
    shown_to: Callable[[User], bool] = lambda _user: True


@dataclass(frozen=True, slots=True)
class Guide:
    """What to do first in a role."""

    code: str
    title: str | Promise
    shown_to: Callable[[User], bool]


class Line(NamedTuple):
    """A step as one person sees it."""

    title: str | Promise
    text: str | Promise
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """A guide as far as one person has come with it."""

    guide: Guide
    steps: Sequence[Line]
    is_dismissed: bool

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is left to do."""
        return self.done == len(self.steps)


_guides: dict[str, Guide] = {}
_steps: dict[str, dict[str, Step]] = {}


def register(guide: Guide) -> None:
    """Add a guide. Call it from ``AppConfig.ready``."""
    _guides[guide.code] = guide


def add(code: str, *steps: Step) -> None:
    """Add steps to the guide of this code, which may be another app's and come later."""
    _steps.setdefault(code, {}).update({step.code: step for step in steps})


def holds(user: User, permission: str) -> bool:
    """Say whether a role of the person's has this permission; an administrator has them all and needs no guide."""
    return not user.is_superuser and permission in user.get_group_permissions()


def of(user: User) -> list[Progress]:
    """Return the person's guides with how far they have come: one query, or none for who has no guide."""
    guides = [guide for guide in _guides.values() if guide.shown_to(user)]
    if not guides:
        return []
    steps = {guide.code: _steps_of(guide, user) for guide in guides}
    proofs: dict[str, Proof] = {}
    for guide in guides:
        proofs[f"{guide.code}:"] = DismissedGuide.objects.filter(user=user, guide=guide.code)
        proofs |= {f"{guide.code}:{step.code}": step.done(user) for step in steps[guide.code]}
    known = _answers(user, proofs)
    return [
        Progress(
            guide,
            [
                Line(step.title, step.text, step.url(user), known[f"{guide.code}:{step.code}"])
                for step in steps[guide.code]
            ],
            is_dismissed=known[f"{guide.code}:"],
        )
        for guide in guides
    ]


def _answers(user: User, proofs: Mapping[str, Proof]) -> dict[str, bool]:
    """Ask every question at once."""
    queries = {
        f"q{number}": Exists(proof) for number, proof in enumerate(proofs.values()) if isinstance(proof, QuerySet)
    }
    row = User.objects.filter(pk=user.pk).annotate(**queries).values(*queries).get()
    return {
        name: proof if isinstance(proof, bool) else row[f"q{number}"]
        for number, (name, proof) in enumerate(proofs.items())
    }


def current(user: User) -> Progress | None:
    """Return the guide to show on the home page: the first that is neither finished nor put away."""
    return next((one for one in of(user) if not one.is_dismissed and not one.is_complete), None)


def find(user: User, code: str) -> Guide | None:
    """Return the person's guide of this code; nothing for one of a role that is not theirs."""
    guide = _guides.get(code)
    return guide if guide is not None and guide.shown_to(user) else None


def dismiss(*, user: User, guide: Guide) -> None:
    """Put the guide away for good."""
    DismissedGuide.objects.get_or_create(user=user, guide=guide.code)


def reopen(*, user: User, guide: Guide) -> None:
    """Show the guide again."""
    DismissedGuide.objects.filter(user=user, guide=guide.code).delete()


def _steps_of(guide: Guide, user: User) -> list[Step]:
    steps = [step for step in _steps.get(guide.code, {}).values() if step.shown_to(user)]
    return sorted(steps, key=lambda step: step.position)


TIME_ZONE = Step(
    "time-zone",
    10,
    _l("Set your time zone"),
    _l("Times on pages and in mails are shown in it."),
    lambda _user: reverse("accounts:profile"),
    lambda user: user.time_zone != "UTC",
)
SECOND_FACTOR = Step(
    "second-factor",
    90,
    _l("Add a passkey or an authenticator app"),
    _l("Then a stolen password alone opens nothing."),
    lambda _user: reverse("mfa_index"),
    lambda user: Authenticator.objects.filter(user=user),
)

CSM = Guide("csm", _l("First steps as a CSM"), lambda user: holds(user, "accounts.manage_contacts"))
_CONTACTS_ADDED = (
    AuditEvent.Act.INVITED,
    AuditEvent.Act.CONTACT_LINKED,
    AuditEvent.Act.AUTHORIZED,
    AuditEvent.Act.CONTACTS_IMPORTED,
)
CSM_STEPS = (
    TIME_ZONE,
    Step(
        "contacts",
        20,
        _l("Invite or authorize a contact"),
        _l("Open one of your accounts: its contacts, and how many the plan allows, stand there."),
        lambda _user: reverse("admin:accounts_account_changelist"),
        lambda user: AuditEvent.objects.filter(actor=user, act__in=_CONTACTS_ADDED),
    ),
    Step(
        "requests",
        40,
        _l("Answer a request to become a contact"),
        _l("People without an account ask for one. You say to which they belong."),
        lambda _user: reverse("admin:accounts_contactrequest_changelist"),
        lambda user: ContactRequest.objects.filter(decided_by=user),
    ),
    SECOND_FACTOR,
)
