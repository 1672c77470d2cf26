"""Maintenance as a calendar to subscribe to (RFC 5545): each is one event, under one UID for ever.

There is no METHOD, as this is a calendar that is read and not an invitation that is answered (RFC 5546). DTSTAMP is
when the event was last changed, as the standard has it for such calendars: the file changes only when something did.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from status import links
from status.constants import Stage
from status.snapshot.fingerprints import fingerprint
from status.snapshot.work import Document, Work
from status.state import IncidentState

REFRESH = timedelta(hours=1)
# Control characters have no place in a calendar's text, but for line ends and tabs.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def documents(work: Work) -> Iterator[Document]:
    """Yield each language's calendar: all planned maintenance, and the newest of what is over."""
    maintenances = tuple(incident for incident in work.state.incidents if incident.is_maintenance)
    names = {component.id: component.name for component in work.state.components}
    for language in work.languages:
        prefix = "" if language == settings.LANGUAGE_CODE else f"{language}/"
        source = fingerprint(language, maintenances, sorted(names.items()))
        render = partial(_render, maintenances, names, language)
        yield work.document(f"status/{prefix}calendar.ics", source, render)


def _render(maintenances: Sequence[IncidentState], names: dict[str, str], language: str) -> bytes:
    calendar = Calendar()
    with translation.override(language):
        title = _("%(vendor)s status: maintenance") % {"vendor": settings.PORTAL_VENDOR}
        calendar.add("prodid", f"-//{_plain(settings.PORTAL_VENDOR)}//Status//{language.upper()}")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        # RFC 7986, and what its predecessors were called: clients know one or the other.
        calendar.add("name", _plain(title))
        calendar.add("x-wr-calname", _plain(title))
        calendar.add("url", links.absolute("", language))
        calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        for maintenance in maintenances:
            calendar.add_component(_event(maintenance, names, language))
    content: bytes = calendar.to_ical()
    return content


def _event(maintenance: IncidentState, names: dict[str, str], language: str) -> Event:
    event = Event()
    event.add("uid", f"{maintenance.id}@{urlsplit(settings.STATUS_URL).hostname or 'localhost'}")
    event.add("sequence", maintenance.sequence)
    event.add("dtstamp", maintenance.updated_at)
    event.add("last-modified", maintenance.updated_at)
    event.add("created", maintenance.created_at)
    # The plan, also once it has begun earlier or taken longer: what really happened is on its page.
    event.add("dtstart", maintenance.scheduled_for or maintenance.started_at)
    event.add("dtend", maintenance.scheduled_until or maintenance.started_at)
    event.add("status", "CANCELLED" if maintenance.status == Stage.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("summary", _plain(maintenance.name))
    event.add("description", _description(maintenance, names, language))
    event.add("url", links.absolute(f"incidents/{maintenance.id}/", language))
    return event


def _description(maintenance: IncidentState, names: dict[str, str], language: str) -> str:
    """Return what was said last, what it affects, and where to read on."""
    parts: list[str] = []
    if maintenance.updates:
        newest = maintenance.updates[0]
        parts.append(f"{Stage(newest.status).label}: {newest.body}")
    affected = [names[one.component] for one in maintenance.affected if one.component in names]
    if affected:
        parts.append(_("Affected: %(components)s") % {"components": ", ".join(affected)})
    parts.append(links.absolute(f"incidents/{maintenance.id}/", language))
    return _plain("\n\n".join(parts))


def _plain(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
