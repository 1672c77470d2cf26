"""``manage.py seed_reference``."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.seeds import seed_reference_data


class Command(BaseCommand):
    help = "Adds the support plans, the support partner and the products that are not there yet."

    def handle(self, *_args: Any, **_options: Any) -> None:
        seed_reference_data()
        self.stdout.write("Plans, partner and products are there.")
