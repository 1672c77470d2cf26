"""A topic's words as the description of a case: whoever works on it need not open the community first."""

from django.conf import settings
from django.utils.translation import gettext as _

from cases.models.case import SUBJECT_MAX_LENGTH
from forums.models import Post, Topic
from lib.markdown import MAX_LENGTH, excerpt

REPLIES_QUOTED = 10


def subject(topic: Topic) -> str:
    """Return the topic's title as a subject."""
    return excerpt(topic.title, SUBJECT_MAX_LENGTH)


def description(topic: Topic) -> str:
    """Return the topic's address and what everybody may read of it, quoted: the first post and the first replies."""
    posts = Post.objects.published().filter(topic=topic, parent=None).select_related("author")
    parts = [_("Asked in the community: %(url)s") % {"url": settings.PORTAL_URL + topic.get_absolute_url()}]
    for post in posts.order_by("number")[: REPLIES_QUOTED + 1]:
        parts.append(_("%(name)s wrote:") % {"name": f"**{post.author}**"})
        parts.append(_quoted(post.body))
    text = "\n\n".join(parts)
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"


def _quoted(body: str) -> str:
    # Addresses of the portal's own pictures and posts lead nowhere from a mail.
    absolute = body.replace("](/", f"]({settings.PORTAL_URL}/")
    return "\n".join(f"> {line}".rstrip() for line in absolute.splitlines())
