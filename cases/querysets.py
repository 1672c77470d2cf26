"""Reads of cases. Whatever a person can reach starts from ``visible_to(user)``."""

import re
from functools import cache
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.constants import CaseVisibility
from accounts.querysets import looked_after_by
from cases import numbers
from cases.constants import ACTIVE_STATUSES, Status

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.querysets import Someone
    from cases.models import Alert, Case, CaseEvent  # noqa: F401 - the base classes name them


_MINUSES = re.compile(r"-+")
_LOOSE_MINUS = re.compile(r'-(?![\w"])')
_LIST_FIELDS = (
    "subject",
    "status",
    "severity",
    "verification",
    "queue_rank",
    "opened_at",
    "public_updated_at",
    "production_down_at",
    "production_down_lowered_at",
    "account__name",
    "product__name",
    "contact__user__display_name",
    "contact__user__handle",
)
_QUEUE_FIELDS = (
    "subject", "status", "severity", "priority", "verification", "queue_rank", "opened_at", "closed_at",
    "first_response_due_at", "first_responded_at", "production_down_at", "production_down_lowered_at", "escalated_at",
    "account__name", "account__plan__name", "product__name", "owner__display_name", "owner__handle",
)  # fmt: skip
_LONG_TEXTS = ("description", "description_html", "search_public", "search_staff")


def desk_workers() -> "models.QuerySet[User]":
    """Return the active people who work the desk, by name: whoever may own a case or be on call."""
    return _desk_workers().all()


@cache
def _desk_workers() -> "models.QuerySet[User]":
    from accounts.models import User

    work_desk = {"codename": "work_desk", "content_type__app_label": "cases"}
    # A union, not an OR: each part reads its own small tables, and nobody else's row is looked at.
    holders = (
        User.objects.filter(is_superuser=True),
        *(
            User.objects.filter(**{f"{through}__{name}": value for name, value in work_desk.items()})
            for through in ("user_permissions", "groups__permissions")
        ),
    )
    first, *others = (people.order_by().values("pk") for people in holders)
    return User.objects.filter(is_active=True, pk__in=first.union(*others, all=True)).order_by("display_name", "id")


def sees_every_case(user: "Someone") -> bool:
    """Say whether ``user`` works the desk: engineers, managers, administrators."""
    return user.has_perm("cases.work_desk")


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the cases ``user`` may see.

        Engineers and managers: all. Contacts: their own, their team's where the account lets them, all of it for an
        account admin. CSMs: those of the accounts they look after. Everybody else: none.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if sees_every_case(user):
            return self
        visible = Q(pk__in=[])
        whole_accounts = []
        own_contacts = []
        for contact in user.active_contacts:
            if contact.is_account_admin or contact.account.case_visibility == CaseVisibility.TEAM:
                whole_accounts.append(contact.account_id)
            else:
                own_contacts.append(contact.pk)
        if whole_accounts:
            visible |= Q(account_id__in=whole_accounts)
        if own_contacts:
            visible |= Q(contact_id__in=own_contacts)
        if user.has_perm("accounts.manage_contacts"):
            from accounts.models import Account

            visible |= Q(account__in=Account.objects.filter(looked_after_by(user)))
        return self.filter(visible)

    def filed_by(self, user: "User") -> Self:
        """Return the cases whose contact is ``user``."""
        return self.filter(contact_id__in=[contact.pk for contact in user.active_contacts])

    def active(self) -> Self:
        """Return what the desk has to work on. Spelt as the partial indexes spell it."""
        return self.filter(status__in=ACTIVE_STATUSES)

    def owned_by(self, user: "User") -> Self:
        """Return the cases that ``user`` answers for."""
        return self.filter(owner=user)

    def unassigned(self) -> Self:
        """Return the cases that nobody has taken."""
        return self.filter(owner=None)

    def not_closed(self) -> Self:
        """Return what a customer calls open."""
        return self.exclude(status=Status.CLOSED)

    def closed(self) -> Self:
        """Return what is over."""
        return self.filter(status=Status.CLOSED)

    def matching(self, text: str, *, internal: bool) -> Self:
        """Return the cases that ``text`` finds by number, subject or text; internal notes only when ``internal``."""
        found = Q(
            **{
                ("search_staff" if internal else "search_public"): SearchQuery(
                    searchable(text), config=settings.CASE_SEARCH_CONFIG, search_type="websearch"
                )
            }
        )
        number = numbers.parse_loose(text)
        if number is not None:
            found |= Q(pk=number)
        return self.filter(found)

    def for_list(self) -> Self:
        """Read what a row of My Cases shows and is sorted by, and nothing else."""
        return self.select_related("account", "product", "contact__user").only(*_LIST_FIELDS)

    def for_queue(self) -> Self:
        """Read what a row of the desk's queue shows, and nothing else."""
        return self.select_related("account__plan", "product", "owner").only(*_QUEUE_FIELDS)

    def without_long_texts(self) -> Self:
        """Leave out what a list never shows and what may be long."""
        return self.defer(*_LONG_TEXTS)


def searchable(text: str) -> str:
    """Return ``text`` as ``websearch_to_tsquery`` can always read it."""
    # PostgreSQL takes each loose minus for a "not" and fails on a pile of them ("tsquery stack too small").
    return _LOOSE_MINUS.sub(" ", _MINUSES.sub("-", text))


class EventQuerySet(models.QuerySet["CaseEvent"]):
    """What happened to cases."""

    def visible_to(self, user: "Someone") -> Self:
        """Return the events ``user`` may see of cases they may see; internal ones are for those who work the desk."""
        from cases.models import Case

        if sees_every_case(user):
            return self
        return self.filter(is_internal=False, case__in=Case.objects.visible_to(user))

    def timeline(self) -> Self:
        """Join what a timeline shows, oldest first. A comment's author is its event's actor."""
        from cases.models import CaseAttachment

        files = models.Prefetch("attachments", CaseAttachment.objects.select_related("upload"))
        return self.select_related("actor", "comment").prefetch_related(files).order_by("id")


class AlertQuerySet(models.QuerySet["Alert"]):
    """Production Down alerts."""

    def unacknowledged(self) -> Self:
        """Return alerts that nobody has taken yet."""
        return self.filter(acknowledged_at=None)

    def due(self) -> Self:
        """Return unacknowledged alerts whose next step's time has come."""
        return self.unacknowledged().filter(next_at__lte=timezone.now()).order_by("next_at")
