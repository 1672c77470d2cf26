"""Which way of getting support is a person's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import Account, User
from cases import policies, production_down
from portal.navigation import room_exists


@dataclass(frozen=True, slots=True)
class Ways:
    """What home and the support page tell one reader; empty for a visitor."""

    partner_accounts: Sequence[Account]
    hotline_accounts: Sequence[Account]
    csm_accounts: Sequence[Account]
    may_file: bool
    works_desk: bool
    has_community: bool
    has_data_loader: bool
    has_status: bool
    # What "Production Down" writes into the subject.
    production_down: str

    @property
    def is_customer(self) -> bool:
        """Say whether the reader belongs to any account."""
        return bool(self.partner_accounts or self.hotline_accounts or self.csm_accounts)


def ways_for(user: User | AnonymousUser) -> Ways:
    """Return the reader's ways. The hotline is for contacts whose plan has it; the rest learn their CSM's name."""
    accounts = [contact.account for contact in user.active_contacts] if isinstance(user, User) else []
    direct = [account for account in accounts if not account.is_partner_supported]
    return Ways(
        partner_accounts=[account for account in accounts if account.is_partner_supported],
        hotline_accounts=[account for account in direct if account.plan.has_hotline],
        csm_accounts=[account for account in direct if not account.plan.has_hotline],
        may_file=bool(direct),
        works_desk=bool(policies.work_desk(user)),
        has_community=room_exists("/forums/"),
        has_data_loader=room_exists("/data-loader/"),
        has_status=room_exists("/status/"),
        production_down=production_down.subject(),
    )
