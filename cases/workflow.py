"""A case's life: opened, answered, moved from status to status.

One function per act, keyword-only and atomic: the row is locked, the policy asked, one append-only event and the
ledger rows are written, and whatever leaves the building does so after commit. Saving the same again writes and
sends nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.constants import Coverage
from accounts.models import Account, Contact, Product, User
from cases import changes, drafts, emails, oncall, policies, production_down
from cases.constants import MOVES, By, Environment, EventKind, Origin, Priority, Severity, Status, Verification
from cases.models import Case, CaseFollower, Comment
from lib import markdown
from lib.business_hours import BusinessHours


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What a person writes into Create Case."""

    product: Product
    subject: str
    description: str
    severity: Severity = Severity.S3
    environment: Environment = Environment.PRODUCTION
    endpoints: str = ""
    contact_phone: str = ""
    contact_time_zone: str = ""


@transaction.atomic
def open_case(
    *,
    contact: Contact,
    actor: User,
    new: NewCase,
    uploads: Collection[str] = (),
    origin: Origin = Origin.WEB,
    submission_token: UUID | None = None,
    follow_up_of: Case | None = None,
    also: Callable[[Case], None] | None = None,
) -> Case:
    """File a case of ``contact``. The same ``submission_token`` twice gives the first case again.

    ``uploads`` are tokens of files that ``actor`` staged. ``also`` is called with the new case in its transaction, and
    not for one that was there already. Raises ``PermissionDenied`` when the contact may not file
    (a partner supports the account, the membership has ended).
    """
    # Serialises two submissions of one form, and a filing with the end of the membership.
    contact = Contact.objects.select_for_update(of=("self",)).with_account().select_related("user").get(pk=contact.pk)
    if submission_token is not None:
        again = Case.objects.filter(submission_token=submission_token, contact=contact).first()
        if again is not None:
            return again
    _require_filing(contact, actor)
    now = timezone.now()
    is_down = production_down.matches(new.subject)
    case = Case(
        account=contact.account,
        contact=contact,
        product=new.product,
        subject=new.subject,
        description=new.description,
        description_html=markdown.render(new.description),
        markdown_version=markdown.RENDERER_VERSION,
        severity=new.severity,
        environment=new.environment,
        endpoints=new.endpoints,
        contact_phone=new.contact_phone,
        contact_time_zone=new.contact_time_zone or contact.user.time_zone,
        priority=Priority.URGENT if is_down else _first_priority(new.severity),
        origin=origin,
        verification=Verification.NOT_NEEDED if contact.is_authorized else Verification.PENDING,
        follow_up_of=follow_up_of,
        opened_at=now,
        updated_at=now,
        public_updated_at=now,
        first_response_due_at=first_response_due(contact.account, new.severity, now),
        production_down_at=now if is_down else None,
        submission_token=submission_token,
    )
    case.save()
    changes.rebuild_index(case)
    event = changes.record(case, EventKind.OPENED, actor=actor, data={"origin": origin, "severity": new.severity})
    changes.attach(case, event=event, owner=actor, tokens=uploads)
    emails.case_created(case, event=event)
    if case.verification == Verification.PENDING:
        emails.verification_needed(case, event=event)
    if is_down:
        changes.record(case, EventKind.PRODUCTION_DOWN_RAISED, actor=actor)
        oncall.raise_alert(case)
    if also is not None:
        also(case)
    return case


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply did: the comment, and the case it went to (a follow-up when the first was closed too long ago)."""

    case: Case
    comment: Comment | None


@transaction.atomic
def reply(
    *,
    case_id: int,
    actor: User,
    body: str,
    uploads: Collection[str] = (),
    internal: bool = False,
    move_to: Status | None = None,
    version: int | None = None,
    submission_token: UUID | None = None,
) -> Reply:
    """Answer a case, or leave an internal note.

    A customer's reply to Waiting on Customer or Solution Provided returns the case to In Progress, and reopens a
    closed one within ``CASE_REOPEN_DAYS``; later it files a linked follow-up case. ``move_to`` moves the status in
    the same act. Raises ``PermissionDenied``, ``changes.StaleCaseError`` (nothing is written).
    """
    case = changes.lock(case_id=case_id, user=actor)
    policies.act_on(actor, case).require()
    if internal:
        policies.see_internal(actor).require()
    kinds = (drafts.NOTE,) if internal else (drafts.ANSWER, drafts.REPLY)
    drafts.forget(actor, *(drafts.key_of(kind, case.pk) for kind in kinds))
    if submission_token is not None:
        again = Comment.objects.filter(submission_token=submission_token, case=case, author=actor).first()
        if again is not None:
            return Reply(case, again)
    changes.require_version(case, version, _("This case changed while you were writing. Nothing was sent yet."))
    side = policies.side_of(actor, case)
    if case.is_closed and not internal and not policies.is_reopenable(case):
        return Reply(_follow_up(case, actor=actor, body=body, uploads=uploads, token=submission_token), None)

    comment = changes.add_comment(case, author=actor, body=body, internal=internal, token=submission_token)
    event = changes.record(
        case,
        EventKind.NOTED if internal else EventKind.COMMENTED,
        actor=actor,
        comment=comment,
        internal=internal,
        data={"by": side.value if side else ""},
    )
    changes.attach(case, event=event, owner=actor, tokens=uploads)
    fields = []
    if side == By.SUPPORT and not internal and case.first_responded_at is None:
        case.first_responded_at = timezone.now()
        fields.append("first_responded_at")
    to = move_to if move_to is not None else _status_after_reply(case, side=side, internal=internal)
    moved = _move(case, to=to, actor=actor, comment=None if internal else comment) if to is not None else False
    changes.save(case, *fields, *(_MOVE_FIELDS if moved else ()), public=moved or not internal)
    if not internal and not moved:
        emails.public_reply(case, event=event, comment=comment)
    return Reply(case, comment)


@transaction.atomic
def change_status(*, case_id: int, to: Status, actor: User, version: int | None = None) -> Case:
    """Move the case to ``to``. The same status again writes and sends nothing.

    Raises ``PermissionDenied`` for a move that the table does not allow, ``changes.StaleCaseError``.
    """
    case = changes.lock(case_id=case_id, user=actor)
    policies.act_on(actor, case).require()
    if case.status == to:
        return case
    changes.require_version(case, version)
    if _move(case, to=to, actor=actor):
        changes.save(case, *_MOVE_FIELDS)
    return case


@transaction.atomic
def close_solved(*, case_id: int, solved_before: datetime | None = None) -> bool:
    """Close a case whose solution nobody answered: the clock's move. Says whether it did.

    ``solved_before`` is asked again of the locked row: it may have been reopened and solved anew since it was found.
    """
    case = (
        Case.objects.select_related("account", "contact__user", "owner").select_for_update(of=("self",)).get(pk=case_id)
    )
    if case.status != Status.SOLVED:
        return False
    if solved_before is not None and (case.solved_at is None or case.solved_at >= solved_before):
        return False
    _write_move(case, to=Status.CLOSED, actor=None)
    changes.save(case, *_MOVE_FIELDS)
    return True


def close_refused(case: Case, *, actor: User) -> None:
    """Write the closing of a refused case, which the caller has locked and saves. Its mail is the refusal's own."""
    if case.is_closed:
        return
    if By.VERIFIER not in MOVES.get((Status(case.status), Status.CLOSED), frozenset()):
        raise PermissionDenied(_("A case cannot go from this status to that one."))
    _write_move(case, to=Status.CLOSED, actor=actor, mail=False)


def first_response_due(account: Account, severity: str, since: datetime) -> datetime:
    """Return when the plan promises the first answer to a case opened at ``since``."""
    target = account.plan.first_response(severity)
    if account.plan.coverage == Coverage.ALWAYS:
        return since + target
    start, end = settings.BUSINESS_HOURS
    hours = BusinessHours(settings.BUSINESS_DAYS, start, end, ZoneInfo(settings.BUSINESS_TIME_ZONE))
    return hours.add(since, target)


# --- Under the verbs ------------------------------------------------------------------------------------------

_MOVE_FIELDS = ("status", "solved_at", "closed_at", "first_responded_at")
_PRIORITY_OF_SEVERITY = {Severity.S1: Priority.HIGH, Severity.S4: Priority.LOW}


def _require_filing(contact: Contact, actor: User) -> None:
    if not contact.is_current or contact.account.is_partner_supported:
        raise PermissionDenied(_("Cases of this account are not filed here."))
    if contact.user_id != actor.pk:
        policies.work_desk(actor).require()


def _first_priority(severity: str) -> Priority:
    # Urgent is for Production Down and for engineers to give.
    return _PRIORITY_OF_SEVERITY.get(Severity(severity), Priority.NORMAL)


def _status_after_reply(case: Case, *, side: By | None, internal: bool) -> Status | None:
    if internal:
        return None
    if case.is_closed:
        return Status.IN_PROGRESS
    answers = side == By.CUSTOMER and case.status in (Status.WAITING, Status.SOLVED)
    return Status.IN_PROGRESS if answers else None


def _move(case: Case, *, to: Status, actor: User, comment: Comment | None = None) -> bool:
    if case.status == to:
        return False
    policies.move(actor, case, to).require()
    _write_move(case, to=to, actor=actor, comment=comment)
    return True


def _write_move(
    case: Case, *, to: Status, actor: User | None, comment: Comment | None = None, mail: bool = True
) -> None:
    before = case.status
    now = timezone.now()
    case.status = to
    case.solved_at = now if to == Status.SOLVED else (case.solved_at if to == Status.CLOSED else None)
    case.closed_at = now if to == Status.CLOSED else None
    event = changes.record(
        case,
        EventKind.STATUS_CHANGED,
        actor=actor,
        data={"from": before, "to": to, **({"comment": comment.pk} if comment else {})},
    )
    if mail:
        emails.status_changed(case, event=event, comment=comment)


def _follow_up(case: Case, *, actor: User, body: str, uploads: Collection[str], token: UUID | None) -> Case:
    contact = Contact.objects.current().filter(account=case.account, user=actor).first()
    if contact is None:
        raise PermissionDenied(_("This case was closed too long ago to be reopened."))
    new = NewCase(
        product=case.product,
        subject=case.subject,
        description=body,
        severity=Severity(case.severity),
        environment=Environment(case.environment),
        endpoints=case.endpoints,
        contact_phone=case.contact_phone,
        contact_time_zone=case.contact_time_zone,
    )
    follow_up = open_case(
        contact=contact, actor=actor, new=new, uploads=uploads, submission_token=token, follow_up_of=case
    )
    if not case.events.filter(kind=EventKind.FOLLOWED_UP, data__case=follow_up.pk).exists():
        changes.record(case, EventKind.FOLLOWED_UP, actor=actor, data={"case": follow_up.pk})
    return follow_up


def follow(*, case_id: int, actor: User, user: User) -> bool:
    """Add ``user`` to the followers: oneself, or a colleague who can see the case. Says whether anything changed.

    Raises ``PermissionDenied`` when ``user`` could not see the case.
    """
    with transaction.atomic():
        case = changes.lock(case_id=case_id, user=actor)
        policies.act_on(actor, case).require()
        if not Case.objects.visible_to(user).filter(pk=case.pk).exists():
            raise PermissionDenied(_("This person cannot see the case."))
        _follower, created = CaseFollower.objects.get_or_create(case=case, user=user)
        if created:
            internal = bool(policies.work_desk(user))
            changes.record(case, EventKind.FOLLOWER_ADDED, actor=actor, data={"user": user.pk}, internal=internal)
        return created


def unfollow(*, case_id: int, actor: User, user: User) -> bool:
    """Remove ``user`` from the followers. Says whether anything changed."""
    with transaction.atomic():
        case = changes.lock(case_id=case_id, user=actor)
        policies.act_on(actor, case).require()
        deleted, _rows = CaseFollower.objects.filter(case=case, user=user).delete()
        if deleted:
            internal = bool(policies.work_desk(user))
            changes.record(case, EventKind.FOLLOWER_REMOVED, actor=actor, data={"user": user.pk}, internal=internal)
        return bool(deleted)
