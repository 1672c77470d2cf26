from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class StatusConfig(AppConfig):
    name = "status"
    verbose_name = _l("System status")

    def ready(self) -> None:
        from accounts import erasure, roles
        from notifications import audiences as ledger_audiences
        from notifications import kinds as ledger_kinds
        from status import audiences, guides, kinds, subscribing
        from status import checks as _checks  # noqa: F401 - checks register themselves
        from status.api.access import register_scopes
        from status.console import automation, panels
        from status.roles import PERMISSIONS

        roles.declare(PERMISSIONS)
        guides.register()
        register_scopes()
        panels.register(automation.panel)
        ledger_kinds.register(*kinds.KINDS)
        ledger_audiences.register_audience(audiences.SUBSCRIBERS, audiences.subscribers, yields=audiences.YIELDS)
        erasure.register(subscribing.forget)
