"""What needs somebody now, role by role: the sections of the home page of staff, of moderators and of account admins.

A person may hold several roles and sees each section once. Every section ends after a few rows and costs as many
queries for none as for many; the apps own the reads (their ``attention`` modules).
"""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts import attention as of_accounts
from accounts import policies as accounts_policies
from accounts.models import Account, User
from cases import attention as of_cases
from cases import oncall
from cases import policies as cases_policies
from forums import attention as of_forums
from forums import policies as forums_policies
from notifications import attention as of_ledger
from notifications import policies as ledger_policies
from portal import health, own_team
from portal.section import Section, section_row
from status import attention as of_status
from status import policies as status_policies
from status.console import rows as console


def sections(user: User) -> list[Section]:
    """Return what ``user`` looks after, the urgent first; an empty list for who looks after nothing."""
    found = [
        *_desk(user),
        *_status(user),
        *_customers(user),
        *own_team.sections(user),
        *_communities(user),
        *_operations(user),
    ]
    return sorted(found, key=lambda section: not section.is_urgent)


def _desk(user: User) -> Iterator[Section]:
    if not cases_policies.work_desk(user):
        return
    manages = bool(cases_policies.manage_desk(user))
    queue = reverse("desk:queue")
    yield Section(
        "alerts",
        _l("Production Down, not acknowledged"),
        "siren",
        list(oncall.open_alerts()[: of_cases.SHOWN]),
        section_row("alert"),
        queue,
        _l("Every Production Down is acknowledged."),
        is_urgent=True,
    )
    yield Section(
        "due",
        _l("Your first responses, due or late"),
        "clock",
        of_cases.due_soon(user),
        section_row("due"),
        f"{queue}?tab=mine",
        _l("None of your cases waits for its first response."),
        is_urgent=True,
    )
    yield Section(
        "replied",
        _l("Customers who replied to you"),
        "reply",
        of_cases.customer_replied(user),
        section_row("case"),
        f"{queue}?tab=mine",
        _l("You had the last word in each of your cases."),
    )
    yield Section(
        "nobodys",
        _l("Without an owner") if manages else _l("Urgent, and nobody's"),
        "inbox",
        of_cases.nobodys(user, urgent_only=not manages),
        section_row("nobodys"),
        f"{queue}?tab=unassigned",
        _l("Every open case has an owner.") if manages else _l("Every urgent case has an owner."),
        is_urgent=not manages,
    )
    if manages:
        yield from _desk_management(user, queue)


def _desk_management(user: User, queue: str) -> Iterator[Section]:
    yield Section(
        "late",
        _l("First responses that are late"),
        "warning",
        of_cases.late(user),
        section_row("due"),
        queue,
        _l("No first response is late."),
        is_urgent=True,
    )
    first = oncall.first_to_be_alerted()
    yield Section(
        "on-call",
        _l("On call"),
        "bell",
        [] if first else [None],
        section_row("on_call"),
        reverse("admin:cases_oncallstep_changelist"),
        _("%(name)s is alerted first.") % {"name": first.user or _("A webhook")} if first else "",
        is_urgent=True,
    )


def _customers(user: User) -> Iterator[Section]:
    if not accounts_policies.decide_contact_request(user):
        return
    managed = Account.objects.managed_by(user)
    accounts = reverse("admin:accounts_account_changelist")
    yield Section(
        "troubled",
        _l("Accounts in trouble"),
        "siren",
        of_cases.troubled(managed),
        section_row("troubled"),
        reverse("cases:list"),
        _l("None of your accounts is down or has many open cases."),
        is_urgent=True,
    )
    yield Section(
        "verify",
        _l("Cases to verify"),
        "shield",
        of_cases.to_verify(user, managed.values("pk")),
        section_row("verify"),
        reverse("cases:list"),
        _l("No case waits to be verified."),
    )
    yield Section(
        "requests",
        _l("People who ask to become contacts"),
        "users",
        of_accounts.contact_requests(user),
        section_row("request"),
        reverse("admin:accounts_contactrequest_changelist"),
        _l("Nobody waits for an answer."),
    )
    yield Section(
        "limits",
        _l("Plans that are nearly full"),
        "users",
        of_accounts.near_limit(user),
        section_row("limit"),
        accounts,
        _l("Each account has room for more authorized contacts."),
    )


def _communities(user: User) -> Iterator[Section]:
    if not forums_policies.moderate_any(user):
        return
    yield Section(
        "reviews",
        _l("Posts to review"),
        "flag",
        of_forums.waiting_reviews(user).reviews,
        section_row("review"),
        reverse("moderation:queue"),
        _l("The review queue is empty."),
    )


def _status(user: User) -> Iterator[Section]:
    if not status_policies.operate(user):
        return
    here = reverse("status_console:overview")
    yield Section(
        "going-on",
        _l("Under way on the status site"),
        "status",
        of_status.going_on(user),
        section_row("incident"),
        here,
        _l("No incident is open."),
        is_urgent=True,
    )
    yield Section(
        "unconfirmed",
        _l("Alerts that nobody has confirmed"),
        "alert",
        of_status.unconfirmed(user),
        section_row("draft"),
        here,
        _l("Automation has written no draft."),
        is_urgent=True,
    )
    yield Section(
        "maintenance",
        _l("Maintenance within a day"),
        "calendar",
        of_status.starting_soon(user),
        section_row("maintenance"),
        here,
        _l("No maintenance starts within a day."),
    )
    publication = console.publication()
    yield Section(
        "publication",
        _l("What the public sees"),
        "globe",
        [publication] if publication.is_stale or publication.is_behind or publication.refused else [],
        section_row("publication"),
        here,
        _l("The public sees the newest state."),
        is_urgent=True,
    )


def _operations(user: User) -> Iterator[Section]:
    if ledger_policies.see_ledger(user):
        yield Section(
            "failed",
            _l("Deliveries that failed this week"),
            "mail",
            of_ledger.failed(user),
            section_row("failed"),
            f"{reverse('admin:notifications_delivery_changelist')}?state__exact=failed",
            _l("No delivery failed this week."),
        )
    if user.is_superuser:
        yield Section(
            "health",
            _l("Health"),
            "check-circle",
            [] if health.redis_answers() else [None],
            section_row("health"),
            "/readyz",
            _l("Database and Redis answer."),
            is_urgent=True,
        )
