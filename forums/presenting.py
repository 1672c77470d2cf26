"""What the mails of the forums show, from what the ledger froze; and the same of a made-up topic, for samples."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from forums.constants import PostKind, State
from forums.models import Category, Community, Post, Topic
from forums.models.topic import permalink
from forums.rendering import absolute
from lib import markdown
from notifications import samples
from notifications.kinds import Recipient


def present(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show, read just before sending."""
    post = Post.objects.select_related("author", "topic__community", "topic__category", "topic__author").get(
        pk=context["post"]
    )
    slugs = post.topic.tags.order_by("slug").values_list("slug", flat=True)
    return _shown(post, recipient.user, tags=list(slugs) if post.is_opening else [])


def present_hidden(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same for the author of a hidden post, with the moderator's note."""
    return _hidden(present(recipient, context), note=context["note"])


def sample(*, kind: str = PostKind.REPLY, to: str = "watcher") -> dict[str, Any]:
    """Return what ``present`` would of a made-up post, for a ``watcher``, its ``author`` or the ``asker``."""
    asker, helper = samples.customer(), samples.member()
    community = Community(pk=1, slug="community", name="Community")
    topic = Topic(
        pk=812,
        community=community,
        category=Category(pk=1, community=community, name="Gateway"),
        title="How do I raise the number of connections per node?",
        author=asker,
        created_at=samples.AT,
    )
    is_opening = kind == PostKind.OPENING
    body = _QUESTION if is_opening else _ANSWER
    post = Post(
        pk=3021,
        topic=topic,
        kind=kind,
        number=0 if is_opening else 1,
        author=asker if is_opening else helper,
        body=body,
        body_html=markdown.render(body),
        created_at=samples.AT,
    )
    reader = {"author": post.author, "asker": asker}.get(to, samples.engineer())
    return _shown(post, reader, tags=["gateway", "tuning"] if is_opening else [])


def sample_hidden() -> dict[str, Any]:
    """Return what ``present_hidden`` would of a made-up post."""
    return _hidden(sample(to="author"), note="Please leave out the names of customers.")


def _shown(post: Post, reader: User | None, *, tags: Sequence[str]) -> dict[str, Any]:
    topic = post.topic
    return {
        "post": post,
        "topic": topic,
        "community": topic.community,
        "author": post.author,
        "html": absolute(post.body_html),
        "recipient": reader,
        "is_author": reader == post.author,
        "is_asker": reader == topic.author,
        "tags": list(tags),
        "url": settings.PORTAL_URL + permalink(post.pk),
        "topic_url": f"{settings.PORTAL_URL}{topic.get_absolute_url()}#watch-topic-{topic.pk}",
        "watching_url": settings.PORTAL_URL + reverse("forum_account:watching"),
    }


def _hidden(shown: Mapping[str, Any], *, note: str) -> dict[str, Any]:
    # Of the topic only what its author may still see: without its first post it is gone for them.
    seen = shown["topic"].state == State.PUBLISHED
    home = settings.PORTAL_URL + shown["community"].get_absolute_url()
    return {
        **shown,
        "note": note,
        "url": settings.PORTAL_URL + shown["topic"].get_absolute_url() if seen else home,
        "is_topic_gone": not seen,
        "support_url": settings.PORTAL_URL + reverse("support"),
    }


_QUESTION = "Our node takes 200 connections and then queues. Where is the limit?\n\n`max_connections` has no effect."
_ANSWER = """Since 4.2 it is a setting of the *listener*:

```
listener.pool.max = 800
```

It holds for each node on its own."""
