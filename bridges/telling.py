"""Telling the people of linked cases what is new of their incident.

Whoever is on such a case hears of each update in the notification centre. By mail they hear once, when it is over, and
only if they are no subscribers whom the status site mails about it anyway: nobody gets two mails for one act.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from bridges.models import CaseIncident
from cases.emails import CATEGORY
from cases.models import CaseFollower
from notifications.kinds import Kind, Recipient, Sample
from notifications.ledger import post_to_audience
from notifications.models import Channel
from notifications.rendering import absolute
from status import audiences, samples
from status.constants import Act, Stage, Way
from status.models import IncidentUpdate

AUDIENCE = "bridges.linked_cases"
CASES_NAMED = 3


def tell(update: IncidentUpdate, act: Act, actor: User | None) -> None:
    """Write the ledger's rows of an update, in its transaction. Telling twice is telling once.

    An update that its author keeps from subscribers is kept from these people as well; its case shows it all the same.
    """
    incident = update.incident
    if not update.deliver_notifications or not CaseIncident.objects.filter(incident=incident).open().exists():
        return
    _post(update, act, actor, channel=Channel.SITE, criteria={"incident": incident.pk})
    if incident.resolved_at == update.display_at:
        affected = list(incident.affected.values_list("component_id", flat=True))
        changed = list(update.effects.values_list("component_id", flat=True))
        told = audiences.criteria(kind=incident.kind, component_ids=affected, changed_ids=changed)
        _post(update, act, actor, channel=Channel.MAIL, criteria={"incident": incident.pk, "but_not": told})


def _post(
    update: IncidentUpdate, act: Act, actor: User | None, *, channel: Channel, criteria: Mapping[str, Any]
) -> None:
    post_to_audience(
        kind=KIND.name,
        event=f"case-incident:{update.pk}:{channel}",
        audience=AUDIENCE,
        criteria=criteria,
        context={
            "incident": update.incident_id,
            "public_id": update.incident.public_id,
            "update": update.pk,
            "act": str(act),
        },
        channel=channel,
        actor=actor,
        thread=f"case-incident:{update.incident_id}",
    )


def people(criteria: Mapping[str, Any]) -> "QuerySet[User, tuple[int, str]]":
    """Return who is on an open case of an incident: contacts and followers; compiled by the ledger, never loaded.

    ``but_not`` is what the status site's subscribers were told of: those who get its mail get no other.
    """
    rows = CaseIncident.objects.filter(incident=criteria["incident"]).open()
    on_case = Q(pk__in=rows.filter(case__contact__ended_at=None).values("case__contact__user"))
    on_case |= Q(pk__in=CaseFollower.objects.filter(case__in=rows.values("case")).values("user"))
    found = User.objects.filter(on_case, is_active=True)
    if "but_not" in criteria:
        mailed = audiences.matching(criteria["but_not"]).filter(way=Way.MAIL)
        found = found.filter(~Exists(mailed.filter(Q(user=OuterRef("pk")) | Q(address=Lower(OuterRef("email"))))))
    return found.values_list("pk", "email")


def _rows(user: User, context: Mapping[str, Any]) -> "QuerySet[CaseIncident]":
    """Return the links that make the update this person's news, as long as they may see the case."""
    theirs = Q(case__contact__user=user) | Q(case__followers__user=user)
    links = CaseIncident.objects.visible_to(user).open().filter(theirs, incident=context["incident"])
    return links.select_related("case").order_by("-case_id").distinct()


def _may_receive(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    user = recipient.user
    return user is not None and user.is_active and _rows(user, context).exists()


def _present(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    rows = list(_rows(recipient.user, context)[: CASES_NAMED + 1]) if recipient.user else []
    numbers = [row.case.number for row in rows[:CASES_NAMED]]
    return _shown(
        IncidentUpdate.objects.select_related("incident").get(pk=context["update"]),
        act=context["act"],
        cases=", ".join(numbers) + (" …" if len(rows) > CASES_NAMED else ""),
    )


def _shown(update: IncidentUpdate, *, act: str, cases: str) -> dict[str, Any]:
    return {
        "incident": update.incident,
        "update": update,
        "author": "",
        "html": update.body_html,
        "status_label": _("Rescheduled") if act == Act.RESCHEDULED else str(Stage(update.status).label),
        "cases": cases,
    }


def _sample() -> dict[str, Any]:
    shown = _shown(samples.update(Stage.RESOLVED), act=Act.UPDATED, cases="CS-004217, CS-004221")
    return {**shown, "url": absolute(_url({"public_id": shown["incident"].public_id}))}


def _summary(shown: Mapping[str, Any]) -> str:
    named = {"status": shown["status_label"], "incident": shown["incident"].name, "cases": shown["cases"]}
    # A case that was closed since is named nowhere.
    return (_("%(status)s: %(incident)s (%(cases)s)") if shown["cases"] else _("%(status)s: %(incident)s")) % named


def _url(context: Mapping[str, Any]) -> str:
    return reverse("bridges:cases_of_incident", args=[context["public_id"]])


KIND = Kind(
    name="bridges.incident_update",
    label=_l("Incident of a case"),
    category=CATEGORY,
    may_receive=_may_receive,
    present=_present,
    summary=_summary,
    url=_url,
    samples=(Sample(_sample),),
)
