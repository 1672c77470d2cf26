"""The verbs of components: what an operator says of one apart from any incident, and its going out of service."""

from django.db import transaction
from django.utils import timezone

from status import emails, history, publishing
from status.changes import By, check_components, record
from status.constants import Act
from status.models import Component, ComponentMark


@transaction.atomic
def set_status(*, by: By, public_id: str, status: str, deliver: bool = True) -> Component:
    """Set a component's own status and tell who follows components. The same status again changes nothing.

    What an open incident gives it still holds where that is worse. Raises ``Component.DoesNotExist``,
    ``StatusError``, ``PermissionDenied``.
    """
    by.require()
    publishing.lock()
    component = Component.objects.present().get(public_id=public_id)
    check_components({component.pk: status})
    newest = component.marks.last()
    if (newest.status if newest else "operational") == status:
        return component
    mark = ComponentMark.objects.create(component=component, status=status, actor=by.actor, origin=by.origin)
    changed = history.rebuild([component.pk], since=mark.at)
    record(Act.COMPONENT_SET, by=by, component=component, status=status, mark=mark.pk)
    component.refresh_from_db()
    # Also when an incident hides the mark for now: without the database nobody could tell what holds after it.
    publishing.changed()
    if component.pk in changed:
        old, new = changed[component.pk]
        if deliver:
            emails.tell_component(component, old=old, new=new, mark=mark, actor=by.actor)
    return component


@transaction.atomic
def archive(*, by: By, public_id: str) -> Component:
    """Take a component out of service: its history stays, the pages leave it out."""
    by.require()
    publishing.lock()
    component = Component.objects.get(public_id=public_id)
    if component.archived_at is None:
        component.archived_at = component.updated_at = timezone.now()
        component.save(update_fields=["archived_at", "updated_at"])
        record(Act.ARCHIVED, by=by, component=component)
        publishing.changed()
    return component


@transaction.atomic
def saved() -> None:
    """Publish after a component, group or region was edited in the administration."""
    publishing.lock()
    publishing.changed()
