"""Drafts: what somebody writes about cases, kept on the server as they type, and found again on their every device.

Each form has a key of its own. A note and an answer of one case are two drafts: what was meant for the support team
alone never turns up where the customer would read it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID
from zlib import crc32

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, User
from cases import policies
from cases.models import Case, CaseDraft, Comment
from lib.drafts import Drawer
from lib.markdown import MAX_LENGTH

# Characters of one field: more than the form takes, so that nothing typed is lost over a limit.
FIELD_MAX_LENGTH = 2 * MAX_LENGTH

NEW, FILE, REPLY, ANSWER, NOTE = "new", "file", "reply", "answer", "note"
_CASE_FIELDS = ("product", "severity", "environment", "contact_phone")
# Whether there is something to keep is asked of the texts: a choice alone is none, and files do not last as long.
_TEXTS = ("subject", "description", "endpoints", "body")
FIELDS: Mapping[str, tuple[str, ...]] = {
    NEW: ("account", *_CASE_FIELDS, "subject", "description", "endpoints", "uploads"),
    FILE: ("filed_for", *_CASE_FIELDS, "subject", "description", "endpoints", "uploads"),
    REPLY: ("body", "uploads"),
    ANSWER: ("body", "uploads", "move_to"),
    NOTE: ("body", "uploads", "move_to"),
}
# Beside the fields: the submission token of the form that saved last.
_FORM = "form"
_KEY = re.compile(r"\A(?:(new)(?:-[0-9a-f]{8})?|(file|reply|answer|note):([1-9][0-9]{0,17}))\Z", re.ASCII)

# What both rooms do alike with a draft.
_drawer = Drawer(CaseDraft, lock="case-draft")
of = _drawer.of
forget = _drawer.forget
discard = _drawer.discard
restore = _drawer.restore
sweep = _drawer.sweep


class DraftError(Exception):
    """The draft is not kept; the sentence says why."""


class StaleDraftError(DraftError):
    """Another window or device knows better, or the form has been sent."""


def key_of(kind: str, target: int) -> str:
    """Return the key of what is written about a case, or for an account (``FILE``)."""
    return f"{kind}:{target}"


def fields_of(key: str) -> tuple[str, ...]:
    """Return the names of the fields that a draft of this key keeps; nothing for a key that no form has."""
    match = _KEY.match(key)
    return FIELDS[match[1] or match[2]] if match else ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form's page knows of its draft."""

    key: str
    draft: CaseDraft | None

    @property
    def version(self) -> int:
        """Return the version that the page goes on from; 0 for none."""
        return self.draft.version if self.draft else 0

    @property
    def is_note(self) -> bool:
        """Say whether only the support team may ever read it."""
        return self.key.startswith(f"{NOTE}:")

    @property
    def field_names(self) -> str:
        """Return the names of the fields that are sent to be kept."""
        return " ".join(fields_of(self.key))

    @property
    def initial(self) -> dict[str, str]:
        """Return what the form begins with."""
        fields: dict[str, str] = self.draft.fields if self.draft else {}
        return {name: text for name, text in fields.items() if name not in ("uploads", _FORM)}

    @property
    def uploads(self) -> list[str]:
        """Return the tokens of the files that were chosen."""
        return self.draft.fields.get("uploads", "").split(", ") if self.draft else []


def kept(user: User, key: str) -> Kept:
    """Return the person's draft of this key for its page."""
    return Kept(key, of(user, key))


def kept_at_desk(user: User, case_id: int) -> tuple[Kept, Kept]:
    """Return an engineer's drafts of an answer and of a note, the one they wrote last first; one query."""
    keys = (key_of(ANSWER, case_id), key_of(NOTE, case_id))
    found = {draft.key: draft for draft in CaseDraft.objects.filter(user=user, key__in=keys, discarded_at=None)}
    answer, note = (Kept(key, found.get(key)) for key in keys)
    is_note_first = note.draft is not None and (answer.draft is None or note.draft.updated_at > answer.draft.updated_at)
    return (note, answer) if is_note_first else (answer, note)


def new_key(prefilled: Mapping[str, object]) -> str:
    """Return the key of Create Case; an address that fills fields in has one of its own.

    Whoever presses "Production Down" gets that form, and not what they began last week.
    """
    given = {name: str(value) for name, value in prefilled.items() if value}
    if not given:
        return NEW
    return f"{NEW}-{crc32(json.dumps(given, sort_keys=True).encode()):08x}"


def may_write(user: User, key: str) -> bool:
    """Say whether ``user`` has a form of this key."""
    match = _KEY.match(key)
    if match is None:
        return False
    if match[1]:
        return bool(policies.may_file_for(user))
    return _ASKED[match[2]](user, int(match[3]))


def _may_file(user: User, account_id: int) -> bool:
    return bool(policies.work_desk(user)) and Account.objects.visible_to(user).filter(pk=account_id).exists()


def _may_reply(user: User, case_id: int) -> bool:
    case = Case.objects.visible_to(user).filter(pk=case_id).select_related("account").first()
    return case is not None and bool(policies.act_on(user, case))


def _may_answer(user: User, case_id: int) -> bool:
    return bool(policies.work_desk(user)) and _may_reply(user, case_id)


_ASKED: Mapping[str, Callable[[User, int], bool]] = {
    FILE: _may_file,
    REPLY: _may_reply,
    ANSWER: _may_answer,
    NOTE: _may_answer,
}


def was_sent(user: User, form: UUID) -> bool:
    """Say whether the form with this submission token has become a case or a comment."""
    return (
        Comment.objects.filter(submission_token=form, author=user).exists()
        or Case.objects.visible_to(user).filter(submission_token=form).exists()
    )


@transaction.atomic
def save(
    *, user: User, key: str, version: int, fields: Mapping[str, str], form: UUID | None = None
) -> CaseDraft | None:
    """Keep what ``user`` has typed into the form of ``key``; ``version`` is the one they go on from, 0 for a new one.

    ``form`` is the submission token of the form. A draft without text is let go, and ``None`` returned. Raises
    ``StaleDraftError`` when another window or device has saved since, or the form was sent; ``DraftError`` for a key
    of nothing that they can write to.
    """
    if not may_write(user, key):
        raise DraftError(_("This is no longer here, so its draft is not kept."))
    _drawer.one_at_a_time(user, key)
    if form is not None and was_sent(user, form):
        raise StaleDraftError(_("This was sent already."))
    draft = _drawer.latest(user, key)
    is_own = form is not None and draft is not None and draft.fields.get(_FORM) == str(form)
    if objection := _drawer.objection(draft, version, is_own=is_own):
        raise StaleDraftError(objection)
    typed = {name: fields[name] for name in fields_of(key) if fields.get(name)}
    if not any(typed.get(name, "").strip() for name in _TEXTS):
        _drawer.empty(user, key)
        return None
    draft = draft or CaseDraft(user=user, key=key, version=0)
    draft.fields = {**typed, _FORM: str(form)} if form is not None else typed
    _drawer.write(draft)
    return draft


def forget_person(user: User, _addresses: frozenset[str]) -> None:
    """Drop all drafts of somebody who is erased: the hook of ``accounts.erasure``."""
    CaseDraft.objects.filter(user=user).delete()
