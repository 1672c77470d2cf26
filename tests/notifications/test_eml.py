import email
import email.policy
import stat

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "notifications.eml.EmlFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


def send(subject="Hello", to="ann@x.example"):
    mail = EmailMultiAlternatives(subject, "Grüße", "us@x.example", [to])
    mail.attach_alternative("<p>Grüße</p>", "text/html")
    return get_connection().send_messages([mail])


def test_mail_becomes_a_file_that_mail_programs_read(folder):
    assert send() == 1
    (path,) = folder.iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert path.suffix == ".eml"
    assert message["To"] == "ann@x.example"
    text, html = message.iter_parts()
    assert (text.get_content().strip(), html.get_content().strip()) == ("Grüße", "<p>Grüße</p>")


def test_names_sort_by_time_and_tell_whom(folder):
    send("First", "zoe@x.example")
    send("Second", "ann@x.example")
    first, second = sorted(path.name for path in folder.iterdir())
    assert "zoe@x.example-First" in first
    assert "ann@x.example-Second" in second


@pytest.mark.parametrize("subject", ["../../etc/passwd", "/", "a\\b", "", "x" * 500, "日本語"])
def test_subject_cannot_lead_out_of_the_folder(folder, subject):
    send(subject)
    assert [path.parent for path in folder.iterdir()] == [folder]


def test_only_the_owner_reads_the_mails(folder):
    send()
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
