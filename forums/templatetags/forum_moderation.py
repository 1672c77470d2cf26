"""What moderators are told on the pages of the community."""

from typing import Any

from django import template

from forums import policies
from forums.models import Community
from forums.review_queue import NOTICED, waiting

register = template.Library()


@register.inclusion_tag("forums/moderation/_notice.html", takes_context=True)
def review_notice(context: template.Context, community: Community) -> dict[str, Any]:
    """Tell a moderator how many posts of the community wait: one query for them, none for anybody else."""
    user = context["request"].user
    if not policies.moderate(user, community):
        return {}
    number = waiting(user, community.pk)
    return {
        "moderates": True,
        "number": number,
        "is_more": number > NOTICED,
        "noticed": NOTICED,
        "community": community,
    }
