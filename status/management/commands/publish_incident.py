import logging
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from status import breaking_glass, journal, links, publishing
from status.constants import (
    BODY_MAX_LENGTH,
    FIRST_STAGES,
    INCIDENT_IMPACTS,
    MOVES,
    NAME_MAX_LENGTH,
    ComponentStatus,
    Kind,
    Stage,
)
from status.errors import StatusError
from status.identifiers import is_public_id, new_public_id
from status.journal import Entry
from status.snapshot import rendering
from status.snapshot.store import StoreError

_STAGES = [stage.value for stage in Stage if stage in MOVES[Stage.INVESTIGATING]]
_IMPACTS = [impact.value for impact in INCIDENT_IMPACTS]


class Command(BaseCommand):
    help = (
        "Break glass: publish an incident, or an update of one, also while the database is down. It is written to a"
        " journal beside the snapshot, shown at once, and taken into the database when that is back; subscribers are"
        " told then."
    )
    # Nothing here may ask the database before the page is out.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="", help="the title of a new incident")
        parser.add_argument("--incident", default="", help="the id of the incident that this is an update of")
        parser.add_argument("--status", choices=_STAGES, default=Stage.INVESTIGATING.value)
        parser.add_argument("--impact", choices=_IMPACTS, default="")
        parser.add_argument("--body", default="", help="what readers should know, in Markdown")
        parser.add_argument(
            "--component",
            action="append",
            default=[],
            metavar="COMPONENT=STATUS",
            help="an affected component, by id or exact name, and its status (" + ", ".join(ComponentStatus) + ")",
        )
        parser.add_argument("--list", action="store_true", help="show components and open incidents of the last state")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        entry = self._entry(options)
        store = publishing.store()
        try:
            breaking_glass.publish(store, entry)
        except (StatusError, StoreError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Published as of {timezone.now():%F %T} UTC: {links.absolute(f'incidents/{entry.incident}/')}"
        )
        self.stdout.write(f"Its id is {entry.incident}: --incident {entry.incident} posts the next update.")
        self._hand_over(entry)

    def _hand_over(self, entry: Entry) -> None:
        # That the database is away is said below, once and in words.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        reason = "another process is publishing"
        try:
            publishing.publish()
        except (DatabaseError, StoreError, OSError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        waiting = [one.id for one in journal.pending(publishing.store())]
        if entry.id in waiting:
            self.stdout.write(f"The database does not take it in yet ({reason}). Entries that wait: {len(waiting)}.")
            self.stdout.write("Subscribers have NOT been told: they are, once it is back.")
        elif journal.is_refused(publishing.store(), entry):
            self.stdout.write(f"The database REFUSED it, see {journal.REFUSED}: nobody is told.")
        else:
            self.stdout.write("The database has it, and subscribers are being told.")

    def _entry(self, options: dict[str, Any]) -> Entry:
        name, incident, body = options["name"].strip(), options["incident"].strip(), options["body"].strip()
        if bool(name) == bool(incident):
            raise CommandError("Give either --name for a new incident or --incident for an update.")
        if not body or len(body) > BODY_MAX_LENGTH or len(name) > NAME_MAX_LENGTH or "\0" in name + body:
            raise CommandError(f"Say with --body what readers should know, in up to {BODY_MAX_LENGTH} characters.")
        if incident and not is_public_id(incident):
            raise CommandError(f"{incident!r} is no incident's id. See --list.")
        if name and options["status"] not in FIRST_STAGES[Kind.INCIDENT]:
            raise CommandError("A new incident cannot begin with this status.")
        return Entry(
            incident=incident or new_public_id(),
            update=new_public_id(),
            status=options["status"],
            body=body,
            at=_now(),
            name=" ".join(name.split()),
            impact=options["impact"] or "",
            components=dict(self._component(text) for text in options["component"]),
        )

    def _component(self, text: str) -> tuple[str, str]:
        name, _equals, status = text.rpartition("=")
        state = rendering.kept_state(publishing.store())
        found = [one.id for one in (state.components if state else ()) if name in {one.id, one.name}]
        if status not in ComponentStatus.values or len(found) != 1:
            raise CommandError(f"{text!r} does not name one component and a status. See --list.")
        return found[0], status

    def _list(self) -> None:
        state = rendering.kept_state(publishing.store())
        if state is None:
            raise CommandError(_("Nothing was ever published here."))
        for component in state.components:
            self.stdout.write(f"{component.id}  {component.status:<22} {component.name}")
        for incident in state.incidents:
            if incident.resolved_at is None:
                self.stdout.write(f"{incident.id}  {incident.status:<22} {incident.name}")


def _now() -> datetime:
    return timezone.now().replace(microsecond=0)
