"""What the write API answers: rows as JSON, drafts included."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet

from status import links
from status.models import Component, Incident, IncidentComponent, IncidentUpdate
from status.snapshot.api import moment_or_none as moment


def joined(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Join what is shown of incidents: as many queries for one as for a hundred."""
    affected = IncidentComponent.objects.select_related("component").order_by("component_id")
    return incidents.prefetch_related(Prefetch("affected", affected), "updates")


def incident(row: Incident) -> dict[str, Any]:
    """Return an incident or a maintenance, newest update first."""
    shown = {
        "id": row.public_id,
        "name": row.name,
        "status": row.status,
        "impact": row.impact,
        "draft": row.is_draft,
        "origin": row.origin,
        "version": row.version,
        "started_at": moment(row.started_at),
        "monitoring_at": moment(row.monitoring_at),
        "resolved_at": moment(row.resolved_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "url": links.absolute(f"incidents/{row.public_id}/"),
        "components": [
            {"id": held.component.public_id, "name": held.component.name, "status": held.status}
            for held in row.affected.all()
        ],
        "updates": [update(said) for said in row.updates.all()],
    }
    if row.is_maintenance:
        shown |= {
            "scheduled_for": moment(row.scheduled_for),
            "scheduled_until": moment(row.scheduled_until),
            "starts_by_itself": row.starts_by_itself,
            "ends_by_itself": row.ends_by_itself,
            "reminders": row.reminders,
        }
    return shown


def update(row: IncidentUpdate) -> dict[str, Any]:
    """Return what was said once."""
    return {
        "id": row.public_id,
        "status": row.status,
        "body": row.body,
        "display_at": moment(row.display_at),
        "created_at": moment(row.created_at),
        "deliver_notifications": row.deliver_notifications,
    }


def component(row: Component) -> dict[str, Any]:
    """Return a component."""
    return {
        "id": row.public_id,
        "name": row.name,
        "status": row.status,
        "group_id": row.group.public_id if row.group else None,
        "region": row.region.slug if row.region else None,
        "updated_at": moment(row.updated_at),
    }


def fresh(public_id: str) -> dict[str, Any]:
    """Return an incident as it is in the database now."""
    return incident(joined(Incident.objects.filter(public_id=public_id)).get())


def page(name: str, rows: Iterable[Mapping[str, Any]], following: str) -> dict[str, Any]:
    """Return a list with the cursor of what follows."""
    return {name: list(rows), "next": following or None}
