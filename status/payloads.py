"""What programs are told: Statuspage's webhook, and the message of a Slack-compatible incoming webhook.

An incident is that of the read API, with what the webhook has besides. Sources:
https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/
https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone, translation

from lib.markdown import words_of
from status import collecting, links
from status.identifiers import id_from
from status.models import Component, Incident, IncidentUpdate
from status.overall import worst
from status.presenting import Told
from status.snapshot import api
from status.state import State

Json = dict[str, Any]

# Slack refuses a message that goes beyond them.
HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
# Mattermost calls a whole room by the words alone, where Slack needs its control characters.
_ROOM_CALL = re.compile(r"(?<![a-z0-9])@(?=(?:all|channel|everyone|here)(?![a-z0-9]))", re.IGNORECASE)


def incident_body(presented: Mapping[str, Any]) -> Json:
    """Return the webhook's body about an update of an incident or maintenance: as it was when that was said."""
    update: IncidentUpdate = presented["update"]
    incident: Incident = presented["incident"]
    affected = Component.objects.filter(pk__in=incident.affected.values("component")).select_related("group", "region")
    [found] = collecting.load([incident.public_id])
    listed = api.Listing(_state(*affected)).incident(found)
    earlier = [one for one in listed["incident_updates"] if one["created_at"] <= api.moment(update.created_at)]
    is_over = incident.resolved_at is not None and presented["has_ended"]
    return {
        **_head(presented),
        "incident": {
            **listed,
            "status": api.their_word(update.status),
            "resolved_at": listed["resolved_at"] if is_over else None,
            "incident_updates": earlier,
            "backfilled": incident.is_backfilled,
            "impact_override": None,
            "organization_id": api.page_id(),
            "postmortem_body": None,
            "postmortem_body_last_updated_at": None,
            "postmortem_ignored": False,
            "postmortem_notified_subscribers": False,
            "postmortem_notified_twitter": False,
            "postmortem_published_at": None,
            "scheduled_auto_transition": incident.is_maintenance and incident.starts_by_itself,
            "scheduled_for": api.moment_or_none(incident.scheduled_for),
            "scheduled_remind_prior": bool(incident.reminders),
            "scheduled_reminded_at": None,
            "scheduled_until": api.moment_or_none(incident.scheduled_until),
        },
    }


def component_body(presented: Mapping[str, Any]) -> Json:
    """Return the webhook's body about one component that was set."""
    told: Told = presented["told"][0]
    listing = api.Listing(_state(told.component))
    return {
        **_head(presented),
        "component_update": {
            "created_at": api.moment(datetime.fromisoformat(presented["at"])),
            "new_status": told.status,
            "old_status": told.old,
            "id": id_from(f"component-mark:{presented['mark']}"),
            "component_id": told.component.public_id,
        },
        "component": {**listing.component(collecting.component_state(told.component)), "status": told.status},
    }


def _head(presented: Mapping[str, Any]) -> Json:
    statuses = list(Component.objects.present().values_list("status", flat=True))
    said = worst(statuses, list(Incident.objects.published().unresolved()))
    with translation.override("en"):
        description = str(said.description)
    return {
        "meta": {
            "unsubscribe": presented["unsubscribe_url"],
            "documentation": links.absolute("subscribe/"),
            "generated_at": api.moment(timezone.now()),
        },
        "page": {"id": api.page_id(), "status_indicator": str(said.indicator), "status_description": description},
    }


def _state(*components: Component) -> State:
    states = tuple(collecting.component_state(component) for component in components)
    return State(version=0, journal=0, changed_at=timezone.now(), components=states)


def chat_message(presented: Mapping[str, Any]) -> Json:
    """Return the message about an update, for a chat room."""
    title = f"{presented['what']}: {presented['title']}"
    parts = [_escaped(words_of(presented["body"]))]
    if presented["when"]:
        parts.append(_escaped(presented["when"]))
    if presented["shows_statuses"]:
        parts.append("\n".join(f"{_escaped(one.name)}: *{_escaped(one.label)}*" for one in presented["told"]))
    elif presented["names"]:
        parts.append(_escaped(presented["names"]))
    return _message(title, parts, url=presented["url"])


def chat_components(presented: Mapping[str, Any]) -> Json:
    """Return the message about components that were set, for a chat room."""
    lines = [f"{_escaped(one.name)}: {_escaped(one.old_label)} → *{_escaped(one.label)}*" for one in presented["told"]]
    return _message(presented["title"], ["\n".join(lines)], url=presented["url"])


def _message(title: str, parts: list[str], *, url: str) -> Json:
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": _cut(part)}} for part in parts if part]
    link = {"type": "section", "text": {"type": "mrkdwn", "text": f"<{url}>"}}
    header = {
        "type": "header",
        "text": {"type": "plain_text", "text": _cut(_uncalled(title), HEADER_LIMIT), "emoji": False},
    }
    return {"text": _cut(f"{_escaped(title)} {url}"), "blocks": [header, *sections, link]}


def _escaped(text: str) -> str:
    """Return text in which nothing is a mention or a link: Slack's three control characters are written out."""
    return _uncalled(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _uncalled(text: str) -> str:
    return _ROOM_CALL.sub("@\N{ZERO WIDTH SPACE}", text)


def _cut(text: str, limit: int = SECTION_LIMIT) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
