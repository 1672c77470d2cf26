"""What search engines read of a topic: a QAPage for a question, a DiscussionForumPosting for everything else.

Sources: https://schema.org/QAPage and https://developers.google.com/search/docs/appearance/structured-data/qapage
"""

import html
import json
import re
from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from forums.constants import PostKind
from forums.models import Post, Topic
from forums.page_head import absolute
from forums.rows import members_prefix

TEXT_LENGTH = 5_000  # characters of one post
# A tag of sanitised HTML, whose attributes stand in double quotes and may hold ">".
_TAG = re.compile(r'<(?:[^>"]|"[^"]*")*>')
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def json_ld(topic: Topic, opening: Post, accepted: Post | None, replies: Iterable[Post]) -> SafeString:
    """Return the element that describes a topic by the published posts of one page."""
    answers = [post for post in replies if post.is_published]
    described = _question(topic, opening, accepted, answers) if topic.is_question else _posting(topic, opening, answers)
    text = json.dumps({"@context": "https://schema.org", **described}, ensure_ascii=False, separators=(",", ":"))
    # Nothing in it can end the element: no "<" is left.
    return mark_safe(f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>')  # noqa: S308 - escaped


def plain(body_html: str) -> str:
    """Return the words of rendered Markdown, which the page has at hand: its source would have to be parsed again."""
    return html.unescape(_TAG.sub(" ", body_html)).strip()


def _question(topic: Topic, opening: Post, accepted: Post | None, answers: list[Post]) -> dict[str, Any]:
    question = {
        "@type": "Question",
        "name": topic.title,
        "answerCount": topic.answer_count,
        **_written(opening),
        "url": absolute(topic.get_absolute_url()),
    }
    if accepted is not None and accepted.is_published:
        question["acceptedAnswer"] = {"@type": "Answer", **_written(accepted)}
    if answers:
        question["suggestedAnswer"] = [{"@type": "Answer", **_written(post)} for post in answers]
    return {"@type": "QAPage", "mainEntity": question}


def _posting(topic: Topic, opening: Post, comments: list[Post]) -> dict[str, Any]:
    written = _written(opening)
    likes = written.pop("upvoteCount")
    posting = {
        "@type": "DiscussionForumPosting",
        "headline": topic.title,
        **written,
        "url": absolute(topic.get_absolute_url()),
        "commentCount": topic.answer_count,
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/LikeAction",
            "userInteractionCount": likes,
        },
    }
    if comments:
        posting["comment"] = [{"@type": "Comment", **_written(post)} for post in comments]
    return posting


def _written(post: Post) -> dict[str, Any]:
    written = {
        "text": plain(post.body_html)[:TEXT_LENGTH] or "…",
        "upvoteCount": post.score,
        "datePublished": post.created_at.isoformat(timespec="seconds"),
        "author": {
            "@type": "Person",
            "name": str(post.author),
            "url": absolute(f"{members_prefix()}{post.author.handle}/"),
        },
        "url": absolute(post.get_absolute_url()),
    }
    if post.edited_at is not None:
        written["dateModified"] = post.edited_at.isoformat(timespec="seconds")
    if post.kind == PostKind.OPENING:
        del written["url"]
    return written
