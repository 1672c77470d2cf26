"""Playing the year of the status site through the acts that operators use, each at its own time."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Product, User
from portal.demo import FOLDER, clock, post_office
from status import incidents, maintenance, uptime
from status.changes import By, Said
from status.constants import Stage
from status.incidents import NewIncident
from status.maintenance import NewMaintenance, Plan
from status.models import Component, ComponentGroup, IncidentTemplate, Region, Subscriber

IN_SERVICE_SINCE = timedelta(days=700)
ANNOUNCED_BEFORE = timedelta(days=7)

Acts = list[tuple[datetime, int, Callable[[], object]]]


def perform(operator: User, *, readers: Sequence[User] = ()) -> None:
    """Make the components and play their year, all of it interleaved as it happened. ``readers`` have subscribed."""
    script = tomllib.loads((FOLDER / "status.toml").read_text("utf-8"))
    now = timezone.now()
    with clock.at(now - IN_SERVICE_SINCE):
        components = _make_components(script)
        _subscribe(readers)
    _make_templates(script, components)
    by = By(actor=User.objects.get(pk=operator.pk))
    acts: Acts = []
    for entry in script["incident"]:
        _Incident(entry, components, by, now).plan(acts)
    for entry in script["maintenance"]:
        _Maintenance(entry, components, by, now).plan(acts)
    for moment, _number, act in sorted(acts, key=lambda entry: entry[:2]):
        with clock.at(moment):
            act()
            post_office.send_all()
    uptime.roll_up(everything=True)


class _Incident:
    def __init__(self, entry: Mapping[str, Any], components: Mapping[str, Component], by: By, now: datetime) -> None:
        self.entry, self.components, self.by = entry, components, by
        self.start = _start(entry, now)
        self.public_id = ""

    def plan(self, acts: Acts) -> None:
        acts.append((self.start, len(acts), self.open))
        for minutes, status, text, statuses in self.entry["updates"]:
            said = Said(status, text, _by_id(self.components, statuses))
            acts.append((self.start + timedelta(minutes=minutes), len(acts), _bound(self.say, said)))

    def open(self) -> None:
        entry = self.entry
        new = NewIncident(
            name=entry["name"], body=entry["text"], components=_by_id(self.components, entry["components"])
        )
        self.public_id = incidents.open_incident(by=self.by, new=new).public_id

    def say(self, said: Said) -> None:
        incidents.post_update(by=self.by, public_id=self.public_id, said=said)


class _Maintenance:
    def __init__(self, entry: Mapping[str, Any], components: Mapping[str, Component], by: By, now: datetime) -> None:
        self.entry, self.components, self.by, self.now = entry, components, by, now
        self.start = _start(entry, now)
        self.end = self.start + timedelta(hours=entry["hours"])
        self.public_id = ""

    def plan(self, acts: Acts) -> None:
        announced = min(self.start - ANNOUNCED_BEFORE, self.now - timedelta(days=2))
        acts.append((announced, len(acts), self.schedule))
        if "moved_from" in self.entry:
            acts.append((self.now - timedelta(days=1), len(acts), self.move))
        if "cancelled" in self.entry:
            acts.append((self.start - timedelta(days=1), len(acts), self.cancel))
            return
        if self.start <= self.now:
            begun = Said(Stage.IN_PROGRESS, self.entry.get("started", "The maintenance has begun."), {})
            acts.append((self.start, len(acts), _bound(self.say, begun)))
        if self.end <= self.now:
            done = Said(Stage.COMPLETED, "The maintenance is completed.", {})
            acts.append((self.end, len(acts), _bound(self.say, done)))

    def schedule(self) -> None:
        entry = self.entry
        start = self.now + timedelta(days=entry["moved_from"]) if "moved_from" in entry else self.start
        plan = Plan(start=start, end=start + timedelta(hours=entry["hours"]))
        affected = [self.components[key].pk for key in entry["components"]]
        new = NewMaintenance(entry["name"], entry["text"], plan, affected)
        self.public_id = maintenance.schedule(by=self.by, new=new).public_id

    def move(self) -> None:
        plan = Plan(start=self.start, end=self.end)
        maintenance.reschedule(by=self.by, public_id=self.public_id, plan=plan, body=self.entry["moved_text"])

    def cancel(self) -> None:
        maintenance.cancel(by=self.by, public_id=self.public_id, body=self.entry["cancelled"])

    def say(self, said: Said) -> None:
        incidents.post_update(by=self.by, public_id=self.public_id, said=said)


def _start(entry: Mapping[str, Any], now: datetime) -> datetime:
    days = entry["ago"] if "ago" in entry else -entry["ahead"]
    moment: datetime = now - timedelta(days=days)
    if "at" in entry:
        return datetime.combine(moment.date(), time.fromisoformat(entry["at"]), tzinfo=now.tzinfo)
    return moment.replace(minute=0, second=0, microsecond=0) if "ahead" in entry else moment


def _bound(act: Callable[[Said], None], said: Said) -> Callable[[], None]:
    return lambda: act(said)


def _by_id(components: Mapping[str, Component], statuses: Mapping[str, str]) -> dict[int, str]:
    return {components[key].pk: status for key, status in statuses.items()}


def _make_components(script: Mapping[str, Any]) -> dict[str, Component]:
    regions = {
        slug: Region.objects.create(slug=slug, name=name, position=position)
        for position, (slug, name) in enumerate(script["regions"])
    }
    products = {product.code: product for product in Product.objects.all()}
    made: dict[str, Component] = {}
    for number, group in enumerate(script["group"]):
        row = ComponentGroup.objects.create(name=group["name"], description=group["description"], position=number)
        for position, entry in enumerate(group["components"]):
            component = Component.objects.create(
                name=entry["name"],
                description=entry["about"],
                group=row,
                region=regions.get(entry.get("region", "")),
                position=position,
            )
            component.products.set([products[code] for code in entry.get("products", ())])
            made[entry["key"]] = component
    return made


def _subscribe(readers: Sequence[User]) -> None:
    for reader in readers:
        Subscriber.objects.create(
            address=reader.email,
            owner_email=reader.email,
            user=reader,
            language=reader.language,
            time_zone=reader.zone.key,
            confirmed_at=timezone.now(),
        )


def _make_templates(script: Mapping[str, Any], components: Mapping[str, Component]) -> None:
    for entry in script["template"]:
        template = IncidentTemplate.objects.create(
            name=entry["name"],
            title=entry["title"],
            body=entry["body"],
            component_status=entry["component_status"],
        )
        template.components.set([components[key] for key in entry["components"]])
