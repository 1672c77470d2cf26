from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, roles  # noqa: F401 - checks register themselves

        roles.declare(roles.ACCOUNTS_PERMISSIONS)
        post_migrate.connect(roles.sync_roles, dispatch_uid="accounts.sync_roles")
