"""The history as Atom (RFC 4287) and RSS 2.0: what happened and what is planned, newest start first.

An entry's id is a tag URI (RFC 4151) of its public id, so no change makes it a new one to a reader; its ``updated`` is
the incident's own and moves only when something of it was changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _

from lib import languages
from status import links
from status.constants import Impact, Stage
from status.snapshot.fingerprints import fingerprint
from status.snapshot.work import Document, Work
from status.state import IncidentState, State

NEWEST = 50
# RFC 4151 wants a year in which the host was the page's. A constant, for ids never change.
_YEAR = 2026
# What XML 1.0 has no way to write.
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Dated(SyndicationFeed):
    """A feed that is never dated by the moment of its making: while empty, it is as old as the page's last change."""

    def latest_post_date(self) -> datetime:
        moment: datetime = super().latest_post_date() if self.items else self.feed["changed_at"]
        return moment


class _Atom(_Dated, Atom1Feed):
    """Atom whose entries carry the whole text, not a summary."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("content", item["description"], {"type": "html"})


class _Rss(_Dated, Rss201rev2Feed):
    pass


FORMATS: dict[str, type[_Dated]] = {"atom": _Atom, "rss": _Rss}


def documents(work: Work) -> Iterator[Document]:
    """Yield both feeds of each language."""
    listed = work.state.incidents[:NEWEST]
    names = {component.id: component.name for component in work.state.components}
    for language in work.languages:
        prefix = "" if language == settings.LANGUAGE_CODE else f"{language}/"
        source = fingerprint(language, listed, sorted(names.items()), None if listed else work.state.changed_at)
        for extension in FORMATS:
            render = partial(_render, work.state, names, extension, language)
            yield work.document(f"status/{prefix}history.{extension}", source, render)


def _render(state: State, names: Mapping[str, str], extension: str, language: str) -> bytes:
    with translation.override(language):
        feed = FORMATS[extension](
            title=valid(_("%(vendor)s status: history") % {"vendor": settings.PORTAL_VENDOR}),
            description=_("Incidents and maintenance, newest first."),
            subtitle=_("Incidents and maintenance, newest first."),
            link=links.absolute("history/", language),
            feed_url=links.absolute(f"history.{extension}", language),
            feed_guid=tag_uri(f"history/{language}"),
            language=languages.tag(language),
            author_name=valid(settings.PORTAL_VENDOR),
            changed_at=state.changed_at,
        )
        for incident in state.incidents[:NEWEST]:
            feed.add_item(
                title=valid(incident.name),
                link=links.absolute(f"incidents/{incident.id}/", language),
                description=_html(incident, _affected(incident, names), language, settings.STATUS_TIME_ZONE),
                unique_id=tag_uri(f"incident/{incident.id}"),
                unique_id_is_permalink=False,
                # What is entered afterwards is as old as what it tells of.
                pubdate=incident.started_at if incident.is_backfilled else incident.created_at,
                updateddate=incident.updated_at,
                categories=_categories(incident),
            )
    return feed.writeString("utf-8").encode()


# An act changes one incident of fifty: the others' entries, the slow part of a feed, are as they were.
@lru_cache(maxsize=4 * NEWEST)
def _html(incident: IncidentState, affected: Sequence[str], language: str, zone: str) -> str:
    updates = [(Stage(update.status).label, update) for update in incident.updates]
    with translation.override(language):
        return valid(
            render_to_string(
                "status/reading/feed_entry.html",
                {"incident": incident, "updates": updates, "affected": affected, "zone": zone},
            )
        )


def _affected(incident: IncidentState, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[one.component] for one in incident.affected if one.component in names)


def _categories(incident: IncidentState) -> list[str]:
    stage = str(Stage(incident.status).label)
    return [stage] if incident.impact == Impact.NONE else [stage, str(Impact(incident.impact).label)]


def tag_uri(key: str) -> str:
    """Return an id that is the same for ever."""
    return f"tag:{urlsplit(settings.STATUS_URL).hostname or 'localhost'},{_YEAR}:status/{key}"


def valid(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _INVALID.sub("", text)
