"""Replying, commenting, editing: what is written, refused, and given back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, User
from forums import drafts, editing, organising
from forums.constants import State
from forums.models import Draft, Member, Post, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, category, comment, reply

pytestmark = pytest.mark.django_db

TEXT = "Raise the concurrency limit in the connector."


def sent(**changes: Any) -> dict[str, Any]:
    return {"body": TEXT, "submission_token": str(uuid4()), **changes}


def reply_url(topic: Topic) -> str:
    return f"/forums/topics/{topic.pk}/reply/"


def comment_url(post: Post) -> str:
    return f"/forums/posts/{post.pk}/comment/"


def edit_url(post: Post) -> str:
    return f"/forums/posts/{post.pk}/edit/"


# --- Reply --------------------------------------------------------------------------------------------------------
def test_a_reply_is_written_and_led_to(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic = ask(member)
    client = as_user(contact.user)
    assert "Post answer" in client.get(reply_url(topic)).content.decode()
    answer = client.post(reply_url(topic), sent())
    post = Post.objects.replies().get()
    assert answer["Location"] == post.get_absolute_url()
    assert (post.body, post.author, post.topic) == (TEXT, contact.user, topic)


def test_the_topics_page_has_the_form(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic = ask(member)
    page = as_user(contact.user).get(topic.get_absolute_url()).content.decode()
    assert f'action="{reply_url(topic)}"' in page
    assert f'data-draft-key="reply:{topic.pk}"' in page


def test_a_visitor_is_led_to_sign_in_and_back(member: User, client: Client) -> None:
    topic = ask(member)
    assert client.get(reply_url(topic))["Location"] == f"/accounts/login/?next={reply_url(topic)}"
    page = client.get(topic.get_absolute_url()).content.decode()
    assert f"/accounts/login/?next={topic.get_absolute_url()}%23reply" in page
    assert "csrfmiddlewaretoken" not in page


def test_other_verbs_are_refused(member: User, as_user: SignedIn) -> None:
    topic = ask(member)
    for url in (reply_url(topic), comment_url(topic.posts.get()), edit_url(topic.posts.get())):
        assert as_user(member).put(url).status_code == 405


def test_the_same_reply_twice_is_one(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic, form = ask(member), sent()
    first, second = (as_user(contact.user).post(reply_url(topic), form) for _turn in range(2))
    assert first["Location"] == second["Location"]
    assert Post.objects.replies().count() == 1


def test_an_empty_reply_is_refused(member: User, contact: Contact, as_user: SignedIn) -> None:
    answer = as_user(contact.user).post(reply_url(ask(member)), sent(body=" "))
    assert answer.status_code == 422
    assert "Your reply is not sent yet" in answer.content.decode()


def test_a_reply_to_a_locked_topic_is_refused_and_kept(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(is_locked=True)
    answer = as_user(contact.user).post(reply_url(topic), sent())
    assert answer.status_code == 422
    assert "locked" in answer.content.decode()
    assert TEXT in answer.content.decode()
    assert as_user(contact.user).get(reply_url(topic)).status_code == 403


def test_a_suspended_person_is_refused_and_keeps_their_text(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic = ask(member)
    Member.objects.create(user=contact.user, suspended_until=timezone.now() + timedelta(days=1))
    answer = as_user(contact.user).post(reply_url(topic), sent())
    assert answer.status_code == 422
    assert TEXT in answer.content.decode()


@pytest.mark.parametrize("state", [State.HIDDEN, State.DELETED])
def test_a_reply_to_what_is_gone_is_given_back_and_kept(
    state: str, member: User, contact: Contact, as_user: SignedIn
) -> None:
    topic = ask(member)
    Topic.objects.filter(pk=topic.pk).update(state=state)
    client = as_user(contact.user)
    answer = client.post(reply_url(topic), sent())
    assert answer.status_code == 404
    assert TEXT in answer.content.decode()
    assert "readonly" in answer.content.decode()
    assert topic.title not in answer.content.decode()
    assert Draft.objects.get(user=contact.user).body == TEXT
    assert client.get(reply_url(topic)).status_code == 404


def test_what_never_existed_answers_as_what_is_gone(contact: Contact, as_user: SignedIn) -> None:
    for url in ("/forums/topics/999999999999/reply/", "/forums/posts/999999999999/comment/"):
        assert as_user(contact.user).get(url).status_code == 404
        answer = as_user(contact.user).post(url, sent())
        assert answer.status_code == 404
        assert TEXT in answer.content.decode()


def test_a_number_that_no_topic_can_have_is_404(contact: Contact, as_user: SignedIn) -> None:
    client = as_user(contact.user)
    for place in ("topics/{}/reply/", "posts/{}/comment/", "posts/{}/edit/"):
        assert client.post("/forums/" + place.format("9" * 80), sent()).status_code == 404
    assert not Draft.objects.exists()


def test_a_reply_to_a_merged_topic_waits_in_the_other(
    member: User, contact: Contact, moderator: User, as_user: SignedIn
) -> None:
    topic, target = ask(member), ask(moderator, "The topic that stays, for everybody")
    organising.merge(topic_id=topic.pk, into_id=target.pk, actor=moderator)
    client = as_user(contact.user)
    answer = client.post(reply_url(topic), sent())
    assert answer.status_code == 404
    assert target.title in answer.content.decode()
    assert TEXT in client.get(reply_url(target)).content.decode()
    assert client.get(reply_url(topic))["Location"] == target.get_absolute_url()


def test_who_was_signed_out_has_their_text_given_back(member: User, client: Client) -> None:
    topic = ask(member)
    answer = client.post(reply_url(topic), sent(body="<script>alert(1)</script> lost?"))
    assert answer.status_code == 403
    assert "&lt;script&gt;alert(1)&lt;/script&gt; lost?" in answer.content.decode()


# --- Comment ------------------------------------------------------------------------------------------------------
def test_a_comment_is_written_under_its_post(member: User, contact: Contact, as_user: SignedIn) -> None:
    post = reply(ask(member), contact.user)
    client = as_user(member)
    assert contact.user.display_name in client.get(comment_url(post)).content.decode()
    answer = client.post(comment_url(post), sent(body="Thank you!"))
    written = Post.objects.of_comments().get()
    assert written.parent == post
    assert answer["Location"] == written.get_absolute_url()


def test_htmx_fetches_the_form_alone(member: User, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    page = as_user(member).get(comment_url(post), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert f'id="id_comment_{post.pk}_body"' in page
    assert f'data-focus="comment-on-{post.pk}"' in page


def test_a_comment_is_not_commented_on(member: User, contact: Contact, as_user: SignedIn) -> None:
    remark = comment(reply(ask(member), contact.user), member)
    assert as_user(member).get(comment_url(remark)).status_code == 403
    answer = as_user(member).post(comment_url(remark), sent())
    assert answer.status_code == 422
    assert "Comment on the post above it" in answer.content.decode()


def test_a_comment_on_a_hidden_post_is_given_back(member: User, contact: Contact, as_user: SignedIn) -> None:
    post = reply(ask(member), contact.user)
    Post.objects.filter(pk=post.pk).update(state=State.HIDDEN)
    answer = as_user(member).post(comment_url(post), sent())
    assert answer.status_code == 404
    assert TEXT in answer.content.decode()


# --- Edit ---------------------------------------------------------------------------------------------------------
def edit_form(post: Post, **changes: Any) -> dict[str, Any]:
    topic = post.topic
    opening = {"title": topic.title, "tags": "netsuite", "category": topic.category.slug} if post.is_opening else {}
    return {"body": post.body, "version": post.version, "reason": "", **opening, **changes}


def test_an_author_edits_the_opening_post_and_its_topic(member: User, as_user: SignedIn) -> None:
    post = ask(member, tags=["netsuite"]).posts.get()
    client = as_user(member)
    assert 'value="netsuite"' in client.get(edit_url(post)).content.decode()
    form = edit_form(post, title="Orders stop syncing at night", tags="edi", category="edi", reason="Clearer")
    assert client.post(edit_url(post), form)["Location"] == post.get_absolute_url()
    topic = Topic.objects.get()
    assert (topic.title, topic.category.slug) == ("Orders stop syncing at night", "edi")
    assert [tag.slug for tag in topic.tags.all()] == ["edi"]
    assert post.revisions.get().reason == "Clearer"


def test_an_author_edits_their_reply(member: User, contact: Contact, as_user: SignedIn) -> None:
    post = reply(ask(member), contact.user)
    page = as_user(contact.user).get(edit_url(post)).content.decode()
    assert "id_title" not in page
    as_user(contact.user).post(edit_url(post), edit_form(post, body="Better words."))
    post.refresh_from_db()
    assert post.body == "Better words."


def test_what_may_be_deleted_is_deleted_from_where_it_is_edited(
    member: User, contact: Contact, moderator: User, as_user: SignedIn
) -> None:
    remark = comment(reply(ask(member), contact.user), member)
    assert f"/forums/posts/{remark.pk}/delete/" in as_user(member).get(edit_url(remark)).content.decode()
    assert "/delete/" not in as_user(moderator).get(edit_url(remark)).content.decode()


def test_another_persons_post_is_not_edited(member: User, contact: Contact, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    assert as_user(contact.user).get(edit_url(post)).status_code == 403
    answer = as_user(contact.user).post(edit_url(post), edit_form(post, body=TEXT))
    assert answer.status_code == 422
    assert TEXT in answer.content.decode()
    post.refresh_from_db()
    assert post.version == 1


def test_a_strangers_hidden_post_does_not_exist(member: User, contact: Contact, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    Topic.objects.update(state=State.HIDDEN)
    Post.objects.update(state=State.HIDDEN)
    assert as_user(contact.user).get(edit_url(post)).status_code == 404


def test_what_somebody_else_changed_is_shown_and_ones_own_text_kept(
    member: User, moderator: User, as_user: SignedIn
) -> None:
    post = ask(member, body="The first line.\nThe second line.").posts.get()
    mine = edit_form(post, body="My own words.")
    editing.edit_post(post_id=post.pk, editor=moderator, body="The first line.\nThe changed line.", version=1)
    answer = as_user(member).post(edit_url(post), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>second</del>" in page
    assert "<ins>changed</ins>" in page
    assert "My own words." in page
    assert 'name="version" value="2"' in page
    post.refresh_from_db()
    assert post.body.endswith("changed line.")
    assert as_user(member).post(edit_url(post), mine | {"version": "2"}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999"])
def test_a_version_that_is_none_is_refused(version: str, member: User, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    assert as_user(member).post(edit_url(post), edit_form(post, version=version)).status_code == 422


def test_saving_the_same_again_writes_nothing_and_ends_the_draft(member: User, as_user: SignedIn) -> None:
    post = ask(member, tags=["netsuite"]).posts.get()
    drafts.keep(member, drafts.edit_key(post), body="Half a thought")
    assert "Half a thought" in as_user(member).get(edit_url(post)).content.decode()
    assert as_user(member).post(edit_url(post), edit_form(post)).status_code == 302
    assert not post.revisions.exists()
    assert not Draft.objects.exists()


def test_a_draft_from_before_an_edit_warns(member: User, moderator: User, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    drafts.keep(member, drafts.edit_key(post), body="Half a thought")
    editing.edit_post(post_id=post.pk, editor=moderator, body="Edited since.", version=1)
    page = as_user(member).get(edit_url(post)).content.decode()
    assert "edited after your draft" in page
    assert "Edited since." in page


def test_a_post_in_a_category_for_the_team_keeps_it(engineer: User, moderator: User, as_user: SignedIn) -> None:
    post = ask(engineer, shelf=category("announcements"), tags=["netsuite"]).posts.get()
    assert as_user(engineer).post(edit_url(post), edit_form(post, body="Changed.")).status_code == 302
