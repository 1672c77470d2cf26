"""Switch the portal off for a while, and on again; the published status goes on being served."""

import argparse
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import maintenance


def moment(text: str) -> datetime:
    """Return a time to come; without an offset it is in the site's zone."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2027-01-31T22:00Z.")
    found = timezone.make_aware(found) if timezone.is_naive(found) else found
    if found <= timezone.now():
        raise argparse.ArgumentTypeError(f"{text!r} has passed.")
    return found


class Command(BaseCommand):
    """``manage.py maintenance on [--until 2027-01-31T22:00Z] [--message "…"]``, ``off``, ``status``."""

    help = "Answers every page of this server with 503 until it is switched off. Needs no database."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare them."""
        parser.add_argument("state", choices=["on", "off", "status"])
        parser.add_argument("--until", type=moment, help="when it ends: ISO 8601, in UTC unless it has an offset")
        parser.add_argument("--message", default="", help="a sentence for readers, shown as it is")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        try:
            said = getattr(self, f"_{options['state']}")(options)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(said)

    def _on(self, options: dict[str, Any]) -> str:
        maintenance.switch_on(until=options["until"], message=options["message"].strip())
        return f"The portal answers 503 within a second: {maintenance.path()}"

    def _off(self, _options: dict[str, Any]) -> str:
        return "The portal serves again." if maintenance.switch_off() else "It was serving."

    def _status(self, _options: dict[str, Any]) -> str:
        said = maintenance.read()
        if said is None:
            return "The portal serves."
        until = f" until {said.until.isoformat()}" if said.until else ""
        return f"The portal is switched off{until}. {said.message}".strip()
