from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _l("Delivery ledger")

    def ready(self) -> None:
        from accounts import erasure, outbox, roles
        from notifications import account_kinds, forgetting, guides, kinds, previewing
        from notifications.roles import PERMISSIONS

        roles.declare(PERMISSIONS)
        guides.register()
        kinds.register(*account_kinds.KINDS, previewing.KIND)
        outbox.register(account_kinds.post_letter)
        erasure.register(forgetting.forget)
