"""The codes of a case, and the one table of allowed moves."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _l

from accounts.constants import Severity

__all__ = [
    "ACTIVE_STATUSES",
    "MOVES",
    "By",
    "Environment",
    "EventKind",
    "Origin",
    "Priority",
    "Severity",
    "Status",
    "Verification",
]


class Status(models.TextChoices):
    """Where a case stands."""

    NEW = "new", _l("New")
    IN_PROGRESS = "in_progress", _l("In Progress")
    WAITING = "waiting", _l("Waiting on Customer")
    ON_HOLD = "on_hold", _l("On Hold")
    SOLVED = "solved", _l("Solution Provided")
    CLOSED = "closed", _l("Closed")


# The desk's work: neither answered for good nor closed.
ACTIVE_STATUSES = (Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.ON_HOLD)


class By(models.TextChoices):
    """On whose word a status moves."""

    SUPPORT = "support", _l("an engineer")
    CUSTOMER = "customer", _l("the customer")
    VERIFIER = "verifier", _l("whoever refuses an unverified case")
    CLOCK = "clock", _l("time passing")


_WORK = frozenset({By.SUPPORT})
_BOTH = frozenset({By.SUPPORT, By.CUSTOMER})
_REFUSE = frozenset({By.VERIFIER})

# Every allowed move and on whose word. What is not here cannot happen, by page, mail, API or admin.
MOVES: Mapping[tuple[Status, Status], frozenset[By]] = {
    (Status.NEW, Status.IN_PROGRESS): _WORK,
    (Status.IN_PROGRESS, Status.WAITING): _WORK,
    (Status.WAITING, Status.IN_PROGRESS): _BOTH,  # the customer's reply
    (Status.IN_PROGRESS, Status.ON_HOLD): _WORK,
    (Status.ON_HOLD, Status.IN_PROGRESS): _WORK,
    (Status.NEW, Status.SOLVED): _BOTH,  # a customer marks their case as solved
    (Status.IN_PROGRESS, Status.SOLVED): _BOTH,
    (Status.WAITING, Status.SOLVED): _BOTH,
    (Status.ON_HOLD, Status.SOLVED): _BOTH,
    (Status.SOLVED, Status.IN_PROGRESS): _BOTH,  # the customer's reply, or a second thought
    (Status.SOLVED, Status.CLOSED): _BOTH | _REFUSE | {By.CLOCK},
    (Status.CLOSED, Status.IN_PROGRESS): _BOTH,  # reopened, within CASE_REOPEN_DAYS
    (Status.NEW, Status.CLOSED): _REFUSE,
    (Status.IN_PROGRESS, Status.CLOSED): _REFUSE,
    (Status.WAITING, Status.CLOSED): _REFUSE,
    (Status.ON_HOLD, Status.CLOSED): _REFUSE,
}


class Priority(models.TextChoices):
    """The order of the queue, set by support."""

    URGENT = "urgent", _l("Urgent")
    HIGH = "high", _l("High")
    NORMAL = "normal", _l("Normal")
    LOW = "low", _l("Low")


class Environment(models.TextChoices):
    """Where the problem shows."""

    PRODUCTION = "production", _l("Production")
    STAGING = "staging", _l("Staging or sandbox")
    DEVELOPMENT = "development", _l("Development")
    NONE = "none", _l("No particular one")


class Origin(models.TextChoices):
    """How a case came in."""

    WEB = "web", _l("Web")
    EMAIL = "email", _l("E-mail")
    API = "api", _l("API")
    STAFF = "staff", _l("Support team")


class Verification(models.TextChoices):
    """Whether somebody has to confirm that the contact may file cases."""

    NOT_NEEDED = "not_needed", _l("Not needed")
    PENDING = "pending", _l("Needs verification")
    CONFIRMED = "confirmed", _l("Verified")
    REFUSED = "refused", _l("Refused")


class EventKind(models.TextChoices):
    """What can happen to a case. Events hold these codes and ids, never names or sentences."""

    OPENED = "opened", _l("opened the case")
    COMMENTED = "commented", _l("replied")
    NOTED = "noted", _l("left an internal note")
    STATUS_CHANGED = "status_changed", _l("changed the status")
    PRIORITY_CHANGED = "priority_changed", _l("changed the priority")
    SEVERITY_CHANGED = "severity_changed", _l("changed the severity")
    ASSIGNED = "assigned", _l("changed the owner")
    EDITED = "edited", _l("edited the case")
    PRODUCTION_DOWN_RAISED = "production_down_raised", _l("reported Production Down")
    PRODUCTION_DOWN_LOWERED = "production_down_lowered", _l("lowered Production Down")
    ALERTED = "alerted", _l("alerted the on-call list")
    ACKNOWLEDGED = "acknowledged", _l("acknowledged the alert")
    ESCALATED = "escalated", _l("escalated the case")
    DEESCALATED = "deescalated", _l("ended the escalation")
    VERIFICATION_CONFIRMED = "verification_confirmed", _l("verified the case")
    VERIFICATION_REFUSED = "verification_refused", _l("refused the case")
    FOLLOWER_ADDED = "follower_added", _l("added a follower")
    FOLLOWER_REMOVED = "follower_removed", _l("removed a follower")
    FOLLOWED_UP = "followed_up", _l("continued this in a new case")
    MADE_OF_TOPIC = "made_of_topic", _l("made this case of a topic in the community")
    PUBLISHED = "published", _l("published this case as a question")
    INCIDENT_LINKED = "incident_linked", _l("linked an incident to this case")
    INCIDENT_UNLINKED = "incident_unlinked", _l("took an incident off this case")
