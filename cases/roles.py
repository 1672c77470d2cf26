"""What staff roles may do with cases."""

from collections.abc import Iterable, Mapping

from accounts.constants import Role

PERMISSIONS: Mapping[Role, Iterable[str]] = {
    Role.ENGINEER: ["cases.work_desk"],
    Role.MANAGER: [
        "cases.work_desk",
        "cases.manage_desk",
        "cases.view_case",
        "cases.view_alert",
        "cases.view_oncallstep",
        "cases.add_oncallstep",
        "cases.change_oncallstep",
        "cases.delete_oncallstep",
    ],
}
