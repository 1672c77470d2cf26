"""Alerts of Prometheus' Alertmanager become incidents: one for each of its groups, as long as the group fires.

Alertmanager posts a group's whole state again and again, and on a failure once more. So nothing depends on how often a
post comes: under the group's lock the state that is wanted is compared with what was done, and only the difference is.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User
from lib import label_matchers, markdown
from status import automation, incidents, policies
from status.alert_payload import Alert, Webhook
from status.automation import Ending
from status.changes import By, Said, greatest, lock_incident
from status.constants import NAME_MAX_LENGTH, ComponentStatus, Origin
from status.errors import StatusError
from status.incidents import NewIncident
from status.models import AlertGroup, AlertRule, Component, Incident, Opening, ReceivedAlert

logger = logging.getLogger(__name__)

Outcome = ReceivedAlert.Outcome
# A post that was overtaken by the group's end comes within this time. Later the same alert fires anew: Prometheus was
# away, say, and remembers when it began.
LATE = timedelta(minutes=2)
# An alert that claims to be older began, for our readers, when we first heard of it.
OLDEST_START = timedelta(days=1)
IGNORED_SHOWN, LABELS_SHOWN, VALUE_SHOWN = 20, 20, 100
_PLACE = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)\}")
# A place in an address that the rule's author wrote, such as that of a dashboard.
_IN_ADDRESS = re.compile(r"(?:\]\(|://)\S*\Z")
_MARKUP = str.maketrans(dict.fromkeys("[]<>*`|\\", ""))
_ENDINGS = {
    Ending.RESOLVED: Outcome.RESOLVED,
    Ending.DISCARDED: Outcome.DISCARDED,
    Ending.LEFT: Outcome.LEFT,
    Ending.OVER: Outcome.UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in force, ready to be asked."""

    row: AlertRule
    matchers: tuple[label_matchers.Matcher, ...]
    component_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the firing alerts ask for: ``matched`` in the order of the rules."""

    matched: Sequence[tuple[Rule, Alert]]
    statuses: Mapping[int, str]

    @property
    def impact(self) -> str:
        """Return the greatest of the rules."""
        return greatest(*(automation.impact(rule.row.impact, rule.row.status) for rule, _alert in self.matched))

    @property
    def is_public(self) -> bool:
        """Say whether a rule wants readers to be told at once."""
        return any(rule.row.opening == Opening.PUBLIC for rule, _alert in self.matched)

    @property
    def resolves(self) -> bool:
        """Say whether every rule lets the incident end by itself."""
        return all(rule.row.resolves for rule, _alert in self.matched)

    def started_at(self) -> datetime:
        """Return when the first of the alerts began."""
        now = timezone.now()
        starts = [alert.started_at for _rule, alert in self.matched]
        return min((start for start in starts if start and now - OLDEST_START < start <= now), default=now)


@transaction.atomic
def receive(*, webhook: Webhook, owner: User, token: ApiToken | None = None) -> ReceivedAlert:
    """Bring the group's incident to what the webhook says, and keep what became of it. Raises ``PermissionDenied``.

    It acts in the portal's name, as long as the token's ``owner`` may operate: so the owner is told like everybody.
    """
    policies.operate(owner).require()
    rules = rules_in_force()
    found = [(alert, first_match(rules, alert)) for alert in webhook.alerts]
    row = ReceivedAlert(
        token=token,
        group_key=webhook.group_key[:500],
        status=webhook.status,
        alert_count=len(webhook.alerts),
        ignored=[_shown(alert.labels) for alert, rule in found if rule is None][:IGNORED_SHOWN],
    )
    matched = [(rule, alert) for alert, rule in found if rule is not None]
    group = _lock_group(webhook, create=any(alert.is_firing for _rule, alert in matched))
    if group is None:
        row.outcome = Outcome.UNCHANGED if matched else Outcome.IGNORED
    else:
        _bring(group, webhook, matched, row)
    row.save()
    return row


def rules_in_force() -> list[Rule]:
    """Return the rules in their order; one that cannot be read any more is left out with an error in the log."""
    present = set(Component.objects.present().values_list("pk", flat=True))
    rules = []
    for row in AlertRule.objects.filter(is_active=True).prefetch_related("components"):
        try:
            matchers = label_matchers.parse(row.matchers)
        except label_matchers.BadMatcher:
            logger.exception("The alert rule %s cannot be read.", row.pk)
            continue
        rules.append(Rule(row, matchers, tuple(c.pk for c in row.components.all() if c.pk in present)))
    return rules


def first_match(rules: Sequence[Rule], alert: Alert) -> Rule | None:
    """Return the first rule that fits the alert."""
    return next((rule for rule in rules if label_matchers.matches(rule.matchers, alert.labels)), None)


def fill(template: str, labels: Mapping[str, str], *, is_markdown: bool = False) -> str:
    """Return ``template`` with each {label} replaced, on its line and without anything that would be markup.

    In Markdown what would become a link by itself, such as an address or the name of a host, is shown as code.
    """

    def value(place: re.Match[str]) -> str:
        # A second line could begin a heading or a list.
        shown = " ".join(labels.get(place[1], "")[:VALUE_SHOWN].translate(_MARKUP).split())
        # Readers would take a link for ours, and whoever names a host, or may send alerts, chooses where it leads.
        is_text = is_markdown and not _IN_ADDRESS.search(template, 0, place.start())
        return f"`{shown}`" if is_text and "<a " in markdown.render(shown) else shown

    return _PLACE.sub(value, template)


def _lock_group(webhook: Webhook, *, create: bool) -> AlertGroup | None:
    if create:
        AlertGroup.objects.get_or_create(digest=webhook.digest, defaults={"group_key": webhook.group_key[:500]})
    return (
        AlertGroup.objects.select_for_update(of=("self",))
        .select_related("incident")
        .filter(digest=webhook.digest)
        .first()
    )


def _bring(group: AlertGroup, webhook: Webhook, matched: Sequence[tuple[Rule, Alert]], row: ReceivedAlert) -> None:
    """Do what is to be done, and say in ``row`` what that was."""
    wanted = _wanted(group, webhook, matched)
    try:
        with transaction.atomic(), automation.public_language():
            row.outcome = _act(group, wanted, is_truncated=webhook.is_truncated)
    except StatusError as error:
        logger.warning("An alert of the group %s could not be carried out: %s", group.pk, error)
        row.outcome, row.note = Outcome.FAILED, str(error)[:300]
        group.refresh_from_db()
    else:
        firing = {alert.fingerprint: alert.started for _rule, alert in wanted.matched}
        group.alerts = firing or group.alerts
    group.updated_at = timezone.now()
    group.save()
    row.incident = group.incident


def _wanted(group: AlertGroup, webhook: Webhook, matched: Sequence[tuple[Rule, Alert]]) -> Wanted:
    over_lately = not group.is_firing and group.ended_at is not None and timezone.now() - group.ended_at < LATE
    firing = [
        (rule, alert)
        for rule, alert in matched
        if alert.is_firing and not (over_lately and group.alerts.get(alert.fingerprint) == alert.started)
    ]
    firing.sort(key=lambda pair: (pair[0].row.position, pair[0].row.pk))
    statuses: dict[int, str] = {}
    for rule, _alert in firing:
        statuses = automation.worst(statuses, dict.fromkeys(rule.component_ids, rule.row.status))
    if webhook.is_truncated and group.is_firing:
        # What was cut off may be what still fires.
        statuses = automation.worst(_by_id(group.statuses), statuses)
    return Wanted(firing, statuses)


def _act(group: AlertGroup, wanted: Wanted, *, is_truncated: bool) -> Outcome:
    if not wanted.matched:
        if not group.is_firing or is_truncated:
            return Outcome.UNCHANGED
        return _end(group)
    before = _by_id(group.statuses) if group.is_firing else {}
    incident = group.incident
    was_firing, group.is_firing, group.left_open_at = group.is_firing, True, None
    group.statuses, group.resolves = wanted.statuses, wanted.resolves
    if incident is None or (incident.has_ended and (not was_firing or automation.is_worse(wanted.statuses, before))):
        return _open(group, wanted)
    if incident.has_ended or (was_firing and wanted.statuses == before):
        # Who resolved it knows that it fires; only what is worse than that is news.
        return Outcome.UNCHANGED
    return _change(incident, wanted)


def _open(group: AlertGroup, wanted: Wanted) -> Outcome:
    group.episode += 1
    new = _new_incident(wanted, origin_key=f"alerts:{group.digest}:{group.episode}")
    group.incident = automation.open_incident(new, origin=Origin.ALERTS)
    return Outcome.OPENED if wanted.is_public else Outcome.DRAFTED


def _change(incident: Incident, wanted: Wanted) -> Outcome:
    by = By(origin=Origin.ALERTS)
    incident = lock_incident(incident.public_id, by=by)
    if incident.has_ended:
        return Outcome.UNCHANGED
    if automation.is_taken_over(incident, origin=Origin.ALERTS):
        return Outcome.LEFT
    if incident.is_draft:
        incidents.edit_draft(by=by, public_id=incident.public_id, new=_new_incident(wanted))
        if wanted.is_public:
            incidents.publish_draft(by=by, public_id=incident.public_id)
        return Outcome.OPENED if wanted.is_public else Outcome.DRAFTED
    held = dict(incident.affected.values_list("component", "status"))
    gives = {**dict.fromkeys(held, ComponentStatus.OPERATIONAL.value), **wanted.statuses}
    changes = {pk: status for pk, status in gives.items() if held.get(pk) != status}
    if not changes:
        return Outcome.UNCHANGED
    said = Said(incident.status, _changed_text(changes), changes)
    impact = greatest(incident.impact, wanted.impact)
    incidents.post_update(by=by, public_id=incident.public_id, said=said, impact=impact)
    return Outcome.UPDATED


def _end(group: AlertGroup) -> Outcome:
    now = timezone.now()
    group.is_firing, group.ended_at, group.statuses = False, now, {}
    if group.incident is None:
        return Outcome.UNCHANGED
    ending = Ending.LEFT
    if group.resolves or group.incident.has_ended:
        text = _("Our monitoring reports that this is over.")
        ending = automation.end_incident(group.incident, origin=Origin.ALERTS, body=text)
    if ending == Ending.LEFT:
        group.left_open_at = now
    return _ENDINGS[ending]


def _new_incident(wanted: Wanted, *, origin_key: str | None = None) -> NewIncident:
    rule, alert = wanted.matched[0]
    title = " ".join(fill(rule.row.title, alert.labels).split())[:NAME_MAX_LENGTH] or rule.row.name
    body = fill(rule.row.body, alert.labels, is_markdown=True).strip()
    return NewIncident(
        name=title,
        body=body or _("Our monitoring reports a problem. We are looking into it."),
        impact=wanted.impact,
        components=wanted.statuses,
        started_at=wanted.started_at(),
        publish=wanted.is_public,
        origin_key=origin_key,
    )


def _changed_text(changes: Mapping[int, str]) -> str:
    names = dict(Component.objects.filter(pk__in=changes).values_list("pk", "name"))
    lines = [f"- {names[pk]}: {ComponentStatus(status).label}" for pk, status in changes.items() if pk in names]
    return "\n".join([_("Our monitoring reports a change:"), "", *sorted(lines)])


def _by_id(stored: Mapping[str, str]) -> dict[int, str]:
    return {int(pk): status for pk, status in stored.items()}


def _shown(labels: Mapping[str, str]) -> dict[str, str]:
    return {name[:VALUE_SHOWN]: value[:VALUE_SHOWN] for name, value in list(labels.items())[:LABELS_SHOWN]}
