"""Staff roles. Each app declares what its roles may do; ``sync_roles`` brings the groups in step after each migrate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group, Permission

from accounts.constants import Role

# What the accounts app itself grants. ``manage_contacts`` reaches only the accounts a person looks after.
ACCOUNTS_PERMISSIONS: Mapping[Role, Iterable[str]] = {
    Role.ENGINEER: ["accounts.see_all_accounts"],
    Role.MANAGER: [
        "accounts.see_all_accounts",
        "accounts.view_account",
        "accounts.view_contact",
        "accounts.view_auditevent",
        "accounts.view_supportpartner",
        "accounts.view_product",
        "accounts.view_supportplan",
        "accounts.add_supportplan",
        "accounts.change_supportplan",
    ],
    Role.CSM: [
        "accounts.view_supportplan",
        "accounts.view_supportpartner",
        "accounts.manage_contacts",
        "accounts.view_account",
        "accounts.view_contact",
        "accounts.add_contact",
        "accounts.change_contact",
        "accounts.view_invitation",
        "accounts.view_contactrequest",
        "accounts.change_contactrequest",
        "accounts.view_auditevent",
    ],
}

_declared: dict[Role, set[str]] = defaultdict(set)


def declare(permissions: Mapping[Role, Iterable[str]]) -> None:
    """Add what an app grants to roles: ``app_label.codename`` strings. Call it from ``AppConfig.ready``."""
    for role, names in permissions.items():
        _declared[role].update(names)


def declared() -> Mapping[Role, frozenset[str]]:
    """Return all that has been declared."""
    return {role: frozenset(_declared[role]) for role in Role}


def sync_roles(**_signal: Any) -> None:
    """Make each role's group hold exactly the declared permissions. Idempotent; runs after every migrate.

    A permission whose table is not migrated yet is left for the next run.
    """
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role, names in declared().items():
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in sorted(names) if name in known])
