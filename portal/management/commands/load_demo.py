from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from cases.models import Case


class Command(BaseCommand):
    help = "Load the demo: invented customers, their people and half a hundred cases. Refused outside a demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when the portal has users already")

    def handle(self, *_args: Any, if_empty: bool = False, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "These settings are not a demo's: the demo's passwords are known to everybody, so its data is loaded"
                " only where DEMO is on, as in portal.settings.development."
            )
        if User.objects.exists():
            if if_empty:
                self.stdout.write("There are users already; nothing was loaded.")
                return
            raise CommandError("There are users already. The demo is loaded into an empty database only.")
        # Imported here: under other settings the demo is never even read.
        from portal.demo import loading

        loading.load()
        self.stdout.write(f"Loaded {User.objects.count()} people and {Case.objects.count()} cases.")
