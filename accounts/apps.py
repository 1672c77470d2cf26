from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from accounts.models import User


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import password_reset

        from accounts import checks, guides, roles  # noqa: F401 - checks register themselves

        roles.declare(roles.ACCOUNTS_PERMISSIONS)
        guides.register(guides.CSM)
        guides.add(guides.CSM.code, *guides.CSM_STEPS)
        password_reset.connect(_address_proved, dispatch_uid="accounts.address_proved")
        post_migrate.connect(roles.sync_roles, dispatch_uid="accounts.sync_roles")


def _address_proved(user: "User", **_signal: Any) -> None:
    from accounts import people

    people.confirm_only_address(user=user)
