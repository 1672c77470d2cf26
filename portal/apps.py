"""The site as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import checks, chrome  # noqa: F401 - registers the checks
        from status import hooks

        hooks.register_chrome(chrome.anonymous)
