"""Probes: the portal asks whether components answer, and may open an incident when one does not.

A probe is claimed for its next turn with a short statement, asked outside any transaction, and its result recorded only
if the claim still holds. So beat may be started twice, and a worker may be killed: each turn is one question at most.

Thresholds count answers in a row, in both directions: one lost packet is no outage, and one good answer no recovery.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lib import probing
from lib.probing import Result
from lib.tokens import new_token
from status import automation
from status.automation import Ending
from status.constants import ComponentStatus, Origin
from status.errors import StatusError
from status.incidents import NewIncident
from status.models import Opening, Probe

logger = logging.getLogger(__name__)

BATCH = 40
THREADS = 20
State = Probe.State
# What a result writes; the rest is the administrators'.
_FOUND = (
    "claim", "state", "failures", "successes", "checked_at", "reason", "http_status", "milliseconds",
    "changed_at", "episode", "incident", "left_open_at",
)  # fmt: skip


def run_due() -> int:
    """Ask what is due. Returns how many results were recorded. Safe to run several times at once."""
    recorded = 0
    while probes := take():
        for probe, result in _ask_all(probes):
            try:
                recorded += record(probe_id=probe.pk, claim=probe.claim, result=result)
            except Exception:  # one probe's trouble must not keep the others from being recorded
                logger.exception("The result of probe %s could not be recorded.", probe.pk)
        if len(probes) < BATCH:
            break
    return recorded


@transaction.atomic
def take(limit: int = BATCH) -> list[Probe]:
    """Claim up to ``limit`` due probes, none that another worker is claiming, and set each its next turn."""
    now = timezone.now()
    due = Probe.objects.filter(is_active=True, component__archived_at=None, next_at__lte=now).order_by("next_at", "id")
    probes = list(due.select_for_update(of=("self",), skip_locked=True)[:limit])
    for probe in probes:
        interval = timedelta(seconds=probe.interval)
        probe.claim = new_token()
        # In step with its own past; after a pause it does not catch up on what was missed.
        probe.next_at = probe.next_at + interval if probe.next_at + interval > now else now + interval
    Probe.objects.bulk_update(probes, ["claim", "next_at"])
    return probes


def ask(probe: Probe) -> Result:
    """Ask once. Never raises; ``probe.timeout`` bounds it."""
    if probe.way == Probe.Way.TCP:
        return probing.probe_tcp(probe.target, seconds=probe.timeout)
    redirects = probing.REDIRECTS_LIMIT if probe.follows_redirects else 0
    return probing.probe_http(
        probe.target, seconds=probe.timeout, expected=probe.expected_statuses, redirects=redirects
    )


@transaction.atomic
def record(*, probe_id: int, claim: str, result: Result) -> bool:
    """Record a result, and open or end the probe's incident at a threshold. Returns whether the claim still held."""
    rows = Probe.objects.select_for_update(of=("self",)).select_related("component", "incident")
    probe = rows.filter(pk=probe_id, claim=claim, is_active=True).first()
    if probe is None or not claim:
        return False
    probe.claim = ""
    probe.checked_at = timezone.now()
    probe.reason, probe.http_status, probe.milliseconds = result.reason, result.status, result.milliseconds
    probe.successes = probe.successes + 1 if result.ok else 0
    probe.failures = 0 if result.ok else probe.failures + 1
    if result.ok:
        _good(probe)
    else:
        _bad(probe)
    probe.save(update_fields=_FOUND)
    return True


def _ask_all(probes: Sequence[Probe]) -> Iterator[tuple[Probe, Result]]:
    """Ask at once, and give each result as it comes: a slow target does not keep the others' results waiting."""
    # The threads touch no database.
    with ThreadPoolExecutor(max_workers=min(THREADS, len(probes)), thread_name_prefix="probe") as pool:
        asked = {pool.submit(ask, probe): probe for probe in probes}
        for answer in as_completed(asked):
            yield asked[answer], answer.result()


def _bad(probe: Probe) -> None:
    if probe.state == State.DOWN or probe.failures < probe.failure_threshold:
        return
    if probe.component.status == ComponentStatus.MAINTENANCE:
        # Announced; if it still fails when the maintenance is over, the next result says so.
        return
    probe.state, probe.changed_at, probe.left_open_at = State.DOWN, probe.checked_at, None
    if probe.opening == Opening.NONE or (probe.incident is not None and not probe.incident.has_ended):
        return
    probe.episode += 1
    try:
        with transaction.atomic(), automation.public_language():
            probe.incident = automation.open_incident(_new_incident(probe), origin=Origin.PROBE)
    except StatusError as error:
        logger.warning("Probe %s could not open an incident: %s", probe.pk, error)


def _good(probe: Probe) -> None:
    if probe.state == State.UP or (probe.state == State.DOWN and probe.successes < probe.recovery_threshold):
        return
    was_down = probe.state == State.DOWN
    probe.state, probe.changed_at = State.UP, probe.checked_at
    if not was_down or probe.incident is None:
        return
    try:
        with transaction.atomic(), automation.public_language():
            text = _("%(component)s answers again.") % {"component": probe.component.name}
            ending = automation.end_incident(probe.incident, origin=Origin.PROBE, body=text)
    except StatusError as error:
        logger.warning("Probe %s could not end its incident: %s", probe.pk, error)
        ending = Ending.LEFT
    if ending == Ending.LEFT:
        probe.left_open_at = probe.checked_at


def _new_incident(probe: Probe) -> NewIncident:
    name = {"component": probe.component.name}
    return NewIncident(
        name=probe.title or _("%(component)s does not answer") % name,
        body=probe.body or _("Our monitoring gets no answer from %(component)s. We are looking into it.") % name,
        impact=automation.impact(probe.impact, probe.status),
        components={probe.component_id: probe.status},
        publish=probe.opening == Opening.PUBLIC,
        origin_key=f"probe:{probe.pk}:{probe.episode}",
    )
