"""The step that shows a contact where what they were sent can be read."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import guides
from accounts.guides import Step
from notifications.models import Channel, Delivery

READ = Step(
    "notifications",
    50,
    _l("See what we mail you"),
    _l("Open a notification under the bell. What comes by mail as well is your choice."),
    lambda _user: reverse("notifications:centre"),
    lambda user: Delivery.objects.visible_to(user).filter(channel=Channel.SITE, read_at__isnull=False),
    # Who has a team to invite has enough to do.
    lambda user: not user.administered_account_ids,
)


def register() -> None:
    """Register it."""
    guides.add("contact", READ)
