"""Confirming or refusing the case of a contact who is not authorized."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cases import changes, emails, policies, workflow
from cases.constants import EventKind, Verification
from cases.models import Case


@transaction.atomic
def confirm(*, case_id: int, actor: User, version: int | None = None) -> Case:
    """Confirm that the contact may file; the same again does nothing."""
    case = changes.lock(case_id=case_id, user=actor)
    if case.verification == Verification.CONFIRMED:
        return case
    # First, so that a colleague's quicker answer is told as what it is.
    changes.require_version(case, version)
    policies.verify(actor, case).require()
    case.verification = Verification.CONFIRMED
    changes.record(case, EventKind.VERIFICATION_CONFIRMED, actor=actor)
    changes.save(case, "verification")
    return case


@transaction.atomic
def refuse(*, case_id: int, actor: User, version: int | None = None) -> Case:
    """Refuse the case: it is closed, and a kind mail tells the contact why and what to do."""
    case = changes.lock(case_id=case_id, user=actor)
    if case.verification == Verification.REFUSED:
        return case
    # First, so that a colleague's quicker answer is told as what it is.
    changes.require_version(case, version)
    policies.verify(actor, case).require()
    if case.is_production_down:
        raise changes.CaseError(_("A Production Down is never held up. Lower it first."))
    case.verification = Verification.REFUSED
    event = changes.record(case, EventKind.VERIFICATION_REFUSED, actor=actor)
    workflow.close_refused(case, actor=actor)
    changes.save(case, "verification", "status", "solved_at", "closed_at")
    emails.verification_refused(case, event=event)
    return case
