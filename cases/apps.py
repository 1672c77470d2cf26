from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from accounts import roles
        from cases import emails
        from cases.roles import PERMISSIONS
        from notifications import kinds

        roles.declare(PERMISSIONS)
        kinds.register(*emails.KINDS)
