"""What staff roles may do in the forums."""

from collections.abc import Iterable, Mapping

from accounts.constants import Role

PERMISSIONS: Mapping[Role, Iterable[str]] = {
    Role.MODERATOR: ["forums.moderate"],
    Role.MANAGER: ["forums.moderate"],
}
