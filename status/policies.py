"""May this person do this on the status site? Views, templates, the API, tasks and admin ask here."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from lib.decisions import Decision, allowed_if, denied
from status.constants import FIRST_STAGES, MOVES, Stage
from status.models import Incident
from status.querysets import OPERATE

Someone = User | AnonymousUser


def operate(user: Someone) -> Decision:
    """Everything at the console and in the write API: status operators, administrators."""
    return allowed_if(user.has_perm(OPERATE), _l("The status console is for status operators."))


def manage_alert_rules(user: Someone) -> Decision:
    """Saying which alerts mean what: whoever could open the incident by hand."""
    return operate(user)


def manage_probes(user: Someone) -> Decision:
    """Setting probes up: administrators, for a probe asks from inside of our network."""
    return allowed_if(isinstance(user, User) and user.is_superuser, _l("Only an administrator sets probes up."))


def begin(kind: str, stage: str) -> Decision:
    """Beginning at ``stage``."""
    return allowed_if(stage in FIRST_STAGES[kind], _l("It cannot begin with this status."))


def move(incident: Incident, stage: str) -> Decision:
    """Saying that it has come to ``stage``, or is still there."""
    if incident.is_maintenance and stage == Stage.CANCELLED and incident.status != Stage.SCHEDULED:
        return denied(_l("Maintenance that has begun is completed, not cancelled."))
    return allowed_if(stage in MOVES[incident.status], _l("It cannot go to this status from where it is."))
