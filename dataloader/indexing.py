"""Which topics speak of which codes: kept in the transaction that changes a post, under its topic's lock.

A row stands for what everybody may read. A new post costs the same however long its topic is; after an edit or a
moderator's act the topic is only read through when a code that it had may be gone.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import F

from dataloader import spelling
from dataloader.constants import SLUG
from dataloader.models import ErrorCode, TopicErrorCode, address
from forums.models import Community, Post, Topic


def terms(community: Community, text: str) -> Mapping[str, str]:
    """Return the known codes of a text of this community, each with its address."""
    return {code: address(code) for code in _known(text)} if community.slug == SLUG else {}


def keep(posts: Sequence[Post]) -> None:
    """Bring the codes of the posts' topics in step. The forums' listener."""
    by_topic: dict[int, list[Post]] = {}
    for post in posts:
        by_topic.setdefault(post.topic_id, []).append(post)
    for _pk, changed in sorted(by_topic.items()):
        _keep(changed[0].topic, changed)


def find_topics(code: ErrorCode) -> None:
    """Look through what was written before ``code`` was known."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND_TOPICS,
            {
                "code": code.pk,
                "community": SLUG,
                "like": "%" + code.code.replace("_", r"\_") + "%",
                "word": rf"(^|\W){code.code}(\W|$)",
            },
        )
    code.topic_count = TopicErrorCode.objects.filter(code=code).count()
    ErrorCode.objects.filter(pk=code.pk).update(topic_count=code.topic_count)


def _keep(topic: Topic, changed: Sequence[Post]) -> None:
    speaks = topic.community.slug == SLUG and topic.is_published and topic.merged_into_id is None
    one = changed[0] if len(changed) == 1 else None
    if one is not None and one.version == 1 and _is_read_by_all(one) and (speaks or not one.is_opening):
        # Written a moment ago, or let out by a moderator: nothing that was there can be gone.
        if speaks:
            _add(topic, _known(_text(topic, one)))
        return
    # An opening post alone may also have come from this community and gone to another.
    held = dict(TopicErrorCode.objects.filter(topic=topic).values_list("code__code", "code_id"))
    found: dict[str, int] = {}
    if speaks:
        if one is not None and _is_read_by_all(one):
            found = _known(_text(topic, one))
        if one is None or not held.keys() <= found.keys():
            found = _known_in_all(topic)
    if one is None:
        _drop_merged(topic)
    _remove(topic, [pk for code, pk in held.items() if code not in found])
    _add(topic, found)


def _known(text: str) -> dict[str, int]:
    words = spelling.words_in(text)
    return dict(ErrorCode.objects.named(words).values_list("code", "pk")) if words else {}


def _known_in_all(topic: Topic) -> dict[str, int]:
    words = set(spelling.words_in(topic.title))
    bodies = Post.objects.published().filter(topic=topic, body__contains="_").values_list("body", flat=True)
    for body in bodies.iterator():
        words.update(spelling.words_in(body))
    return dict(ErrorCode.objects.named(words).values_list("code", "pk")) if words else {}


def _is_read_by_all(post: Post) -> bool:
    return post.is_published and (post.parent is None or post.parent.is_published)


def _text(topic: Topic, post: Post) -> str:
    return f"{topic.title}\n{post.body}"


def _add(topic: Topic, codes: Mapping[str, int]) -> None:
    if not codes:
        return
    wanted = set(codes.values())
    wanted -= set(TopicErrorCode.objects.filter(topic=topic, code__in=wanted).values_list("code_id", flat=True))
    TopicErrorCode.objects.bulk_create(TopicErrorCode(topic=topic, code_id=pk) for pk in sorted(wanted))
    _count(wanted, +1)


def _remove(topic: Topic, code_ids: Iterable[int]) -> None:
    gone = sorted(code_ids)
    if gone:
        TopicErrorCode.objects.filter(topic=topic, code__in=gone).delete()
        _count(gone, -1)


def _drop_merged(topic: Topic) -> None:
    """Let go of the topics whose posts are in ``topic`` now."""
    for row in TopicErrorCode.objects.filter(topic__merged_into=topic).select_related("topic").order_by("topic_id"):
        _remove(row.topic, [row.code_id])


def _count(code_ids: Iterable[int], change: int) -> None:
    # In one order, so that two writers do not wait for each other.
    for pk in sorted(code_ids):
        ErrorCode.objects.filter(pk=pk, topic_count__gte=max(0, -change)).update(topic_count=F("topic_count") + change)


_FIND_TOPICS = """
INSERT INTO dataloader_topicerrorcode (topic_id, code_id)
SELECT DISTINCT topic.id, %(code)s::bigint
FROM forums_topic topic
JOIN forums_community community ON community.id = topic.community_id AND community.slug = %(community)s
JOIN forums_post post ON post.topic_id = topic.id AND post.state = 'published'
LEFT JOIN forums_post parent ON parent.id = post.parent_id
WHERE topic.state = 'published' AND topic.merged_into_id IS NULL AND (parent.id IS NULL OR parent.state = 'published')
  AND ((post.body LIKE %(like)s AND post.body ~ %(word)s) OR (topic.title LIKE %(like)s AND topic.title ~ %(word)s))
ON CONFLICT DO NOTHING
"""
