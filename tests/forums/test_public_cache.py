"""Pages that caches may keep: the same bytes for every visitor of a language, and a validator of them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from forums.models import Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, comment, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic(member: User, engineer: User) -> Topic:
    topic = ask(member, tags=["netsuite"])
    answer = reply(topic, engineer)
    comment(answer, member)
    return topic


def addresses(topic: Topic) -> list[str]:
    post = topic.posts.get(kind="reply")
    return [
        "/forums/",
        "/forums/?show=top",
        "/forums/c/integrations/",
        "/forums/tags/",
        "/forums/tags/netsuite/",
        topic.get_absolute_url(),
        f"/forums/posts/{post.pk}/comments/",
        f"/forums/posts/{post.pk}/history/",
    ]


def test_a_visitor_is_shown_the_same_bytes_twice_and_304_after_that(topic: Topic) -> None:
    for url in addresses(topic):
        first, second = Client().get(url), Client().get(url)
        assert first.status_code == 200
        assert first.content == second.content
        assert first.headers["ETag"] == second.headers["ETag"]
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert {"Cookie", "Accept-Language"} <= set(first.headers["Vary"].split(", "))
        assert not first.cookies
        again = Client().get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_nothing_in_them_is_for_one_visitor_alone(topic: Topic) -> None:
    for url in addresses(topic):
        page = Client().get(url).content
        assert b"csrfmiddlewaretoken" not in page
        assert b"nonce" not in page


def test_they_do_not_depend_on_the_clock(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {url: Client().get(url).content for url in addresses(topic)}
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=9))
    assert {url: Client().get(url).content for url in addresses(topic)} == before


def test_a_reply_changes_the_validators_of_what_shows_it(topic: Topic, member: User) -> None:
    shown = ["/forums/", "/forums/c/integrations/", "/forums/tags/netsuite/", topic.get_absolute_url()]
    before = {url: Client().get(url).headers["ETag"] for url in shown}
    reply(topic, member)
    for url, validator in before.items():
        answer = Client().get(url, headers={"If-None-Match": validator})
        assert answer.status_code == 200
        assert answer.headers["ETag"] != validator


def test_another_language_has_another_validator(topic: Topic) -> None:
    with override_settings(LANGUAGES=[("en", "English"), ("de", "Deutsch")]):
        for url in addresses(topic):
            english, german = (Client().get(url, headers={"Accept-Language": code}) for code in ("en", "de"))
            assert b'lang="de"' in german.content
            assert english.headers["ETag"] != german.headers["ETag"]


def test_whoever_is_signed_in_gets_a_page_that_nobody_keeps(as_user: SignedIn, topic: Topic, member: User) -> None:
    for url in addresses(topic):
        page = as_user(member).get(url)
        assert "no-store" in page.headers["Cache-Control"]
        assert "private" in page.headers["Cache-Control"]
        assert "ETag" not in page.headers


@pytest.mark.parametrize("cookie", [settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name])
def test_a_session_or_a_waiting_message_makes_a_page_private(topic: Topic, cookie: str) -> None:
    client = Client()
    client.cookies[cookie] = "anything"
    page = client.get("/forums/")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]


def test_a_token_from_elsewhere_leaves_a_page_public(topic: Topic) -> None:
    client = Client()
    client.cookies[settings.CSRF_COOKIE_NAME] = "b" * 32
    assert client.get("/forums/").headers["Cache-Control"].startswith("public")


def test_a_part_for_htmx_is_kept_apart_from_its_page(topic: Topic) -> None:
    post = topic.posts.get(kind="reply")
    part = Client().get(f"/forums/posts/{post.pk}/comments/", headers={"HX-Request": "true"})
    assert "HX-Request" in part.headers["Vary"]
    assert part.headers["Cache-Control"].startswith("public")


def test_a_private_page_of_another_room_gets_no_validator(as_user: SignedIn, member: User) -> None:
    page = as_user(member).get("/account/")
    assert page.status_code == 200
    assert "ETag" not in page.headers
