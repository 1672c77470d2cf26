from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _l


class ForumsConfig(AppConfig):
    name = "forums"
    verbose_name = _l("Community")

    def ready(self) -> None:
        from accounts import erasure, roles
        from forums import audiences, checks, emails, forgetting, guides, seeds  # noqa: F401 - checks register themselves
        from forums.roles import PERMISSIONS
        from notifications import categories, kinds
        from notifications.audiences import register_audience

        roles.declare(PERMISSIONS)
        guides.register()
        erasure.register(forgetting.forget)
        kinds.register(*emails.KINDS)
        register_audience(audiences.WATCHERS, audiences.watchers, has_times=True)
        for category in emails.CATEGORIES:
            categories.register_category(*category)
        post_migrate.connect(seeds.seed_communities, sender=self, dispatch_uid="forums.seed_communities")
