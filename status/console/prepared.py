"""What an operator would say next, said beforehand: the status that usually follows, and a text for it."""

from collections.abc import Mapping

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from status import policies
from status.constants import MOVES, Stage
from status.models import Incident

_NEXT: Mapping[str, Stage] = {
    Stage.INVESTIGATING: Stage.IDENTIFIED,
    Stage.IDENTIFIED: Stage.MONITORING,
    Stage.MONITORING: Stage.RESOLVED,
    Stage.RESOLVED: Stage.POSTMORTEM,
    Stage.SCHEDULED: Stage.IN_PROGRESS,
    Stage.IN_PROGRESS: Stage.VERIFYING,
    Stage.VERIFYING: Stage.COMPLETED,
}
_TEXTS: Mapping[str, Promise] = {
    Stage.INVESTIGATING: _l("We are looking into it."),
    Stage.IDENTIFIED: _l("We have found the cause and are working on a fix."),
    Stage.MONITORING: _l("A fix is in place. We are watching the results."),
    Stage.RESOLVED: _l("This incident is resolved."),
    Stage.IN_PROGRESS: _l("The maintenance has begun."),
    Stage.VERIFYING: _l("The work is done. We are verifying that everything is well."),
    Stage.COMPLETED: _l("The maintenance is completed."),
    Stage.CANCELLED: _l("This maintenance was cancelled."),
}
# Acts that need no words of the operator's own.
ONE_TAP = (Stage.RESOLVED, Stage.IN_PROGRESS, Stage.COMPLETED)


def next_stage(incident: Incident) -> str:
    """Return the status that usually follows."""
    return _NEXT.get(incident.status, Stage(incident.status)).value


def moves(incident: Incident) -> list[Stage]:
    """Return where it may go from here by an update, in the order of the list of statuses."""
    # Calling a maintenance off has a page of its own.
    return [stage for stage in Stage if stage in MOVES[incident.status] and stage != Stage.CANCELLED]


def one_tap(incident: Incident) -> Stage | None:
    """Return the status that one tap brings an incident to, if there is one."""
    if incident.is_draft:
        return None
    allowed = (stage for stage in ONE_TAP if stage != incident.status and policies.move(incident, stage))
    return next(allowed, None)


def text(stage: str) -> str:
    """Return a text for an update, in the language of the portal: its readers' are not the operator's."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(_TEXTS.get(stage, ""))
