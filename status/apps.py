from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class StatusConfig(AppConfig):
    name = "status"
    verbose_name = _l("System status")

    def ready(self) -> None:
        from accounts import roles
        from status import checks  # noqa: F401 - checks register themselves
        from status.roles import PERMISSIONS

        roles.declare(PERMISSIONS)
