"""Who did what on the status site, in sentences: for the audit trail, and for whoever was not as quick."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from status.constants import Act, Origin, Stage
from status.models import StatusEvent

_SENTENCES: Mapping[str, Promise] = {
    Act.DRAFTED: _l("{who} wrote the draft"),
    Act.DISCARDED: _l("{who} discarded the draft"),
    Act.BROUGHT_BACK: _l("{who} brought the draft back"),
    Act.OPENED: _l("{who} published it"),
    Act.UPDATED: _l("{who} posted an update: {status}"),
    Act.EDITED: _l("{who} edited it"),
    Act.UPDATE_EDITED: _l("{who} edited an update"),
    Act.BACKFILLED: _l("{who} entered it afterwards"),
    Act.SCHEDULED: _l("{who} scheduled it"),
    Act.RESCHEDULED: _l("{who} changed the plan"),
    Act.REMINDED: _l("{who} reminded subscribers"),
    Act.CANCELLED: _l("{who} cancelled it"),
    Act.COMPONENT_SET: _l("{who} set a component"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in words."""

    event: StatusEvent
    sentence: SafeString


def entries(events: Iterable[StatusEvent]) -> list[Entry]:
    """Return events in words. They need their actor."""
    return [Entry(event, _sentence(event)) for event in events]


def who(event: StatusEvent) -> str:
    """Return the person who acted, or what did where nobody is named."""
    if event.actor is not None:
        return str(event.actor)
    return _("The portal") if event.origin == Origin.OPERATOR else str(Origin(event.origin).label)


def _sentence(event: StatusEvent) -> SafeString:
    status = event.data.get("status", "")
    word = Stage(status).label if status in Stage.values else ""
    known = _SENTENCES.get(event.act, _l("{who}"))
    return format_html(str(known), who=format_html("<strong>{}</strong>", who(event)), status=word)
