"""Images in posts: taken in while somebody writes, shown to who sees the post."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Contact, User
from files.models import Upload
from forums import images
from forums.constants import State
from forums.errors import ForumError
from forums.models import Community, Member, Post, PostImage, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, reply

pytestmark = pytest.mark.django_db

URL = "/forums/images/"
PREVIEW = "/forums/preview/"


def picture(name: str = "Screen shot.png") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), content_type="image/png")


def paste(client: Client, name: str = "Screen shot.png") -> str:
    """Stage a picture and return the Markdown that shows it."""
    answer = client.post(URL, {"file": picture(name)})
    assert answer.status_code == 201
    markdown: str = answer.json()["markdown"]
    return markdown


def address(markdown: str) -> str:
    return markdown.rpartition("(")[2].rstrip(")")


def test_a_pasted_picture_becomes_markdown(member: User, as_user: SignedIn) -> None:
    markdown = paste(as_user(member))
    token = Upload.objects.get().token
    assert markdown == f"![Screen shot](/forums/images/{token}/)"


@pytest.mark.parametrize("name", ["a](javascript:x).png", "]\n[.png", "<b>.png", "`.png", ".png", "x" * 300 + ".png"])
def test_no_name_breaks_out_of_the_markdown(name: str, member: User, as_user: SignedIn) -> None:
    markdown = paste(as_user(member), name)
    assert markdown.count("[") == markdown.count("]") == markdown.count("(") == 1
    page = as_user(member).post(PREVIEW, {"text": markdown}).content.decode()
    assert f'<img src="{address(markdown)}"' in page


def test_what_is_no_picture_is_refused_in_words(member: User, as_user: SignedIn) -> None:
    answer = as_user(member).post(URL, {"file": SimpleUploadedFile("a.png", b"no picture")})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
    assert as_user(member).post(URL).status_code == 422
    assert as_user(member).get(URL).status_code == 405


def test_who_may_not_write_stages_nothing(member: User, client: Client, as_user: SignedIn) -> None:
    from datetime import timedelta

    Member.objects.create(user=member, silenced_until=timezone.now() + timedelta(days=1))
    assert as_user(member).post(URL, {"file": picture()}).status_code == 403
    assert client.post(URL, headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 401


def test_before_its_post_is_sent_only_its_owner_sees_it(
    member: User, contact: Contact, moderator: User, client: Client, as_user: SignedIn
) -> None:
    shown = address(paste(as_user(member)))
    answer = as_user(member).get(shown)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "private, max-age=300"
    for other in (as_user(contact.user), as_user(moderator), client):
        assert other.get(shown).status_code == 404


def test_once_sent_everybody_sees_it_until_it_is_hidden(
    member: User, moderator: User, client: Client, as_user: SignedIn
) -> None:
    markdown = paste(as_user(member))
    topic = ask(member, body=f"Look:\n\n{markdown}")
    answer = client.get(address(markdown))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, max-age=300"
    assert Upload.objects.get().state == Upload.State.ATTACHED
    Topic.objects.update(state=State.HIDDEN)
    Post.objects.update(state=State.HIDDEN)
    assert client.get(address(markdown)).status_code == 404
    assert as_user(member).get(address(markdown)).status_code == 404
    seen = as_user(moderator).get(address(markdown))
    assert seen.status_code == 200
    assert seen["Cache-Control"] == "private, max-age=300"
    assert topic.pk


def test_an_image_in_a_closed_community_is_private(
    member: User, engineer: User, client: Client, as_user: SignedIn
) -> None:
    markdown = paste(as_user(engineer))
    ask(engineer, body=markdown)
    Community.objects.update(is_public=False)
    assert client.get(address(markdown)).status_code == 404
    assert as_user(member).get(address(markdown)).status_code == 404
    assert as_user(engineer).get(address(markdown))["Cache-Control"] == "private, max-age=300"


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 21 + "%00", "..%2F" * 3])
def test_what_is_no_image_is_not_found(token: str, client: Client) -> None:
    assert client.get(f"{URL}{token}/").status_code == 404


def test_images_take_a_get_only(client: Client) -> None:
    assert client.post(f"{URL}{'A' * 22}/").status_code == 405


def test_an_edit_attaches_what_is_new_and_keeps_what_was(engineer: User, as_user: SignedIn) -> None:
    client = as_user(engineer)
    first, second, unused = (paste(client) for _turn in range(3))
    post = ask(engineer, body=first, tags=["edi"]).posts.get()
    form = {"title": post.topic.title, "tags": "edi", "category": "integrations", "version": 1}
    answer = client.post(f"/forums/posts/{post.pk}/edit/", form | {"body": f"{first} {second}"})
    assert answer.status_code == 302
    assert PostImage.objects.filter(post=post).count() == 2
    client.post(f"/forums/posts/{post.pk}/edit/", form | {"body": second, "version": 2})
    assert PostImage.objects.filter(post=post).count() == 2
    assert Upload.objects.get(state="staged").token in unused


def test_a_moderators_edit_attaches_the_moderators_picture(member: User, moderator: User, as_user: SignedIn) -> None:
    post = ask(member).posts.get()
    client = as_user(moderator)
    form = {"title": post.topic.title, "tags": "", "category": "integrations", "version": 1, "body": paste(client)}
    assert client.post(f"/forums/posts/{post.pk}/edit/", form).status_code == 302
    assert PostImage.objects.get().post == post


def test_another_persons_waiting_picture_is_not_taken(member: User, contact: Contact, as_user: SignedIn) -> None:
    theirs = paste(as_user(contact.user))
    topic = ask(member)
    form = {"body": theirs, "submission_token": str(uuid4())}
    answer = as_user(member).post(f"/forums/topics/{topic.pk}/reply/", form)
    assert answer.status_code == 422
    assert "no longer here" in answer.content.decode()
    assert theirs in answer.content.decode()
    assert not PostImage.objects.exists()


def test_a_picture_of_another_post_may_be_shown_again(
    member: User, contact: Contact, client: Client, as_user: SignedIn
) -> None:
    markdown = paste(as_user(member))
    topic = ask(member, body=markdown)
    reply(topic, contact.user, f"> {markdown}")
    assert PostImage.objects.get().post == topic.posts.get(kind="opening")
    assert client.get(address(markdown)).status_code == 200


def test_a_picture_in_a_block_of_code_stays_words(member: User) -> None:
    topic = ask(member, body=f"```\n![x](/forums/images/{'A' * 22}/)\n```")
    assert not PostImage.objects.exists()
    assert topic.pk


def test_too_many_pictures_are_refused(engineer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_IMAGES", 2)
    body = "\n".join(f"![x](/forums/images/{letter * 22}/)" for letter in "ABC")
    with pytest.raises(ForumError, match="at most 2 images"):
        ask(engineer, body=body)


# --- Preview ------------------------------------------------------------------------------------------------------
def test_a_preview_is_what_the_post_will_be(member: User, as_user: SignedIn) -> None:
    text = f"**bold** @{member.handle}\n\n- [x] done <script>alert(1)</script>"
    page = as_user(member).post(PREVIEW, {"text": text, "community": "community"}).content.decode()
    assert "<strong>bold</strong>" in page
    assert 'class="mention"' in page
    assert "<script" not in page


def test_a_text_that_is_too_long_has_no_preview(member: User, as_user: SignedIn) -> None:
    answer = as_user(member).post(PREVIEW, {"text": "x" * 50_001})
    assert answer.status_code == 422
    assert "50000" in answer.content.decode()


def test_a_preview_is_for_writers(member: User, client: Client, as_user: SignedIn) -> None:
    assert client.post(PREVIEW, {"text": "x"})["Location"].startswith("/accounts/login/")
    assert as_user(member).get(PREVIEW).status_code == 405
    Community.objects.create(slug="secret", name="Secret", is_public=False)
    for slug in ("secret", "nowhere", "\x00"):
        assert as_user(member).post(PREVIEW, {"text": "x", "community": slug}).status_code == 404
    assert as_user(member).post(PREVIEW, {"text": "\x00 **x**"}).status_code == 200
