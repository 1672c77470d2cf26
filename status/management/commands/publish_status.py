from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from status import publishing


class Command(BaseCommand):
    help = "Publish the status snapshot as the database has it; beat does so every minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--catch-up",
            action="store_true",
            help="the database was restored from an older copy: go on from the snapshot's version",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["catch_up"]:
            self.stdout.write(f"Published as version {publishing.catch_up()}.")
        else:
            self.stdout.write("Published." if publishing.publish(renew=True) else "A newer snapshot is there already.")
