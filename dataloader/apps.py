from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _l


class DataloaderConfig(AppConfig):
    name = "dataloader"
    verbose_name = _l("Data Loader community")

    def ready(self) -> None:
        from accounts import roles
        from dataloader import indexing, recognising, seeds
        from dataloader.roles import PERMISSIONS
        from forums import hooks

        roles.declare(PERMISSIONS)
        hooks.register_terms(indexing.terms)
        hooks.register_listener(indexing.keep)
        hooks.register_reader(recognising.read)
        post_migrate.connect(seeds.seed, sender=self, dispatch_uid="dataloader.seed")
