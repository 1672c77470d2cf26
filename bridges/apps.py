from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class BridgesConfig(AppConfig):
    name = "bridges"
    verbose_name = _l("Cases and topics")

    def ready(self) -> None:
        from bridges import panels
        from cases.hooks import register_desk_panel
        from forums.hooks import register_panel

        register_panel(panels.topic_panel)
        register_desk_panel(panels.desk_panel)
