"""The audit trail in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Invitation

# Acts whose sentence needs a name, though it be the actor's own.
_NAMES_ALWAYS = frozenset({AuditEvent.Act.API_TOKEN_CREATED, AuditEvent.Act.API_TOKEN_REVOKED})


@dataclass(frozen=True, slots=True)
class Line:
    """One act: when, who (empty: the portal itself), and what they did to whom."""

    when: datetime
    who: str
    what: str


def lines(events: Iterable[AuditEvent]) -> Sequence[Line]:
    """Return ``events`` (with names joined) as lines; one query for the invitations among them."""
    events = list(events)
    invited = [event.data["invitation"] for event in events if "invitation" in event.data]
    addresses = dict(Invitation.objects.filter(pk__in=invited).values_list("pk", "email"))
    return [line(event, invited=addresses.get(event.data.get("invitation"), "")) for event in events]


def line(event: AuditEvent, *, invited: str) -> Line:
    """Return ``event`` as a line; ``invited`` is the address of the invitation it is about, if any."""
    whom = ""
    if event.subject is not None and (event.subject_id != event.actor_id or event.act in _NAMES_ALWAYS):
        whom = event.subject.display_name
    elif "invitation" in event.data and event.act != AuditEvent.Act.INVITATION_ACCEPTED:
        whom = invited
    what = " ".join(part for part in (event.get_act_display(), whom, _details(event)) if part)
    return Line(event.created_at, event.actor.display_name if event.actor else "", what)


def _details(event: AuditEvent) -> str:
    data = event.data
    if event.act == AuditEvent.Act.CONTACTS_IMPORTED:
        return _("(%(imported)d imported, %(refused)d refused)") % {
            "imported": data.get("imported", 0),
            "refused": data.get("refused", 0),
        }
    if event.act == AuditEvent.Act.INVITED:
        powers = [
            *([_("authorized contact")] if data.get("authorized") else []),
            *([_("account admin")] if data.get("admin") else []),
        ]
        return _("as %(powers)s") % {"powers": ", ".join(powers)} if powers else ""
    if event.act in _NAMES_ALWAYS:
        return "(" + ", ".join([f"{data.get('prefix', '')}…", *data.get("scopes", [])]) + ")"
    if event.act in (AuditEvent.Act.ACCOUNT_CHANGED, AuditEvent.Act.ROLES_CHANGED):
        return "(" + (", ".join(data.get("fields", data.get("roles", []))) or _("none")) + ")"
    return ""
