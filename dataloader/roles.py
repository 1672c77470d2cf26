"""What staff roles may do with the error codes."""

from collections.abc import Iterable, Mapping

from accounts.constants import Role

_KEEP = ("dataloader.view_errorcode", "dataloader.add_errorcode", "dataloader.change_errorcode")
PERMISSIONS: Mapping[Role, Iterable[str]] = {Role.MANAGER: _KEEP, Role.ENGINEER: _KEEP}
