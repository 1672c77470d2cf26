"""Replying, commenting, editing: one form each, on a page of its own and as a part of the topic's."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.http import PersonalRequest
from accounts.models import User
from forums import drafts, editing, policies, posting, topic_page
from forums.errors import ForumError, StaleError
from forums.forms import CommentForm, EditForm, NewPostForm, ReplyForm
from forums.models import Community, Post, Topic
from forums.views.returning import for_writers, gone
from lib import textdiff
from lib.forms import put
from lib.widgets import plain_options

TAGS_SUGGESTED = 200


Send = Callable[..., Post]  # a verb of ``forums.posting``


def new_reply_form(user: User, topic: Topic) -> ReplyForm:
    """Return the answer box of a topic's page, with what ``user`` has begun to write: one query."""
    return ReplyForm(topic=topic, draft=drafts.of(user, drafts.reply_key(topic)))


@for_writers
def reply(request: PersonalRequest, pk: int) -> HttpResponse:
    """Answer a topic."""
    key = f"reply:{pk}"
    topic = _visible_topic(request.user, pk)
    if topic is None:
        return gone(request, key, moved_to=topic_page.merged_into(request.user, pk))
    decision = policies.reply(request.user, topic)
    draft = drafts.of(request.user, key)
    if request.method != "POST":
        decision.require()
        form = ReplyForm(topic=topic, draft=draft)
    else:
        form = ReplyForm(request.POST, topic=topic, draft=draft)
        try:
            if answer := _send(request, form, posting.reply, topic_id=pk):
                return answer
        except Topic.DoesNotExist:
            return gone(request, key, moved_to=topic_page.merged_into(request.user, pk))
    return render(request, "forums/reply.html", {"topic": topic, "form": form}, status=422 if form.is_bound else 200)


@for_writers
def comment(request: PersonalRequest, pk: int) -> HttpResponse:
    """Comment on a post; asked for by the topic's page, the form alone."""
    key = f"comment:{pk}"
    post = _visible_post(request.user, pk)
    if post is None:
        return gone(request, key)
    draft = drafts.of(request.user, key)
    if request.method != "POST":
        policies.comment(request.user, post).require()
        form = CommentForm(post=post, draft=draft)
    else:
        form = CommentForm(request.POST, post=post, draft=draft)
        try:
            if answer := _send(request, form, posting.comment, post_id=pk):
                return answer
        except (Post.DoesNotExist, Topic.DoesNotExist):
            return gone(request, key)
    template = "forums/_comment_form.html" if request.htmx and not form.is_bound else "forums/comment.html"
    context = {"post": post, "topic": post.topic, "form": form, "is_part": bool(request.htmx)}
    return render(request, template, context, status=422 if form.is_bound else 200)


def _send(request: PersonalRequest, form: NewPostForm, verb: Send, **target: int) -> HttpResponse | None:
    """Write what the form holds and lead to it; ``None`` for a form that goes back to its sender."""
    if not form.is_valid():
        return None
    try:
        post = verb(
            **target,
            author=request.user,
            body=form.cleaned_data["body"],
            hints=form.hints(),
            submission_token=form.cleaned_data["submission_token"],
        )
    except ForumError as refusal:
        form.add_error(None, str(refusal))
    except IntegrityError:
        renew(form)
    else:
        tell_of(request, post, _("Your comment is posted.") if post.is_comment else _("Your reply is posted."))
        return HttpResponseRedirect(post.get_absolute_url())
    return None


def renew(form: NewPostForm) -> None:
    """Give a form a token of its own: the one it was sent with belongs to another person's post."""
    put(form, "submission_token", str(uuid4()))
    form.add_error(None, _("This form was sent before. Please send it once more."))


def tell_of(request: PersonalRequest, post: Post, published: str) -> None:
    """Say that a text is out, or kindly that a moderator looks at it first."""
    if post.is_published:
        messages.success(request, published)
        return
    messages.info(
        request,
        _("Thank you! A moderator looks at it first; until then you alone see it."),
    )


@for_writers
def edit(request: PersonalRequest, pk: int) -> HttpResponse:
    """Change a post; what somebody else changed meanwhile is shown and not overwritten."""
    key = f"edit:{pk}"
    post = _visible_post(request.user, pk)
    if post is None:
        return gone(request, key)
    draft = drafts.of(request.user, key)
    if request.method != "POST":
        policies.edit(request.user, post).require()
        return _render_edit(request, post, EditForm(post=post, user=request.user, draft=draft))
    form = EditForm(request.POST, post=post, user=request.user, draft=draft)
    if not form.is_valid():
        return _render_edit(request, post, form, status=422)
    try:
        saved = editing.edit_post(post_id=pk, editor=request.user, **form.cleaned_edit())
    except StaleError as stale:
        return _show_conflict(request, pk, form, str(stale))
    except ForumError as refusal:
        form.add_error(None, str(refusal))
        return _render_edit(request, post, form, status=422)
    except (Post.DoesNotExist, Topic.DoesNotExist):
        return gone(request, key)
    messages.success(request, _("Your changes are saved."))
    return HttpResponseRedirect(saved.get_absolute_url())


def _show_conflict(request: PersonalRequest, pk: int, form: EditForm, notice: str) -> HttpResponse:
    """Show what the other person changed. Sending once more, having seen it, is a decision and no accident."""
    post = _visible_post(request.user, pk)
    if post is None:
        return gone(request, f"edit:{pk}")
    read = post.revisions.filter(version=form.cleaned_data["version"]).first()
    changes = textdiff.as_html(textdiff.compare(read.body, post.body)) if read else ""
    put(form, "version", str(post.version))
    return _render_edit(request, post, form, status=409, stale=notice, changes=changes)


def _render_edit(
    request: PersonalRequest, post: Post, form: EditForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = {
        "post": post,
        "topic": post.topic,
        "form": form,
        "current_html": mark_safe(post.body_html),  # noqa: S308 - sanitised when it was rendered
        "tags_in_use": tag_options(post.topic.community) if post.is_opening else "",
        # A draft from before somebody's edit would undo it unseen.
        "draft_is_older": bool(form.draft and post.edited_at and form.draft.updated_at < post.edited_at),
        **extra,
    }
    return render(request, "forums/edit.html", context, status=status)


def tag_options(community: Community) -> SafeString:
    """Return the tags in use, for the list that a field of tags suggests from."""
    return plain_options(community.tags.most_used(TAGS_SUGGESTED).values_list("slug", flat=True))


def _visible_topic(user: User, pk: int) -> Topic | None:
    return Topic.objects.visible_to(user).select_related("community", "category", "author").filter(pk=pk).first()


def _visible_post(user: User, pk: int) -> Post | None:
    posts = Post.objects.visible_to(user).defer("search")
    return posts.select_related("author", "parent", "topic__community", "topic__category").filter(pk=pk).first()
