from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _l


class ForumsConfig(AppConfig):
    name = "forums"
    verbose_name = _l("Community")

    def ready(self) -> None:
        from accounts import roles
        from forums import seeds
        from forums.roles import PERMISSIONS

        roles.declare(PERMISSIONS)
        post_migrate.connect(seeds.seed_communities, sender=self, dispatch_uid="forums.seed_communities")
