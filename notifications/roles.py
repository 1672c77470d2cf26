"""What staff roles may do with the ledger. Administrators may by nature; engineers and CSMs see nothing of it."""

from collections.abc import Iterable, Mapping

from accounts.constants import Role

PERMISSIONS: Mapping[Role, Iterable[str]] = {
    Role.MANAGER: ["notifications.view_message", "notifications.view_delivery", "notifications.retry_delivery"],
}
