"""An app that registers the benchmark's shared kind in a worker."""

from django.apps import AppConfig


class FanOutConfig(AppConfig):
    name = "tests.processes"
    label = "fan_out"

    def ready(self) -> None:
        from benchmarks.fan_out import incident
        from notifications import kinds

        kinds.register(incident())
