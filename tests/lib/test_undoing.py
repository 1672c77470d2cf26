import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory

from lib.undoing import offer, undo_url_of


class Kept(list[Message]):
    def add(self, level: int, text: str, extra_tags: str = "") -> None:
        self.append(Message(level, text, extra_tags))


def offered(url: str) -> Message:
    request = RequestFactory().get("/")
    request._messages = Kept()  # type: ignore[attr-defined]
    offer(request, "Flag withdrawn.", undo_url=url)
    return request._messages[0]  # type: ignore[attr-defined,no-any-return]


def test_the_message_carries_a_form_that_posts_to_the_address_of_undo() -> None:
    drawn = render_to_string("components/message.html", {"message": offered("/flags/7/undo/")})
    assert 'action="/flags/7/undo/"' in drawn
    assert 'method="post"' in drawn
    assert "callout-success" in drawn


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", ""])
def test_undo_never_leads_off_the_site(url: str) -> None:
    assert undo_url_of(offered(url)) == ""


def test_other_messages_offer_nothing() -> None:
    plain = Message(constants.INFO, "Saved.")
    assert undo_url_of(plain) == ""
    assert "<form" not in render_to_string("components/message.html", {"message": plain})
