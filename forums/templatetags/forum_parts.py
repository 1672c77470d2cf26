"""Parts of the community's pages that are drawn once for their values: see ``forums.fragments``."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString, mark_safe

from forums.acts import PostActs
from forums.fragments import draw
from forums.models import Community
from forums.rows import ShownRow

register = template.Library()


@register.simple_tag
def topic_rows(rows: Iterable[ShownRow], hide_category: object = False) -> SafeString:  # noqa: FBT002 - a template writes it
    """Draw the rows of a list of topics."""
    return mark_safe("".join(row.draw(hide_category=bool(hide_category)) for row in rows))  # noqa: S308 - drawn by templates


@register.simple_tag(takes_context=True)
def topics_aside(context: template.Context) -> SafeString:
    """Draw what stands beside a list, from the page's context (``forums.views.listing.around``)."""
    community: Community = context["community"]
    shelf, tag, head = (context.get(name) for name in ("shelf", "tag", "head"))
    return draw(
        "forums/_aside.html",
        prefix=community.prefix,
        topics_url=community.topics_url,
        is_all=bool(context.get("show")) and not shelf,
        categories=tuple(context["categories"]),
        shelf=shelf.slug if shelf else "",
        tags=tuple(context["most_used_tags"]),
        tag=tag.slug if tag else "",
        feed=head.feed if head else "",
    )


@register.simple_tag
def composer_bar(field_id: str, preview_url: str = "", image_url: str = "") -> SafeString:
    """Draw the tabs and tools above a text."""
    return draw("forums/_composer_bar.html", field_id=field_id, preview_url=preview_url, image_url=image_url)


@register.simple_tag
def post_buttons(acts: PostActs) -> SafeString:
    """Draw the buttons under a post."""
    accept = ("unaccept" if acts.is_accepted else "accept") if acts.may_accept else ""
    return draw(
        "forums/_post_buttons.html",
        pk=acts.post.pk,
        topic_pk=acts.topic.pk,
        score=acts.post.score,
        is_comment=acts.post.is_comment,
        has_voted=acts.has_voted,
        vote_refusal=str(acts.vote.reason),
        accept=accept,
        may_comment=bool(acts.comment),
        has_bookmarked=acts.has_bookmarked,
        may_edit=bool(acts.edit),
        may_flag=bool(acts.flag),
        may_delete=bool(acts.delete),
    )
