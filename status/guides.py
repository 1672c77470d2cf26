"""What a status operator does first; and the status step of a contact."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import guides
from accounts.guides import SECOND_FACTOR, Guide, Step
from status.models import Incident, IncidentUpdate, Subscriber

OPERATOR = Guide("operator", _l("First steps as a status operator"), lambda user: guides.holds(user, "status.operate"))
SUBSCRIBE = Step(
    "subscribe",
    40,
    _l("Follow the system status"),
    _l("We tell you of incidents and maintenance that touch what you use."),
    lambda _user: reverse("status_account:subscriptions"),
    lambda user: Subscriber.objects.active().filter(user=user),
)
STEPS = (
    Step(
        "draft",
        20,
        _l("Open an incident, as a draft"),
        _l("A draft is seen by operators alone: a safe place to try."),
        lambda _user: reverse("status_console:open"),
        lambda user: Incident.objects.filter(created_by=user),
    ),
    Step(
        "update",
        30,
        _l("Post an update"),
        _l("Readers of an open incident want to hear something every half hour."),
        lambda _user: reverse("status_console:overview"),
        lambda user: IncidentUpdate.objects.filter(author=user),
    ),
    SUBSCRIBE,
    SECOND_FACTOR,
)


def register() -> None:
    """Register it, and the contact's step."""
    guides.register(OPERATOR)
    guides.add(OPERATOR.code, *STEPS)
    guides.add("contact", SUBSCRIBE)
