"""Changing what is written: text, title, tags, category. The version before stays readable."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from forums import changes, drafts, emails, hooks, images, limits, policies, publishing, screening, tagging
from forums.constants import ReviewOutcome, State, Trust
from forums.errors import ForumError
from forums.models import Category, ModerationEvent, Post, Revision, Topic
from forums.rendering import render
from forums.search import indexing
from lib import markdown

# How long the author of a deleted post may take that back.
UNDO_FOR = timedelta(hours=1)


@transaction.atomic
def edit_post(
    *,
    post_id: int,
    editor: User,
    body: str,
    title: str | None = None,
    tags: Collection[str] | None = None,
    category: Category | None = None,
    reason: str = "",
    version: int | None = None,
) -> Post:
    """Give a post its new text; an opening post also the topic's title, tags and category. The same again is nothing.

    What a new member's edit brings that would have been held in a new post holds this one.
    Raises ``StaleError`` when somebody edited it after ``version`` was read, ``ForumError``, ``DoesNotExist``.
    """
    if policies.trust(editor) == Trust.NEW:
        # The edit may be held, and people are locked before their topics.
        changes.lock_counted(_own(post_id, editor))
    post = changes.lock_post(post_id=post_id, user=editor)
    changes.require(policies.edit(editor, post))
    topic = post.topic
    before = Revision(
        post=post,
        version=post.version,
        title=topic.title if post.is_opening else "",
        tags=_tags_of(topic) if post.is_opening else "",
        body=post.body,
        editor=post.editor or post.author,
        written_at=post.edited_at or post.created_at,
        reason=reason,
    )
    retitled = post.is_opening and _edit_topic(topic, editor, title, tags, category)
    if not retitled and body == post.body:
        drafts.forget(editor, drafts.edit_key(post))
        return post
    changes.require_version(post, version)
    limits.require_contents(user=editor, body=body, before=post.body)
    signals = screening.of_edit(user=editor, before=(before.title, before.body), after=(title or before.title, body))
    before.save()
    post.body = body
    post.body_html = render(body, topic.community)
    post.markdown_version = markdown.RENDERER_VERSION
    post.edited_at = timezone.now()
    post.editor = editor
    post.version += 1
    post.save(update_fields=["body", "body_html", "markdown_version", "edited_at", "editor", "version"])
    images.attach(post)
    drafts.forget(editor, drafts.edit_key(post))
    indexing.reindex(topic, [post])
    hooks.tell([post])
    if signals:
        publishing.hold(post, signals)
    if editor.pk != post.author_id:
        changes.record(
            ModerationEvent.Act.POST_EDITED, actor=editor, topic=topic, post=post, subject=post.author, note=reason
        )
    return post


@transaction.atomic
def retag(*, topic_id: int, actor: User, tags: Collection[str]) -> Topic:
    """Change a topic's tags alone: for trusted members. Raises ``ForumError``, ``Topic.DoesNotExist``."""
    topic = changes.lock_topic(topic_id=topic_id, user=actor)
    changes.require(policies.retag(actor, topic))
    before = _tags_of(topic)
    if changes.set_tags(topic, tagging.find_or_make(topic.community, tags)):
        changes.record(
            ModerationEvent.Act.TOPIC_RETAGGED,
            actor=actor,
            topic=topic,
            data={"before": before.split(), "after": _tags_of(topic).split()},
        )
        indexing.reindex(topic)
    return topic


@transaction.atomic
def delete_post(*, post_id: int, author: User) -> Post:
    """Take one's own post back. It stays for moderators. Doing it twice is doing it once. Raises ``ForumError``."""
    gone = (
        Post.objects.filter(pk=post_id, author=author, state=State.DELETED).select_related("topic__community").first()
    )
    if gone is not None:
        return gone
    changes.lock_counted(_own(post_id, author))
    post = changes.lock_post(post_id=post_id, user=author)
    changes.require(policies.delete(author, post))
    was = post.state
    publishing.set_state(post, State.DELETED)
    publishing.close_reviews([post], outcome=ReviewOutcome.GONE, actor=author)
    deleted = ModerationEvent.Act.POST_DELETED
    changes.record(deleted, actor=author, topic=post.topic, post=post, subject=author, data={"was": was})
    return post


@transaction.atomic
def undelete_post(*, post_id: int, author: User) -> Post:
    """Take back the deletion of one's own post, within ``UNDO_FOR``. Doing it twice is doing it once.

    What waited for a moderator waits again. Raises ``ForumError`` when it is too late, or the post may not be written
    any more; ``Post.DoesNotExist`` for another's.
    """
    changes.lock_counted(_own(post_id, author))
    post = changes.lock_own_deleted(post_id=post_id, author=author)
    if post.state != State.DELETED:
        return post
    last = ModerationEvent.objects.filter(post=post).order_by("-id").first()
    is_theirs = last is not None and last.act == ModerationEvent.Act.POST_DELETED and last.actor_id == author.pk
    if last is None or not is_theirs or last.created_at < timezone.now() - UNDO_FOR:
        raise ForumError(_("This can no longer be undone."))
    changes.require(policies.undelete(author, post))
    if last.data.get("was") == State.HELD:
        publishing.hold(post, ())
    else:
        publishing.set_state(post, State.PUBLISHED)
        # Mails that had not left were withdrawn; the ledger knows who has heard of it.
        if post.is_opening:
            emails.topic_published(post.topic, post)
        else:
            emails.post_published(post)
    restored = ModerationEvent.Act.POST_RESTORED
    changes.record(restored, actor=author, topic=post.topic, post=post, subject=author)
    return post


def _own(post_id: int, author: User) -> list[int]:
    """Return the post's id if it is theirs: nobody locks others by asking for what they may not do."""
    return list(Post.objects.filter(pk=post_id, author=author).values_list("pk", flat=True))


def _edit_topic(
    topic: Topic, editor: User, title: str | None, tags: Collection[str] | None, category: Category | None
) -> bool:
    fields = []
    if title is not None and title != topic.title:
        topic.title = title
        fields.append("title")
    if category is not None and category.pk != topic.category_id:
        if category.community_id != topic.community_id:
            raise ValueError("A category of another community: organising.move does that.")
        changes.require(policies.start_in(editor, category))
        topic.category = category
        fields.append("category")
    retagged = tags is not None and changes.set_tags(topic, tagging.find_or_make(topic.community, tags))
    if fields or retagged:
        topic.edited_at = timezone.now()
        topic.save(update_fields=[*fields, "edited_at"])
    return bool(fields or retagged)


def _tags_of(topic: Topic) -> str:
    return " ".join(topic.tags.order_by("slug").values_list("slug", flat=True))
