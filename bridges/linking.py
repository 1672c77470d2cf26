"""A case and the incident that it is about: linked as it is filed, or by the support team, and parted again."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from bridges import policies
from bridges.errors import BridgeError
from bridges.models import CaseIncident
from bridges.querysets import linkable
from cases import changes as case_changes
from cases.constants import EventKind
from cases.models import Case
from status.models import Incident


@transaction.atomic
def link(*, case_id: int, public_id: str, actor: User) -> bool:
    """Link a case to an incident. Says whether anything changed.

    Raises ``BridgeError`` for an incident that is not on offer (any more), ``PermissionDenied``, ``Case.DoesNotExist``.
    """
    case = case_changes.lock(case_id=case_id, user=actor)
    policies.link_incident(actor).require()
    incident = linkable().filter(public_id=public_id).first()
    if incident is None:
        raise BridgeError(_("This incident cannot be linked any more. Choose another."))
    return join(case, incident, actor=actor)


@transaction.atomic
def unlink(*, case_id: int, public_id: str, actor: User) -> bool:
    """End the link between a case and an incident. Says whether there was one.

    Raises ``PermissionDenied``, ``Case.DoesNotExist``.
    """
    case = case_changes.lock(case_id=case_id, user=actor)
    policies.link_incident(actor).require()
    row = CaseIncident.objects.filter(case=case, incident__public_id=public_id).first()
    if row is None:
        return False
    row.delete()
    case_changes.record(case, EventKind.INCIDENT_UNLINKED, actor=actor, data={"incident": row.incident_id})
    return True


def join(case: Case, incident: Incident, *, actor: User) -> bool:
    """Write the link and its event, of a case that the caller has locked or has just made. Says whether it is new."""
    _row, created = CaseIncident.objects.get_or_create(case=case, incident=incident, defaults={"linked_by": actor})
    if created:
        case_changes.record(case, EventKind.INCIDENT_LINKED, actor=actor, data={"incident": incident.pk})
    return created
