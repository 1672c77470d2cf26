"""The status site's HTML: one frame for everybody, one set of pages per language.

Each page's source names what its bytes are made of, so that a publication renders what has changed and nothing else: of
5,000 incidents' pages those whose version has risen.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from status import banner, uptime
from status.snapshot import bars, shown
from status.snapshot.fingerprints import fingerprint
from status.snapshot.frames import Frame
from status.snapshot.work import Document, NotAtHandError, Work
from status.state import ComponentState, Header, IncidentState

LOADED_AT_ONCE = 100  # incidents that the state leaves out, when many pages are made


class _VanishedError(Exception):
    """The incident has been taken back since the state was read."""


def documents(work: Work) -> Iterator[Document]:
    """Yield the pages in every language, and what other pages of the portal say of the state."""
    yield work.document(banner.PATH, f"{work.state.version}.{work.state.journal}", partial(_banner, work))
    older = _Older(work)
    for language in work.languages:
        site = _Site(work, language)
        yield from _home(site)
        yield from _history(site)
        yield from _components(site)
        yield from _incidents(site, older)


def _banner(work: Work) -> bytes:
    return json.dumps(banner.banner(work.state), ensure_ascii=False).encode()


class _Site:
    """The pages of one language."""

    def __init__(self, work: Work, language: str) -> None:
        self.work = work
        self.language = language
        self.prefix = "status/" if language == settings.LANGUAGE_CODE else f"status/{language}/"
        self.names = shown.Names(work.state)
        self.today = uptime.day_of(work.as_of)

    def document(self, path: str, source: str, render: Callable[[], bytes]) -> Document:
        """Return the page at ``path``, which is relative to the language's home."""
        return self.work.document(f"{self.prefix}{path}", f"{self.frame.digest}:{source}", render)

    def source(self, header: Header) -> str:
        """Return what an incident's page, and a line about it, are made of."""
        return self.names.source(header.id, header.version, header.components)

    @cached_property
    def frame(self) -> Frame:
        """What is around each page."""
        return self._frame(is_stale=False)

    @cached_property
    def stale_frame(self) -> Frame:
        """The same around a page that claims nothing."""
        return self._frame(is_stale=True)

    def _frame(self, *, is_stale: bool) -> Frame:
        with self.active():
            return Frame(f"/{self.prefix}", self.language, self._languages(), is_stale=is_stale)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Render in the site's language and the page's zone."""
        with translation.override(self.language), timezone.override(uptime.zone()):
            yield

    def render(
        self, template: str, path: str, context: Callable[[], Mapping[str, Any]], *, is_stale: bool = False
    ) -> bytes:
        """Return a page's bytes. ``path`` is its address, relative to the language's home."""
        frame = self.stale_frame if is_stale else self.frame
        with self.active():
            return frame.fill(template, context(), path=path)

    def _languages(self) -> Sequence[tuple[str, str]]:
        names = dict(settings.LANGUAGES)
        return [(code, str(names.get(code, code))) for code in self.work.languages] if len(names) > 1 else ()


def _home(site: _Site) -> Iterator[Document]:
    work = site.work
    # The only pages that show the as-of time; the second stands in once that is long ago.
    source = f"{work.state.version}.{work.state.journal}:{work.change}:{work.as_of.isoformat()}"
    for path, is_stale in (("index.html", False), ("index.stale.html", True)):
        yield site.document(path, source, partial(_render_home, site, is_stale=is_stale))


def _render_home(site: _Site, *, is_stale: bool) -> bytes:
    def context() -> Mapping[str, Any]:
        home = shown.home(site.work.state, site.work.as_of)
        return {
            "title": _("The state is not known") if is_stale else home.overall.description,
            "home": home,
            "as_of": site.work.as_of,
            "change": site.work.change,
            "is_stale": is_stale,
        }

    return site.render("status/index.html", "", context, is_stale=is_stale)


# --- History ------------------------------------------------------------------------------------------------------


def _history(site: _Site) -> Iterator[Document]:
    months: dict[str, list[Header]] = {}
    for header in site.work.state.headers:
        months.setdefault(header.month, []).append(header)
    order = sorted(months, reverse=True)
    # What is planned for a month to come is no history yet: the address without a month leads to this one.
    newest = next((month for month in order if month <= f"{site.today:%Y-%m}"), order[0] if order else "")
    for position, month in enumerate(order):
        newer = order[position - 1] if position else ""
        older = order[position + 1] if position + 1 < len(order) else ""
        source = fingerprint([site.source(header) for header in months[month]], newer, older)
        render = partial(_render_month, site, months[month], month, newer, older)
        addresses = ["history/", f"history/{month}/"] if month == newest else [f"history/{month}/"]
        for address in addresses:
            with suppress(NotAtHandError):
                yield site.document(f"{address}index.html", source, partial(render, path=address))
    if not order:
        yield site.document("history/index.html", "nothing", partial(_render_no_history, site))


def _render_month(site: _Site, headers: Sequence[Header], month: str, newer: str, older: str, *, path: str) -> bytes:
    def context() -> Mapping[str, Any]:
        found = site.work.incidents([header.id for header in headers])
        return {
            "title": date_format(_first_of(month), "F Y"),
            "month": _first_of(month),
            "newer": newer and {"month": newer, "day": _first_of(newer)},
            "older": older and {"month": older, "day": _first_of(older)},
            "incidents": [site.names.show(incident) for incident in found],
        }

    return site.render("status/history.html", path, context)


def _render_no_history(site: _Site) -> bytes:
    return site.render("status/history.html", "history/", lambda: {"title": _("History")})


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


# --- Components ---------------------------------------------------------------------------------------------------


def _components(site: _Site) -> Iterator[Document]:
    state = site.work.state
    touching: dict[str, list[IncidentState]] = {component.id: [] for component in state.components}
    for incident in state.incidents:
        for one in incident.affected:
            if one.component in touching:
                touching[one.component].append(incident)
    groups = {group.id: group.name for group in state.groups}
    for component in state.components:
        group = groups.get(component.group or "", "")
        source = fingerprint(
            component,
            group,
            site.names.region_of(component)[1],
            site.today,
            shown.percent(component, site.work.as_of),
            [
                site.names.source(incident.id, incident.version, [one.component for one in incident.affected])
                for incident in touching[component.id]
            ],
        )
        render = partial(_render_component, site, component, group, touching[component.id])
        yield site.document(f"components/{component.id}/index.html", source, render)


def _render_component(site: _Site, component: ComponentState, group: str, incidents: Sequence[IncidentState]) -> bytes:
    def context() -> Mapping[str, Any]:
        row = shown.row(component, site.names, site.work.as_of, with_bars=False)
        return {
            "title": f"{component.name} · {row.region.name}" if row.region else component.name,
            "row": row,
            "group": group,
            "bars": bars.draw(component, site.today, titles=True),
            "troubles": bars.troubles(component, site.today),
            "zone": settings.STATUS_TIME_ZONE,
            "incidents": [site.names.show(incident) for incident in incidents],
        }

    return site.render("status/component.html", f"components/{component.id}/", context)


# --- Incidents ----------------------------------------------------------------------------------------------------


class _Older:
    """Incidents that the state leaves out, read many at once: who needs one mostly needs its neighbours too."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.order = [header.id for header in work.state.headers]
        self.position = {pk: number for number, pk in enumerate(self.order)}
        self.recent = {incident.id: incident for incident in work.state.incidents}
        self.loaded: Mapping[str, IncidentState] = {}

    def get(self, pk: str) -> IncidentState:
        """Return an incident. Raises ``_VanishedError``."""
        if pk in self.recent:
            return self.recent[pk]
        if pk not in self.loaded:
            start = self.position[pk]
            ids = self.order[start : start + LOADED_AT_ONCE]
            self.loaded = {incident.id: incident for incident in self.work.incidents(ids)}
        if pk not in self.loaded:
            raise _VanishedError(pk)
        return self.loaded[pk]


def _incidents(site: _Site, older: _Older) -> Iterator[Document]:
    for header in site.work.state.headers:
        path = f"incidents/{header.id}/index.html"
        try:
            yield site.document(path, site.source(header), partial(_render_incident, site, older, header.id))
        except (_VanishedError, NotAtHandError):
            continue


def _render_incident(site: _Site, older: _Older, pk: str) -> bytes:
    def context() -> Mapping[str, Any]:
        incident = older.get(pk)
        return {"title": incident.name, "shown": site.names.show(incident)}

    return site.render("status/incident.html", f"incidents/{pk}/", context)
