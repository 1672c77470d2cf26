"""What a moderator does first."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from accounts import guides
from accounts.guides import SECOND_FACTOR, Guide, Step
from forums.models import Post, Review, Watch

MODERATOR = Guide("moderator", _l("First steps as a moderator"), lambda user: guides.holds(user, "forums.moderate"))
STEPS = (
    Step(
        "review",
        20,
        _l("Decide on a post"),
        _l("The review queue holds what readers flagged and what the portal was not sure about."),
        lambda _user: reverse("moderation:queue"),
        lambda user: Review.objects.filter(decided_by=user),
    ),
    Step(
        "write",
        30,
        _l("Write in the community"),
        _l("An answer shows people that somebody is there."),
        lambda _user: reverse("forums:home") + "?show=unanswered",
        lambda user: Post.objects.filter(author=user),
    ),
    Step(
        "watch",
        40,
        _l("Watch a topic, a tag or a category"),
        _l("Then you are told when something happens there."),
        lambda _user: reverse("forums:home"),
        lambda user: Watch.objects.filter(user=user),
    ),
    SECOND_FACTOR,
)


def register() -> None:
    """Register it."""
    guides.register(MODERATOR)
    guides.add(MODERATOR.code, *STEPS)
