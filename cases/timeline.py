"""A case's events in words, for the customer's page and the desk."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from cases import hooks, numbers
from cases.constants import By, EventKind, Priority, Severity, Status
from cases.models import CaseAttachment, CaseEvent

Things = Mapping[str, Mapping[int, SafeString]]

_COMMENTS = frozenset({EventKind.COMMENTED, EventKind.NOTED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line or card of a timeline."""

    event: CaseEvent
    sentence: SafeString
    icon: str
    is_staff: bool
    attachments: Sequence[CaseAttachment] = field(default_factory=list)

    @property
    def is_comment(self) -> bool:
        """Say whether it is a card with text, rather than a line."""
        return self.event.kind in _COMMENTS


def entries(events: Iterable[CaseEvent]) -> list[Entry]:
    """Return ``events`` (read by ``EventQuerySet.timeline``) in words.

    At most one query for the people that they name, and one for each kind of thing of another app.
    """
    events = list(events)
    ids = {pk for event in events for key in ("from", "to", "user") if isinstance(pk := event.data.get(key), int)}
    # Who took a case has mostly written on it as well, and came with the events.
    people = {event.actor.pk: event.actor for event in events if event.actor is not None}
    if not ids <= people.keys():
        people |= User.objects.in_bulk(ids - people.keys())
    things = hooks.names(events)
    return [
        Entry(
            event=event,
            sentence=_sentence(event, people, things),
            icon=_icon(event),
            is_staff=event.data.get("by") == By.SUPPORT or event.kind == EventKind.NOTED,
            attachments=list(event.attachments.all()),
        )
        for event in events
    ]


def _sentence(event: CaseEvent, people: Mapping[int, User], things: Things) -> SafeString:
    who = _strong(event.actor or settings.PORTAL_NAME)
    key, words = _THINGS.get(EventKind(event.kind), ("", ""))
    name = things.get(key, {}).get(event.data.get(key) or 0)
    if name:
        return format_html(str(words), who=who, thing=name)
    special = _SPECIAL.get(EventKind(event.kind))
    if special is not None:
        return special(event, who, people)
    return format_html("{} {}", who, EventKind(event.kind).label)


def _strong(value: object) -> SafeString:
    return format_html("<strong>{}</strong>", value)


def _status(event: CaseEvent, who: SafeString, _people: Mapping[int, User]) -> SafeString:
    return format_html(
        _("{who} changed the status from {before} to {after}"),
        who=who,
        before=_strong(Status(event.data["from"]).label),
        after=_strong(Status(event.data["to"]).label),
    )


def _priority(event: CaseEvent, who: SafeString, _people: Mapping[int, User]) -> SafeString:
    return format_html(
        _("{who} changed the priority from {before} to {after}"),
        who=who,
        before=_strong(Priority(event.data["from"]).label),
        after=_strong(Priority(event.data["to"]).label),
    )


def _severity(event: CaseEvent, who: SafeString, _people: Mapping[int, User]) -> SafeString:
    return format_html(
        _("{who} changed the severity from {before} to {after}"),
        who=who,
        before=_strong(Severity(event.data["from"]).label),
        after=_strong(Severity(event.data["to"]).label),
    )


def _assigned(event: CaseEvent, who: SafeString, people: Mapping[int, User]) -> SafeString:
    owner = people.get(event.data.get("to") or 0)
    if owner is None:
        return format_html(_("{who} put the case back into the queue"), who=who)
    if owner.pk == event.actor_id:
        return format_html(_("{who} took the case"), who=who)
    return format_html(_("{who} gave the case to {owner}"), who=who, owner=_strong(owner))


_FIELD_NAMES: Mapping[str, str | Promise] = {
    "subject": _l("the subject"),
    "description": _l("the description"),
    "product": _l("the product"),
    "environment": _l("the environment"),
    "endpoints": _l("the endpoints"),
    "contact_phone": _l("the contact phone"),
}


def _edited(event: CaseEvent, who: SafeString, _people: Mapping[int, User]) -> SafeString:
    names = [str(_FIELD_NAMES.get(name, name)) for name in event.data.get("fields", ())]
    return format_html(_("{who} edited {what}"), who=who, what=get_text_list(names, _("and")) or _("the case"))


def _follower_added(event: CaseEvent, who: SafeString, people: Mapping[int, User]) -> SafeString:
    follower = people.get(event.data.get("user") or 0)
    if follower is None or follower.pk == event.actor_id:
        return format_html(_("{who} follows the case"), who=who)
    return format_html(_("{who} added {follower} as a follower"), who=who, follower=_strong(follower))


def _follower_removed(event: CaseEvent, who: SafeString, people: Mapping[int, User]) -> SafeString:
    follower = people.get(event.data.get("user") or 0)
    if follower is None or follower.pk == event.actor_id:
        return format_html(_("{who} no longer follows the case"), who=who)
    return format_html(_("{who} removed {follower} from the followers"), who=who, follower=_strong(follower))


def _alerted(event: CaseEvent, who: SafeString, people: Mapping[int, User]) -> SafeString:
    person = people.get(event.data.get("user") or 0)
    if event.data.get("failed"):
        sentence = format_html(_("{who} could not alert a step of the on-call list and goes on"), who=who)
    elif "fallback" in event.data:
        sentence = format_html(_("{who} alerted the support managers, as nobody is on call"), who=who)
    elif person is not None and event.data.get("webhook"):
        sentence = format_html(_("{who} alerted {person} and a webhook"), who=who, person=_strong(person))
    elif person is not None:
        sentence = format_html(_("{who} alerted {person}"), who=who, person=_strong(person))
    elif event.data.get("webhook"):
        sentence = format_html(_("{who} alerted a webhook of the on-call list"), who=who)
    else:
        sentence = format_html("{} {}", who, EventKind.ALERTED.label)
    lap = event.data.get("round")
    if isinstance(lap, int) and lap > 1:
        return format_html(_("{sentence} (round {round})"), sentence=sentence, round=lap)
    return sentence


def _followed_up(event: CaseEvent, who: SafeString, _people: Mapping[int, User]) -> SafeString:
    pk: Any = event.data.get("case")
    if not isinstance(pk, int):
        return format_html("{} {}", who, EventKind.FOLLOWED_UP.label)
    # Whoever may not see the other case learns its number only, and gets 404 behind the link.
    link = format_html_join("", '<a href="{}">{}</a>', [(reverse("cases:detail", args=[pk]), numbers.spell(pk))])
    return format_html(_("{who} continued this in {case}"), who=who, case=link)


# Of things of other apps: under which key their ids stand, and what is said of them.
_THINGS: Mapping[EventKind, tuple[str, str | Promise]] = {
    EventKind.INCIDENT_LINKED: ("incident", _l("{who} linked this case to {thing}")),
    EventKind.INCIDENT_UNLINKED: ("incident", _l("{who} ended this case's link to {thing}")),
}

_SPECIAL: Mapping[EventKind, Callable[[CaseEvent, SafeString, Mapping[int, User]], SafeString]] = {
    EventKind.STATUS_CHANGED: _status,
    EventKind.PRIORITY_CHANGED: _priority,
    EventKind.SEVERITY_CHANGED: _severity,
    EventKind.ASSIGNED: _assigned,
    EventKind.EDITED: _edited,
    EventKind.FOLLOWER_ADDED: _follower_added,
    EventKind.FOLLOWER_REMOVED: _follower_removed,
    EventKind.FOLLOWED_UP: _followed_up,
    EventKind.ALERTED: _alerted,
}

_ICONS: Mapping[EventKind, str] = {
    EventKind.OPENED: "plus",
    EventKind.COMMENTED: "reply",
    EventKind.NOTED: "note",
    EventKind.PRIORITY_CHANGED: "flag",
    EventKind.SEVERITY_CHANGED: "flag",
    EventKind.ASSIGNED: "user",
    EventKind.EDITED: "edit",
    EventKind.PRODUCTION_DOWN_RAISED: "siren",
    EventKind.PRODUCTION_DOWN_LOWERED: "check",
    EventKind.ALERTED: "bell",
    EventKind.ACKNOWLEDGED: "check-circle",
    EventKind.ESCALATED: "flag",
    EventKind.DEESCALATED: "flag",
    EventKind.VERIFICATION_CONFIRMED: "shield",
    EventKind.VERIFICATION_REFUSED: "shield",
    EventKind.FOLLOWER_ADDED: "users",
    EventKind.FOLLOWER_REMOVED: "users",
    EventKind.FOLLOWED_UP: "link",
    EventKind.MADE_OF_TOPIC: "community",
    EventKind.PUBLISHED: "globe",
    EventKind.INCIDENT_LINKED: "link",
    EventKind.INCIDENT_UNLINKED: "link",
}


def _icon(event: CaseEvent) -> str:
    if event.kind == EventKind.STATUS_CHANGED:
        return f"status-{event.data['to'].replace('_', '-')}"
    return _ICONS[EventKind(event.kind)]
