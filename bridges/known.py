"""What is known of a product before somebody files a case about it: incidents, and maintenance under way or soon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Product, User
from bridges import linking
from bridges.querysets import known_of, linkable
from cases import production_down
from cases.hooks import CasePanel, FilingExtra
from cases.models import Case
from cases.models.case import SUBJECT_MAX_LENGTH
from lib.markdown import excerpt
from status import links
from status.identifiers import is_public_id
from status.models import Component, Incident, IncidentUpdate

# The name of the form's field.
FIELD = "incident"
# A page with more on it would keep people from filing.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Known:
    """An incident with what is newest of it, the product's components it affects, and a case's words about it."""

    incident: Incident
    update: IncidentUpdate | None
    components: Sequence[str]
    is_chosen: bool
    subject: str
    description: str


def panel(_user: User, product: Product, sent: Mapping[str, Any]) -> CasePanel | None:
    """Return what stands on Create Case below ``product``: three queries, one when nothing goes on."""
    incidents = list(known_of(product)[:SHOWN])
    if not incidents:
        return None
    updates = IncidentUpdate.objects.filter(incident__in=incidents).order_by("incident_id", "-display_at", "-id")
    newest = {update.incident_id: update for update in updates.distinct("incident_id")}
    affected: dict[int, list[str]] = {}
    components = Component.objects.present().filter(products=product, incidents__in=incidents).in_order()
    for incident_id, name in components.values_list("incidents", "name"):
        affected.setdefault(incident_id, []).append(name)
    chosen = _chosen(sent)
    known = [
        Known(
            incident,
            newest.get(incident.pk),
            affected.get(incident.pk, ()),
            incident.public_id == chosen,
            **_texts(incident),
        )
        for incident in incidents
    ]
    context = {"known": known, "product": product, "field": FIELD, "is_any_chosen": any(one.is_chosen for one in known)}
    return CasePanel("bridges/_known.html", context)


def texts(_user: User, product: Product, sent: Mapping[str, Any]) -> Mapping[str, str]:
    """Return subject and description of a case about the incident that was chosen."""
    incident = _incident(product, sent)
    return _texts(incident) if incident else {}


def filed(case: Case, actor: User, sent: Mapping[str, Any]) -> None:
    """Link a new case to the incident that its author chose, whether or not that has ended since."""
    incident = _incident(case.product, sent)
    if incident is not None:
        linking.join(case, incident, actor=actor)


EXTRA = FilingExtra(panel=panel, texts=texts, filed=filed)


def _chosen(sent: Mapping[str, Any]) -> str:
    value = sent.get(FIELD, "")
    return value if isinstance(value, str) and is_public_id(value) else ""


def _incident(product: Product, sent: Mapping[str, Any]) -> Incident | None:
    chosen = _chosen(sent)
    # Of another product it was chosen before that was changed: it does not fit any more.
    return linkable().concerning(product).filter(public_id=chosen).first() if chosen else None


def _texts(incident: Incident) -> dict[str, str]:
    subject = excerpt(incident.name, SUBJECT_MAX_LENGTH)
    where = links.absolute(f"incidents/{incident.public_id}/", get_language() or "")
    return {
        # Nobody wakes the on-call engineers with words that are not their own.
        "subject": "" if production_down.matches(subject) else subject,
        "description": _("This affects us: %(title)s (%(url)s)") % {"title": incident.name, "url": where},
    }
