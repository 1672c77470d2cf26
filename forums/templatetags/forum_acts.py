"""What templates ask about acts on posts and topics."""

from typing import Any

from django import template

from forums import watching
from forums.acts import PostActs, TopicActs
from forums.constants import Level
from forums.models import Post, Topic

register = template.Library()


@register.simple_tag(takes_context=True)
def acts_on_post(context: template.Context, post: Post, topic: Topic) -> PostActs:
    """Return what the reader may do with ``post``; ``voted_ids`` and ``bookmarked_ids`` say what they have done."""
    return PostActs(
        context["request"].user,
        topic,
        post,
        voted=context.get("voted_ids") or (),
        bookmarked=context.get("bookmarked_ids") or (),
    )


@register.simple_tag(takes_context=True)
def acts_on_topic(context: template.Context, topic: Topic) -> TopicActs:
    """Return what the reader may do with ``topic``."""
    return TopicActs(context["request"].user, topic)


@register.inclusion_tag("forums/_watch.html", takes_context=True)
def watch_menu(context: template.Context, target: watching.Target) -> dict[str, Any]:
    """Draw the menu by which the reader watches ``target``: one query for somebody signed in, nothing for a visitor."""
    user = context["request"].user
    level = watching.level_of(user, [target]).get(target) if user.is_authenticated else None
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "target": target,
        "kind": type(target).__name__.lower(),
        "level": level,
        "levels": Level.choices,
    }
