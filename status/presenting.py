"""From what is frozen of an act to what its mail, webhook and chat message say: the same for all who share a language.

Nothing here depends on who reads: the ledger makes these words once for everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import markdown
from notifications.rendering import site
from status import links
from status.constants import ENDED, UNDER_WAY, Act, ComponentStatus, Kind, Stage
from status.models import Component, Incident, IncidentUpdate

# Worth a red edge in a mail.
_BAD = frozenset({ComponentStatus.PARTIAL, ComponentStatus.MAJOR})


@dataclass(frozen=True, slots=True)
class Plan:
    """When a maintenance is planned: aware times."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A component as a message names it. ``old`` is what it was, where the message says so."""

    component: Component
    name: str
    status: str
    old: str = ""

    @property
    def label(self) -> str:
        """Return the status in words."""
        return str(ComponentStatus(self.status).label)

    @property
    def old_label(self) -> str:
        """Return what it was, in words."""
        return str(ComponentStatus(self.old).label) if self.old else ""


def of_update(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates of incidents and maintenance show of an update, from what was frozen of it."""
    return shown_update(
        IncidentUpdate.objects.select_related("incident").get(pk=frozen["update"]),
        act=Act(frozen["act"]),
        told=told_of([(pk, "", found) for pk, found in dict(frozen["components"]).items()]),
        plan=_plan(frozen.get("plan")),
        was=_plan(frozen.get("was")),
        minutes=frozen.get("minutes", 0),
    )


def shown_update(
    update: IncidentUpdate,
    *,
    act: Act,
    told: Sequence[Told],
    plan: Plan | None = None,
    was: Plan | None = None,
    minutes: int = 0,
) -> dict[str, Any]:
    """Return the same from the rows themselves."""
    incident = update.incident
    shown = _common(
        act=act,
        kind=incident.kind,
        name=incident.name,
        status=update.status,
        body=update.body,
        body_html=update.body_html,
        told=told,
        plan=plan,
        was=was,
        minutes=minutes,
    )
    return {
        **shown,
        "incident": incident,
        "update": update,
        "url": links.absolute(f"incidents/{incident.public_id}/", translation.get_language() or ""),
    }


def of_draft(
    *,
    act: Act,
    kind: str,
    name: str,
    status: str,
    body: str,
    components: Mapping[int, str],
    plan: Plan | None,
    was: Plan | None,
) -> dict[str, Any]:
    """Return the same of what is not written yet; links lead to the status site's home."""
    home = links.absolute("", translation.get_language() or "")
    shown = _common(
        act=act,
        kind=kind,
        name=name,
        status=status,
        body=body,
        body_html=markdown.render(body),
        told=told_of([(pk, "", found) for pk, found in components.items()]),
        plan=plan,
        was=was,
        minutes=0,
    )
    return {
        **shown,
        **site(),
        "url": home,
        "unsubscribe_url": home,
        "preferences_url": home,
        "subject": name,
    }


def _common(
    *,
    act: Act,
    kind: str,
    name: str,
    status: str,
    body: str,
    body_html: str,
    told: Sequence[Told],
    plan: Plan | None,
    was: Plan | None,
    minutes: int,
) -> dict[str, Any]:
    # What a maintenance will do to components is nothing to tell before it does.
    is_ahead = kind == Kind.MAINTENANCE and status not in UNDER_WAY
    what = headline(act=act, status=status)
    return {
        "act": str(act),
        "kind": kind,
        "title": name,
        "what": what,
        "stage": status,
        "has_ended": status in ENDED,
        "body": body,
        "html": body_html,
        "told": list(told),
        "names": ", ".join(one.name for one in told),
        "shows_statuses": bool(told) and not is_ahead,
        "when": span(plan) if plan else "",
        "was": span(was) if was else "",
        "begins_in": duration(minutes) if minutes else "",
        "is_bad": not is_ahead and any(one.status in _BAD for one in told),
        "facts": _facts(told, is_ahead=is_ahead, plan=plan, was=was),
    }


def of_components(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates of component changes show."""
    told = told_of([(pk, old, new) for pk, old, new, _mark in frozen["changes"]])
    marks = [mark for _pk, _old, _new, mark in frozen["changes"]]
    return shown_components(told, mark=marks[0], at=frozen["at"])


def shown_components(told: Sequence[Told], *, mark: int, at: str) -> dict[str, Any]:
    """Return the same from the components themselves."""
    language = translation.get_language() or ""
    path = f"components/{told[0].component.public_id}/" if len(told) == 1 else ""
    return {
        "told": list(told),
        "mark": mark,
        "at": at,
        "only": told[0] if len(told) == 1 else None,
        "title": told[0].name if len(told) == 1 else _of_several(len(told)),
        "is_bad": any(one.status in _BAD for one in told),
        "url": links.absolute(path, language),
        "facts": [(one.name, f"{one.old_label} → {one.label}") for one in told],
    }


def _of_several(count: int) -> str:
    return ngettext("%(count)d component", "%(count)d components", count) % {"count": count}


def told_of(statuses: Sequence[tuple[int, str, str]]) -> list[Told]:
    """Return components by id, with what they were and are, as the page orders them; archived ones are named too."""
    found = {pk: (old, new) for pk, old, new in statuses}
    components = Component.objects.filter(pk__in=found).select_related("group", "region").in_order()
    return [Told(one, full_name(one), found[one.pk][1], found[one.pk][0]) for one in components]


def full_name(component: Component) -> str:
    """Return a component's name with its region: two regions have components of one name."""
    return f"{component.name} ({component.region.name})" if component.region else component.name


def headline(*, act: Act, status: str) -> str:
    """Return in a word or two what has happened: the beginning of a subject."""
    if act == Act.RESCHEDULED:
        return _("Rescheduled")
    if act == Act.REMINDED:
        return _("Reminder")
    return str(Stage(status).label)


def span(plan: Plan) -> str:
    """Return from when to when in the active zone, which it names: times without a zone are somebody else's times."""
    start, end = timezone.localtime(plan.start), timezone.localtime(plan.end)
    # One zone has two names in a year: the end may lie behind a change of clocks.
    begins, ends = zone_of(start), zone_of(end)
    if start.date() == end.date() and begins == ends:
        until = formats.time_format(end, "TIME_FORMAT")
    else:
        until = moment(end)
    first = moment(start) if begins == ends else f"{moment(start)} {begins}"
    return f"{first} – {until} {ends}"  # noqa: RUF001 - a range


def moment(at: datetime) -> str:
    """Return day and time in the active language and zone."""
    local = timezone.localtime(at)
    return formats.date_format(local, "DATETIME_FORMAT")


def zone_of(local: datetime) -> str:
    """Return the zone of a local time, by its short name and its own: CET (Europe/Berlin)."""
    name, short = timezone.get_current_timezone_name(), local.tzname() or ""
    # A zone without a short name of its own calls itself by its offset.
    short = f"UTC{short[:3]}:{short[3:] or '00'}" if short[:1] in {"+", "-"} else short
    return name if short == name else f"{short} ({name})"


def duration(minutes: int) -> str:
    """Return a length of time in its largest whole unit."""
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            if unit == "days":
                return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
            return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _facts(told: Sequence[Told], *, is_ahead: bool, plan: Plan | None, was: Plan | None) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if plan:
        facts.append((_("New time") if was else _("When"), span(plan)))
    if was:
        facts.append((_("Old time"), span(was)))
    if told and is_ahead:
        facts.append((_("Affected"), "\n".join(one.name for one in told)))
    elif told:
        facts += [(one.name, one.label) for one in told]
    return facts


def _plan(times: Sequence[str] | None) -> Plan | None:
    if not times or len(times) != 2 or not all(times):
        return None
    return Plan(datetime.fromisoformat(times[0]), datetime.fromisoformat(times[1]))


def incident_exists(frozen: Mapping[str, Any]) -> bool:
    """Say whether what an update told of is still public."""
    return Incident.objects.published().filter(updates=frozen["update"]).exists()
