"""Write all uptime anew, after a change of the page's time zone."""

from typing import Any

from django.core.management.base import BaseCommand

from status import uptime


class Command(BaseCommand):
    help = "Work out every component's uptime by day anew, from its history; needed when STATUS_TIME_ZONE has changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        uptime.roll_up(everything=True)
