"""What a line of the table of ``test_routing`` says, and the usual ones.

``sign-in`` is a redirect to the sign-in page. A POST here is an empty one: 400, 422 or a redirect says that the person
got as far as the form, 403 and 404 that they did not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from tests.portal.world import World

ANONYMOUS = "anonymous"
CUSTOMERS = ("contact", "colleague")
DESK = ("engineer", "manager", "administrator")
STAFF = (*DESK, "csm", "moderator", "operator")
ROLES = (ANONYMOUS, "member", *CUSTOMERS, "stranger", "partner", *STAFF)
SIGNED_IN = ROLES[1:]

Url = Callable[[World], str]


@dataclass(frozen=True)
class Expectation:
    """What each role is answered; ``rest`` for whoever is not named."""

    url: Url
    answers: Mapping[str, Sequence[str]]
    rest: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    wrong_verb_role: str = "contact"
    wrong_verb: str = "PATCH"  # empty: every verb is answered alike

    def of(self, role: str) -> str:
        """Return the answer for ``role``."""
        return next((answer for answer, roles in self.answers.items() if role in roles), self.rest)


def fixed(name: str) -> Url:
    return lambda _world: reverse(name)


def of_case(name: str) -> Url:
    return lambda world: reverse(name, args=[world.case.pk])


def of_delivery(name: str) -> Url:
    return lambda world: reverse(name, args=[world.delivery.pk])


def public(url: Url) -> Expectation:
    return Expectation(url, {}, rest="200")


def signed_in(url: Url, *, method: str = "GET", answer: str = "200") -> Expectation:
    return Expectation(url, {"sign-in": [ANONYMOUS]}, rest=answer, method=method)


def desk(url: Url, *, method: str = "GET", answer: str = "200") -> Expectation:
    """For whoever works the desk; the desk itself is no secret, so others are told 403."""
    return Expectation(
        url, {"sign-in": [ANONYMOUS], answer: DESK}, rest="403", method=method, wrong_verb_role="engineer"
    )


def staff(url: Url) -> Expectation:
    """For everybody who works here; others are told 403."""
    return Expectation(url, {"sign-in": [ANONYMOUS], "200": STAFF}, rest="403", wrong_verb_role="engineer")


def of_acme(url: Url, *, method: str = "GET", **answers: str) -> Expectation:
    """For who can see Acme's case; for everybody else it does not exist.

    ``customers``, ``desk``, ``csm`` and single roles name their answers; 200 where none is named.
    """
    groups = {"contact": "customers", "colleague": "customers", **dict.fromkeys(DESK, "desk")}
    by_answer: dict[str, list[str]] = {"sign-in": [ANONYMOUS]}
    for role in (*CUSTOMERS, *DESK, "csm"):
        answer = answers.get(role) or answers.get(groups.get(role, ""), "200")
        by_answer.setdefault(answer, []).append(role)
    return Expectation(url, by_answer, rest="404", method=method)


def of_team(url: Url, *, method: str = "GET", answer: str = "200") -> Expectation:
    """For Acme's admin; its other contact is refused, for everybody else Acme's team does not exist."""
    answers = {"sign-in": [ANONYMOUS], answer: ["contact"], "403": ["colleague"]}
    return Expectation(url, answers, rest="404", method=method)


def of_contact(url: Url, *, method: str = "GET", answer: str = "200") -> Expectation:
    """For the one person to whom it was sent."""
    return Expectation(url, {"sign-in": [ANONYMOUS], answer: ["contact"]}, rest="404", method=method)
