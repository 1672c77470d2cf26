from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class BridgesConfig(AppConfig):
    name = "bridges"
    verbose_name = _l("Cases, topics and incidents")

    def ready(self) -> None:
        from bridges import known, linked, panels, telling
        from cases import hooks as case_hooks
        from forums import hooks as forum_hooks
        from notifications import audiences, kinds
        from status import hooks as status_hooks

        forum_hooks.register_panel(panels.topic_panel)
        case_hooks.register_desk_panel(linked.desk_panel)
        case_hooks.register_desk_panel(panels.desk_panel)
        case_hooks.register_customer_panel(linked.customer_panel)
        case_hooks.register_filing_extra(known.EXTRA)
        case_hooks.register_namer("incident", linked.names)
        status_hooks.register_update_listener(telling.tell)
        status_hooks.register_incident_panel(linked.console_panel)
        kinds.register(telling.KIND)
        audiences.register_audience(telling.AUDIENCE, telling.people)
