"""May this person do this to this case? Views, templates, API, tasks and admin ask here.

Seeing is not asked here: whatever a person cannot see does not exist for them (``Case.objects.visible_to``).
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from accounts import policies as accounts_policies
from accounts.models import Account, Contact, User
from cases.constants import MOVES, By, Status, Verification
from cases.models import Case
from lib.decisions import ALLOWED, Decision, allowed_if, denied

Someone = User | AnonymousUser


def work_desk(user: Someone) -> Decision:
    """Everything at the desk: engineers, managers, administrators."""
    return allowed_if(user.has_perm("cases.work_desk"), _l("The desk is for support engineers."))


def manage_desk(user: Someone) -> Decision:
    """The on-call list and the settings of the desk: managers, administrators."""
    return allowed_if(user.has_perm("cases.manage_desk"), _l("Managers look after the on-call list."))


def see_internal(user: Someone) -> Decision:
    """Internal notes: whoever works the desk."""
    return work_desk(user)


def find_cases(user: Someone) -> Decision:
    """Looking for cases among those one may see: customers, CSMs, the desk."""
    may = isinstance(user, User) and (
        accounts_policies.is_customer(user) or work_desk(user) or user.has_perm("accounts.manage_contacts")
    )
    return allowed_if(may, _l("Cases are for customers and for the support team."))


def see_activity(user: Someone) -> Decision:
    """An account's figures, for whoever looks after customers: the desk, and CSMs for the accounts that they see."""
    may = work_desk(user) or user.has_perm("accounts.manage_contacts")
    return allowed_if(may, _l("An account's figures are for its contacts and for the support team."))


def side_of(user: User, case: Case) -> By | None:
    """Return on whose side of the case ``user`` acts; support wins for an engineer who is also a contact."""
    if work_desk(user):
        return By.SUPPORT
    if accounts_policies.contact_of(user, case.account):
        return By.CUSTOMER
    return None


def open_case(user: Someone, account: Account) -> Decision:
    """Filing for an account: its present contacts, unless a partner supports it."""
    if not isinstance(user, User) or accounts_policies.contact_of(user, account) is None:
        return denied(_l("Only contacts of this account file its cases."))
    if account.is_partner_supported:
        return denied(_l("Your support partner answers cases of this account."))
    return ALLOWED


def may_file_for(user: User) -> list[Contact]:
    """Return the memberships under which ``user`` may file, in a steady order."""
    return [contact for contact in user.active_contacts if open_case(user, contact.account)]


def act_on(user: User, case: Case) -> Decision:
    """Replying, attaching, following, marking as solved: the account's contacts, and the desk."""
    return allowed_if(side_of(user, case), _l("You can read this case, not change it."))


def move(user: User, case: Case, to: Status) -> Decision:
    """A change of status, by the table of moves and on this person's word."""
    side = side_of(user, case)
    allowed_by = MOVES.get((Status(case.status), to), frozenset())
    if side is None or side not in allowed_by:
        return denied(_l("A case cannot go from this status to that one."))
    if case.status == Status.CLOSED and not is_reopenable(case):
        return denied(_l("This case was closed too long ago to be reopened."))
    return ALLOWED


def moves_for(user: User, case: Case) -> list[Status]:
    """Return the statuses to which ``user`` may move ``case``, in the order of the workflow."""
    return [status for status in Status if move(user, case, status)]


def is_reopenable(case: Case) -> bool:
    """Say whether a closed case may still be reopened; later a reply makes a follow-up."""
    return case.closed_at is not None and case.closed_at > timezone.now() - timedelta(days=settings.CASE_REOPEN_DAYS)


def edit(user: User, case: Case) -> Decision:
    """Changing subject, description and facts: the contact who filed it, while it is open, and the desk."""
    if case.is_closed:
        return denied(_l("A closed case is not edited."))
    if work_desk(user):
        return ALLOWED
    contact = accounts_policies.contact_of(user, case.account)
    return allowed_if(
        contact is not None and (contact.pk == case.contact_id or contact.is_account_admin),
        _l("Only the person who filed the case edits it."),
    )


def verify(user: User, case: Case) -> Decision:
    """Confirming or refusing an unauthorized contact's case: CSM, account admin or engineer, never oneself."""
    if case.verification != Verification.PENDING:
        return denied(_l("This case waits for no verification."))
    if case.contact.user_id == user.pk:
        return denied(_l("Somebody else has to verify your own case."))
    contact = accounts_policies.contact_of(user, case.account)
    is_account_admin = contact is not None and contact.is_account_admin
    is_csm = user.has_perm("accounts.manage_contacts") and accounts_policies.looks_after(user, case.account)
    return allowed_if(
        is_account_admin or is_csm or work_desk(user), _l("The CSM, an account admin or an engineer verifies cases.")
    )


def own(user: User | None) -> Decision:
    """Being a case's owner: active people who work the desk."""
    return allowed_if(
        user is None or (user.is_active and work_desk(user)), _l("Only people who work the desk own cases.")
    )
