"""Writing: a topic, a reply, a comment.

One function per act, keyword-only and atomic: the writer's row is locked (so that two submissions of one form are one
post, and rate limits hold), the policy asked, the post written with its index and its ledger rows, and whatever leaves
the building does so after commit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums import changes, drafts, emails, hooks, images, limits, policies, publishing, screening, tagging, watching
from forums.constants import PostKind, State, TopicKind
from forums.models import Category, Community, Member, Post, Topic
from forums.rendering import render
from forums.screening import Hints
from forums.search import indexing
from lib import markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopic:
    """What a person writes into Ask a question."""

    title: str
    body: str
    kind: TopicKind = TopicKind.QUESTION
    tags: Collection[str] = ()


@transaction.atomic
def ask(
    *,
    community: Community,
    category: Category,
    author: User,
    new: NewTopic,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    submission_token: UUID | None = None,
) -> Topic:
    """Start a topic. The same ``submission_token`` twice gives the first topic again.

    What looks like spam is held: its author sees it, everybody else once a moderator has approved it.
    Raises ``ForumError``.
    """
    member = changes.lock_member(author)
    again = _written_before(author, submission_token)
    if again is not None:
        return again.topic
    changes.require(policies.ask(author, community))
    changes.require(policies.start_in(author, category))
    changes.require(policies.start_kind(author, community, new.kind))
    limits.require_room(user=author, member=member, kind=PostKind.OPENING, body=new.body)
    signals = screening.signals(user=author, member=member, title=new.title, body=new.body, hints=hints)
    now = timezone.now()
    state = State.HELD if signals else State.PUBLISHED
    topic = Topic.objects.create(
        community=community,
        category=category,
        kind=new.kind,
        title=new.title,
        author=author,
        state=state,
        created_at=now,
        bumped_at=now,
    )
    changes.set_tags(topic, tagging.find_or_make(community, new.tags))
    post = _write(
        topic, author=author, kind=PostKind.OPENING, number=0, body=new.body, state=state, token=submission_token
    )
    watching.watch_own(author, topic)
    drafts.forget(author, drafts.ask_key(community))
    if signals:
        publishing.hold(post, signals)
    else:
        _count(member)
        indexing.index_opening(topic, post)
        hooks.tell([post])
        emails.topic_published(topic, post)
    return topic


@transaction.atomic
def reply(
    *,
    topic_id: int,
    author: User,
    body: str,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    submission_token: UUID | None = None,
) -> Post:
    """Answer a topic. Touches its row, the writer's, and those of its tags, however long the topic is.

    Raises ``ForumError``, and ``Topic.DoesNotExist`` for one that ``author`` may not see.
    """
    member = changes.lock_member(author)
    again = _written_before(author, submission_token)
    if again is not None:
        return again
    topic = changes.lock_topic(topic_id=topic_id, user=author)
    changes.require(policies.reply(author, topic))
    limits.require_room(user=author, member=member, kind=PostKind.REPLY, body=body)
    signals = screening.signals(user=author, member=member, title="", body=body, hints=hints)
    topic.last_number += 1
    state = State.HELD if signals else State.PUBLISHED
    post = _write(
        topic,
        author=author,
        kind=PostKind.REPLY,
        number=topic.last_number,
        body=body,
        state=state,
        token=submission_token,
    )
    watching.watch_own(author, topic)
    drafts.forget(author, drafts.reply_key(topic))
    if signals:
        topic.save(update_fields=["last_number"])
        publishing.hold(post, signals)
        return post
    topic.answer_count += 1
    topic.last_public_number = post.number
    topic.last_poster = author
    topic.bumped_at = post.created_at
    topic.save(update_fields=["last_number", "answer_count", "last_public_number", "last_poster", "bumped_at"])
    changes.bump(topic)
    _count(member)
    indexing.index_reply(topic, post)
    hooks.tell([post])
    emails.post_published(post)
    return post


@transaction.atomic
def comment(
    *,
    post_id: int,
    author: User,
    body: str,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    submission_token: UUID | None = None,
) -> Post:
    """Comment on a post. Raises ``ForumError``, and ``DoesNotExist`` for what ``author`` may not see."""
    member = changes.lock_member(author)
    again = _written_before(author, submission_token)
    if again is not None:
        return again
    parent = changes.lock_post(post_id=post_id, user=author)
    changes.require(policies.comment(author, parent))
    limits.require_room(user=author, member=member, kind=PostKind.COMMENT, body=body)
    signals = screening.signals(user=author, member=member, title="", body=body, hints=hints)
    parent.last_comment_number += 1
    state = State.HELD if signals else State.PUBLISHED
    post = _write(
        parent.topic,
        author=author,
        kind=PostKind.COMMENT,
        number=parent.last_comment_number,
        parent=parent,
        body=body,
        state=state,
        token=submission_token,
    )
    watching.watch_own(author, parent.topic)
    drafts.forget(author, drafts.comment_key(parent))
    if signals:
        parent.save(update_fields=["last_comment_number"])
        publishing.hold(post, signals)
        return post
    parent.comment_count += 1
    parent.save(update_fields=["last_comment_number", "comment_count"])
    _count(member)
    indexing.index_reply(parent.topic, post)
    hooks.tell([post])
    emails.post_published(post)
    return post


def _written_before(author: User, token: UUID | None) -> Post | None:
    if token is None:
        return None
    return (
        Post.objects.filter(submission_token=token, author=author).select_related("topic__community", "parent").first()
    )


def _write(
    topic: Topic,
    *,
    author: User,
    kind: PostKind,
    number: int,
    body: str,
    state: State,
    token: UUID | None,
    parent: Post | None = None,
) -> Post:
    post = Post.objects.create(
        topic=topic,
        kind=kind,
        parent=parent,
        number=number,
        author=author,
        body=body,
        body_html=render(body, topic.community),
        markdown_version=markdown.RENDERER_VERSION,
        state=state,
        submission_token=token,
    )
    images.attach(post)
    return post


def _count(member: Member) -> None:
    member.post_count += 1
    member.first_posted_at = member.first_posted_at or timezone.now()
    member.save(update_fields=["post_count", "first_posted_at"])
