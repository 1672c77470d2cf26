"""What staff roles may do on the status site."""

from collections.abc import Iterable, Mapping

from accounts.constants import Role

PERMISSIONS: Mapping[Role, Iterable[str]] = {
    Role.OPERATOR: [
        "status.operate",
        "status.view_component",
        "status.add_component",
        "status.change_component",
        "status.view_componentgroup",
        "status.add_componentgroup",
        "status.change_componentgroup",
        "status.view_region",
        "status.add_region",
        "status.change_region",
        "status.view_incidenttemplate",
        "status.add_incidenttemplate",
        "status.change_incidenttemplate",
        "status.delete_incidenttemplate",
        "status.view_subscriber",
    ],
}
