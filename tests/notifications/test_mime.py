import email
import email.policy
from email.message import EmailMessage

import pytest

from notifications import mime
from notifications.rendering import Rendered, one_line, paragraphs
from tests.factories.notifications import DeliveryFactory

pytestmark = pytest.mark.django_db


def built(rendered: Rendered | None = None, **fields: object) -> EmailMessage:
    delivery = DeliveryFactory(**fields)
    rendered = rendered or Rendered(subject="Hello", text="Text\n", html="<p>HTML</p>")
    raw = mime.build(delivery, rendered).message().as_bytes(linesep="\r\n")
    message: EmailMessage = email.message_from_bytes(raw, policy=email.policy.default)
    return message


def test_text_and_html_are_alternatives():
    message = built()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_message_id_is_the_ledgers():
    assert built(mail_id="abc@portal.example")["Message-ID"] == "<abc@portal.example>"


def test_portal_says_that_a_program_wrote_it():
    message = built()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert not [name for name in message if name.lower().startswith("x-")]


def test_mails_of_one_thread_answer_the_same_root():
    first, second = built(message__thread="case:17"), built(message__thread="case:17")
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["References"].startswith("<thread-case-17@")


def test_mails_of_another_thread_answer_another_root():
    assert built(message__thread="case:17")["References"] != built(message__thread="case:171")["References"]


def test_long_identifiers_stay_on_one_line():
    delivery = DeliveryFactory(mail_id=f"{'a' * 32}@{'long.' * 20}example", message__thread="case:1")
    raw = mime.build(delivery, Rendered("Hello", "Text")).message().as_bytes()
    assert f"\nMessage-ID: <{delivery.mail_id}>\n".encode() in raw


def test_mail_without_thread_answers_nothing():
    message = built()
    assert message["References"] is None
    assert message["In-Reply-To"] is None


def test_one_click_unsubscribe_stands_where_there_is_a_category():
    rendered = Rendered("Hello", "Text", unsubscribe_url="https://portal.example/account/notifications/unsubscribe/t/")
    message = built(rendered)
    assert message["List-Unsubscribe"] == f"<{rendered.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert built()["List-Unsubscribe"] is None


@pytest.mark.parametrize("broken", ["Hello\r\nBcc: all@x.example", "Hello\nBcc: x", "Hello\x0bBcc: x", "a\u2028b\0c"])
def test_line_break_in_a_subject_begins_no_header(broken):
    message = built(Rendered(one_line(broken), "Text"))
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller",
        "山田 太郎",
        'Ann "The Hammer" O\'Neil',
        "Evil\r\nBcc: x@y.example",
        'x" <all@evil.example>, "y',
        "a,b;c",
    ],
)
def test_name_never_changes_who_gets_it(name):
    delivery = DeliveryFactory(user__display_name=name[:80])
    mail = mime.build(delivery, Rendered("Hello", "Text"))
    assert mail.recipients() == [delivery.address]
    message: EmailMessage = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    assert [address.addr_spec for address in message["To"].addresses] == [delivery.address]
    assert message["Bcc"] is None


def test_name_outside_ascii_arrives():
    assert built(user__display_name="Zoë Müller")["To"].addresses[0].display_name == "Zoë Müller"


@pytest.mark.parametrize("subject", ["Ä" * 300, "word " * 60, "x" * 300])
def test_long_subject_arrives_whole(subject):
    assert built(Rendered(one_line(subject), "Text"))["Subject"].replace(" ", "") == subject.strip().replace(" ", "")


def test_empty_subject_gets_words():
    assert one_line(" \r\n ")


def test_text_keeps_its_signature_mark_and_loses_empty_lines():
    assert paragraphs("a  \n\n\n\nb\n-- \nus\n\n") == "a\n\nb\n-- \nus\n"
