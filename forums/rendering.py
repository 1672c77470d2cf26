"""A post's text as HTML, rendered once when it is written."""

import re

from django.conf import settings
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.models import User
from forums import hooks
from forums.models import Community
from lib import markdown
from lib.markdown import Dialect

# What an image in a post may point at: this site's own, by the token that its group finds.
IMAGE_SOURCE = re.compile(r"\A/forums/images/([A-Za-z0-9_-]{22})/\Z")

# Of real tags only: in the text of a post ``<`` is escaped.
_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(?=/(?!/))')


def render(body: str, community: Community) -> str:
    """Return ``body`` as safe HTML in the dialect of the forums: mentions, linked words, own images, task lists."""
    return markdown.render(
        body,
        Dialect(
            images=IMAGE_SOURCE,
            mentions={user.handle: profile_url(user) for user in mentioned(body)},
            terms=hooks.terms(community, body),
            tasks=True,
        ),
    )


def absolute(html: str) -> str:
    """Return a post's HTML for readers elsewhere, in mails and feeds: its own addresses with the portal's in front."""
    return _OWN_ADDRESS.sub(lambda match: match[1] + settings.PORTAL_URL, html)


def mentioned(body: str) -> list[User]:
    """Return the active people whom ``body`` names by ``@handle``."""
    handles = markdown.mentioned_handles(body)
    if not handles:
        return []
    people = User.objects.annotate(small=Lower("handle")).filter(small__in=handles, is_active=True)
    return list(people.order_by("id"))


def profile_url(user: User) -> str:
    """Return the address of the person's public page."""
    return reverse("members:profile", args=[user.handle])
