from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from django.urls import register_converter

        from accounts import roles
        from cases import emails
        from cases.numbers import CaseNumberConverter
        from cases.roles import PERMISSIONS
        from notifications import kinds

        register_converter(CaseNumberConverter, "case")
        roles.declare(PERMISSIONS)
        kinds.register(*emails.KINDS)
