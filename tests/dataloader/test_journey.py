"""Somebody with no customer account posts, comments, and finds a thread by a line of their error file."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from forums.constants import PostKind, State
from forums.models import Post, Topic
from tests.cast import SignedIn
from tests.factories import forums
from tests.factories.dataloader import CSV_LINE, ask, shelf

pytestmark = pytest.mark.django_db

ASK, SEARCH = "/data-loader/ask/", "/data-loader/search/"


def written(**given: Any) -> dict[str, Any]:
    return {"submission_token": str(uuid4()), "stamp": forums.stamp(), "similar_seen": "1", **given}


def test_a_member_posts_comments_and_finds_the_thread(member: User, as_user: SignedIn) -> None:
    client = as_user(member)
    assert not member.active_contacts
    form = client.get(ASK, {"kind": "discussion"})
    assert form.context["form"].initial["kind"] == "discussion"
    response = client.post(
        ASK,
        written(
            kind="discussion",
            title="How we got rid of lock errors",
            body="We sort by account now. Before that: UNABLE_TO_LOCK_ROW on a third of the rows.",
            category=shelf().slug,
            tags="locking",
        ),
    )
    topic = Topic.objects.get()
    assert (response.status_code, response["Location"]) == (302, topic.get_absolute_url())
    assert (topic.kind, topic.kind_label, topic.state) == ("discussion", "Post", State.PUBLISHED)
    opening = topic.posts.get()
    response = client.post(reverse("discuss:comment", args=[opening.pk]), written(body="Serial mode helps too."))
    assert response.status_code == 302
    assert Post.objects.get(kind=PostKind.COMMENT).body == "Serial mode helps too."
    for address in (SEARCH, "/search/"):
        found = Client().get(address, {"q": CSV_LINE})
        assert found.status_code == 200
        page = found.content.decode()
        assert topic.get_absolute_url() in page
        assert "/data-loader/errors/UNABLE_TO_LOCK_ROW/" in page
        assert "Another job holds the record" in strip_tags(page)  # the words that were looked for are marked


def test_a_search_inside_finds_its_own_and_everything_is_one_click_away(member: User) -> None:
    own = ask(member, "UNABLE_TO_LOCK_ROW while loading")
    other = forums.ask(member, "UNABLE_TO_LOCK_ROW in a flow")
    page = Client().get(SEARCH, {"q": "unable to lock row"}).content.decode()
    assert own.get_absolute_url() in page
    assert other.get_absolute_url() not in page
    assert "in=everywhere" in page
    everywhere = Client().get(SEARCH, {"q": "unable to lock row", "in": "everywhere"}).content.decode()
    assert other.get_absolute_url() in everywhere


def test_a_line_of_two_thousand_characters_is_taken(member: User) -> None:
    topic = ask(member)
    line = '"' + "x" * 1850 + '","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access"'
    assert topic.get_absolute_url() in Client().get(SEARCH, {"q": line}).content.decode()
