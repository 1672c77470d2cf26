from django.apps import AppConfig


class DataloaderConfig(AppConfig):
    name = "dataloader"
