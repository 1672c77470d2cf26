"""What of a case may be public: a first proposal without names, addresses and secrets, and a second look at the result.

Only what the customer can read is ever looked at: internal notes and files are no part of a publication.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.models import Contact, User
from cases.constants import By, EventKind
from cases.models import Case, Comment
from cases.querysets import desk_workers
from forums.constants import TITLE_MAX_LENGTH
from lib.markdown import MAX_LENGTH, excerpt
from lib.scrub import Finding, Kind, scrub

LAST, ALL = "last", "all"

KIND_LABELS: dict[Kind, str | Promise] = {
    "name": _l("Names"),
    "email": _l("E-mail addresses"),
    "phone": _l("Phone numbers"),
    "url": _l("Web addresses"),
    "ip": _l("IP addresses"),
    "token": _l("Passwords and keys"),
    "salesforce_id": _l("Salesforce ids"),
    "uuid": _l("UUIDs"),
    "number": _l("Account and card numbers"),
}
# A control character that no text of a form holds.
_BETWEEN = "\n\x1e\n"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One thing that was taken out, however often it stood there."""

    kind: str | Promise
    original: str
    replacement: str
    times: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question and its answer as they may be published, once a person has read them."""

    title: str
    question: str
    answer: str
    found: Sequence[Finding]


def propose(case: Case, *, answers: str = LAST) -> Proposal:
    """Return the case as a question: its description, and the last answer of the support team, or all of them."""
    texts = [case.subject, case.description, _answer(case, whole=answers == ALL)]
    (title, question, answer), found = _scrubbed(case, texts)
    return Proposal(excerpt(title, TITLE_MAX_LENGTH), question[:MAX_LENGTH], answer[:MAX_LENGTH], found)


def look_again(case: Case, texts: Sequence[str]) -> Sequence[Finding]:
    """Return what still looks private in texts that somebody has edited."""
    return _scrubbed(case, texts)[1]


def fingerprint(found: Sequence[Finding]) -> str:
    """Return what tells these findings from others: whoever says that they may stay says it of these."""
    originals = sorted({finding.original for finding in found})
    return hashlib.sha256("\x1e".join(originals).encode(errors="replace")).hexdigest()[:32]


def replacements(found: Sequence[Finding]) -> Sequence[Replacement]:
    """Return what was taken out in reading order, the same thing once."""
    times = Counter((finding.kind, finding.original, finding.replacement) for finding in found)
    return [
        Replacement(KIND_LABELS[kind], original, replacement, number)
        for (kind, original, replacement), number in times.items()
    ]


def counts(found: Sequence[Finding]) -> Sequence[tuple[str | Promise, int]]:
    """Return how many of each kind were taken out."""
    number = Counter(finding.kind for finding in found)
    return [(label, number[kind]) for kind, label in KIND_LABELS.items() if number[kind]]


def _scrubbed(case: Case, texts: Sequence[str]) -> tuple[Sequence[str], Sequence[Finding]]:
    """Scrub the texts as one, so that a person is the same ``[name 2]`` in the question and in the answer."""
    names, hosts = _names(case), [urlsplit(settings.PORTAL_URL).hostname or ""]
    plain = [text.replace("\x1e", " ") for text in texts]
    whole = scrub(_BETWEEN.join(plain), names=names, allowed_hosts=hosts)
    parts = whole.text.split(_BETWEEN)
    if len(parts) == len(plain):
        return parts, whole.found
    # A key without an end takes all that follows it: then each text is looked at alone.
    alone = [scrub(text, names=names, allowed_hosts=hosts) for text in plain]
    return [one.text for one in alone], [finding for one in alone for finding in one.found]


def _names(case: Case) -> set[str]:
    """Return every name that the case may speak of: the account, its contacts past and present, the support team."""
    account = case.account
    people = {case.contact.user_id}
    people |= {pk for pk in (case.owner_id, account.csm_id, account.sales_representative_id) if pk is not None}
    people |= set(Contact.objects.filter(account=account).values_list("user_id", flat=True))
    people |= set(desk_workers().values_list("pk", flat=True))
    people |= set(case.comments.values_list("author_id", flat=True))
    people |= set(case.followers.values_list("user_id", flat=True))
    rows = User.objects.filter(pk__in=people).values_list("display_name", "handle")
    return {account.name, *(name for row in rows for name in row if name)}


def _answer(case: Case, *, whole: bool) -> str:
    by_support = Comment.objects.filter(
        case=case,
        is_internal=False,
        events__kind=EventKind.COMMENTED,
        events__is_internal=False,
        events__data__by=By.SUPPORT,
    )
    bodies = list(by_support.order_by("-id").values_list("body", flat=True)[: None if whole else 1])
    return "\n\n---\n\n".join(body for body in reversed(bodies) if body)
