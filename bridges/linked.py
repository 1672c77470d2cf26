"""What a case shows of its incidents, and the console's page of an incident of its cases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from bridges import policies
from bridges.models import CaseIncident
from cases import policies as cases_policies
from cases.hooks import CasePanel
from cases.models import Case
from status import links
from status.hooks import Panel
from status.models import Incident, IncidentUpdate

# Of all of a case's incidents together; the rest is behind the link to each one's page.
UPDATES_SHOWN = 100
CASES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Linked:
    """An incident of a case, and what was said of it, newest first."""

    incident: Incident
    updates: Sequence[IncidentUpdate]

    @property
    def newest(self) -> IncidentUpdate | None:
        """Return what was said last."""
        return self.updates[0] if self.updates else None

    @property
    def earlier(self) -> Sequence[IncidentUpdate]:
        """Return what was said before that."""
        return self.updates[1:]


def linked_to(case: Case) -> list[Linked]:
    """Return the incidents of ``case``, the one that was linked last first: two queries, one when there is none."""
    incidents = [row.incident for row in CaseIncident.objects.filter(case=case).select_related("incident")][::-1]
    if not incidents:
        return []
    updates: dict[int, list[IncidentUpdate]] = {incident.pk: [] for incident in incidents}
    for update in IncidentUpdate.objects.filter(incident__in=incidents)[:UPDATES_SHOWN]:
        updates[update.incident_id].append(update)
    return [Linked(incident, updates[incident.pk]) for incident in incidents]


def customer_panel(_user: User, case: Case) -> CasePanel | None:
    """Show the incidents of a case to whoever may see the case."""
    linked = linked_to(case)
    return CasePanel("bridges/_case_incidents.html", {"linked": linked}) if linked else None


def desk_panel(user: User, case: Case) -> CasePanel | None:
    """Show the incidents of a case at the desk, with the way to link and unlink."""
    if not policies.link_incident(user):
        return None
    context = {
        "linked": linked_to(case),
        "link_url": reverse("bridges:link_incident", args=[case.pk]),
        "unlink_url": reverse("bridges:unlink_incident", args=[case.pk]),
    }
    return CasePanel("bridges/_desk_incidents.html", context)


def console_panel(user: User, incident: Incident) -> Panel | None:
    """Say how many open cases an incident has; which ones is shown to who works the desk. Two queries at most."""
    if incident.is_draft:
        return None
    rows = CaseIncident.objects.filter(incident=incident).open()
    context = {
        "count": rows.count(),
        "cases": [],
        "url": reverse("bridges:cases_of_incident", args=[incident.public_id]),
    }
    if context["count"] and cases_policies.work_desk(user):
        shown = rows.visible_to(user).select_related("case__account").order_by("-case_id")[:CASES_SHOWN]
        context["cases"] = [row.case for row in shown]
    return Panel("bridges/_console_cases.html", context)


def names(ids: Collection[int]) -> Mapping[int, SafeString]:
    """Return what a timeline calls these incidents, each linked to its public page."""
    found = Incident.objects.published().filter(pk__in=ids).only("public_id", "kind", "name")
    return {incident.pk: _name(incident) for incident in found}


def _name(incident: Incident) -> SafeString:
    words = _("the maintenance {name}") if incident.is_maintenance else _("the incident {name}")
    url = links.page(f"incidents/{incident.public_id}/", get_language() or "")
    return format_html(words, name=format_html('<a href="{}">{}</a>', url, incident.name))
