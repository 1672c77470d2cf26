from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _l


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _l("Cases")

    def ready(self) -> None:
        from django.urls import register_converter

        from accounts import erasure, roles
        from cases import checks, drafts, emails, guides  # noqa: F401 - checks register themselves
        from cases.numbers import CaseNumberConverter
        from cases.roles import PERMISSIONS
        from notifications import categories, kinds

        register_converter(CaseNumberConverter, "case")
        roles.declare(PERMISSIONS)
        guides.register()
        erasure.register(drafts.forget_person)
        kinds.register(*emails.KINDS)
        categories.register_category(
            emails.CATEGORY,
            _l("Updates on your cases"),
            _l("Replies and changes of status. You still see them under Notifications."),
        )
