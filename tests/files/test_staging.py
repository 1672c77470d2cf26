import hashlib
import threading
from io import BytesIO

import pytest
from django.core.files.base import ContentFile, File
from django.db import connection

from files import staging
from files.models import Upload, upload_storage
from files.names import NAME_MAX_BYTES, NAME_MAX_CHARACTERS, safe_name
from files.staging import UploadRefused, attach, discard, stage
from tests.factories.accounts import UserFactory
from tests.factories.files import PNG, UploadFactory

LOG = b"2026-11-23 ERROR endpoint answered 503\n"


def file_of(content: bytes) -> "File[bytes]":
    return ContentFile(content)


@pytest.mark.django_db
class TestStage:
    def test_staged_file_keeps_its_bytes_and_its_measures(self):
        upload = stage(owner=UserFactory(), file=file_of(LOG), name="agent.log")
        upload.refresh_from_db()
        assert upload.state == Upload.State.STAGED
        assert (upload.name, upload.size, upload.content_type) == ("agent.log", len(LOG), "text/plain")
        assert upload.sha256 == hashlib.sha256(LOG).hexdigest()
        assert upload.file.read() == LOG

    def test_stored_name_tells_nothing_of_the_persons_name(self):
        upload = stage(owner=UserFactory(), file=file_of(LOG), name="salaries-of-acme.csv")
        assert upload.file.name == f"{upload.token[:2]}/{upload.token}"

    def test_empty_file_is_refused(self):
        with pytest.raises(UploadRefused, match="empty"):
            stage(owner=UserFactory(), file=file_of(b""), name="agent.log")

    def test_file_over_the_limit_is_refused_and_leaves_nothing(self, settings):
        settings.UPLOAD_MAX_BYTES = 10
        with pytest.raises(UploadRefused, match="larger than 10"):
            stage(owner=UserFactory(), file=file_of(b"x" * 11), name="agent.log")
        assert not Upload.objects.exists()

    def test_file_at_the_limit_is_taken(self, settings):
        settings.UPLOAD_MAX_BYTES = 10
        assert stage(owner=UserFactory(), file=file_of(b"x" * 10), name="agent.log").size == 10

    @pytest.mark.parametrize(
        "content",
        [
            b"MZ\x90\x00\x03",
            b"\x7fELF\x02\x01",
            b"\xcf\xfa\xed\xfe\x07",
            b"\xca\xfe\xba\xbe\x00",
            b"#!/bin/sh\nrm -rf /",
            b"\xef\xbb\xbf#!/usr/bin/env python",
            b"\x4c\x00\x00\x00\x01\x14\x02\x00\x00",
        ],
    )
    @pytest.mark.parametrize("name", ["notes.txt", "screen.png", "data", "x.zip"])
    def test_program_is_refused_under_any_name(self, content, name):
        with pytest.raises(UploadRefused, match="Programs"):
            stage(owner=UserFactory(), file=file_of(content), name=name)

    @pytest.mark.parametrize(
        "name",
        [
            "setup.exe",
            "SETUP.EXE",
            "setup.exe.",
            "setup.exe ",
            "invoice.pdf.exe",
            "run.ps1",
            "x.e\u200bxe",
            "a\u202egnp.exe",
        ],
    )
    def test_program_is_refused_by_its_extension(self, name):
        with pytest.raises(UploadRefused, match="Programs"):
            stage(owner=UserFactory(), file=file_of(b"whatever is inside"), name=name)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("screen.png", b"not an image"),
            ("screen.png", b"\xff\xd8\xff\xe0"),
            ("notes.txt", PNG),
            ("report.pdf", b"PK\x03\x04rest"),
            ("data.zip", b"%PDF-1.7"),
            ("page.html", PNG),
        ],
    )
    def test_content_that_contradicts_the_extension_is_refused(self, name, content):
        with pytest.raises(UploadRefused, match="though its name says so"):
            stage(owner=UserFactory(), file=file_of(content), name=name)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("screen.PNG", PNG),
            ("photo.jpeg", b"\xff\xd8\xff\xe0rest"),
            ("report.pdf", b"%PDF-1.7 rest"),
            ("sheet.xlsx", b"PK\x03\x04rest"),
            ("movie.mp4", b"\0\0\0\x18ftypmp42"),
            ("notes.txt", "Grüße aus Köln".encode()),
            ("utf16.csv", "\ufeffid,name".encode("utf-16-le")),
            ("dump.hprof", b"JAVA PROFILE 1.0.2\0"),
            ("no-extension", b"\x00\x01\x02"),
        ],
    )
    def test_honest_file_is_taken(self, name, content):
        assert stage(owner=UserFactory(), file=file_of(content), name=name).size == len(content)

    @pytest.mark.parametrize("name", ["page.html", "image.svg", "script.js", "style.css", "feed.xml"])
    def test_what_a_browser_would_run_is_kept_as_bytes(self, name):
        upload = stage(owner=UserFactory(), file=file_of(b"<script>alert(1)</script>"), name=name)
        assert upload.content_type == "application/octet-stream"

    def test_too_many_staged_files_are_refused(self, monkeypatch):
        monkeypatch.setattr(staging, "STAGED_MAX_FILES", 2)
        owner = UserFactory()
        UploadFactory.create_batch(2, owner=owner)
        with pytest.raises(UploadRefused, match="many files"):
            stage(owner=owner, file=file_of(LOG), name="agent.log")
        assert stage(owner=UserFactory(), file=file_of(LOG), name="agent.log").pk

    def test_attached_files_do_not_count_as_staged(self, monkeypatch):
        monkeypatch.setattr(staging, "STAGED_MAX_FILES", 2)
        owner = UserFactory()
        UploadFactory.create_batch(2, owner=owner, state=Upload.State.ATTACHED)
        assert stage(owner=owner, file=file_of(LOG), name="agent.log").pk

    def test_row_that_cannot_be_written_leaves_no_bytes(self, monkeypatch):
        deleted: list[str] = []
        storage = upload_storage()
        monkeypatch.setattr(storage, "delete", deleted.append)
        monkeypatch.setattr(Upload, "save", lambda *_a, **_k: (_ for _ in ()).throw(RuntimeError("database away")))
        with pytest.raises(RuntimeError, match="database away"):
            stage(owner=UserFactory(), file=file_of(LOG), name="agent.log")
        assert len(deleted) == 1

    def test_storage_that_fails_is_a_refusal_and_not_a_crash(self, monkeypatch):
        def full(*_args, **_options):
            raise OSError("No space left on device")

        monkeypatch.setattr(upload_storage(), "save", full)
        with pytest.raises(UploadRefused, match="could not be stored"):
            stage(owner=UserFactory(), file=file_of(LOG), name="agent.log")
        assert not Upload.objects.exists()

    def test_file_is_never_read_whole(self):
        class Watched(BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                assert size is not None
                assert 0 < size <= 64 * 1024
                return super().read(size)

        upload = stage(owner=UserFactory(), file=File(Watched(b"a" * 300_000)), name="big.log")
        assert upload.size == 300_000


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/passwd", "passwd"),
        ("a\0b.txt", "ab.txt"),
        ("line\r\nbreak.txt", "line break.txt"),
        ("photo\u202egnp.scr", "photognp.scr"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        ("...txt", "txt"),
        (".bashrc", "bashrc"),
        ("name.txt. . .", "name.txt"),
        ('a<b>:"c|d?e*.txt', "a_b___c_d_e_.txt"),
        ("CON.txt", "_CON.txt"),
        ("Größe und Übersicht.xlsx", "Größe und Übersicht.xlsx"),
        ("日本語.png", "日本語.png"),
        ("bomb/../../../x.zip", "x.zip"),
        ("\ud800lone.txt", "lone.txt"),
    ],
)
def test_name_becomes_safe(sent, kept):
    assert safe_name(sent) == kept


@pytest.mark.parametrize("stem", ["x", "日", "\U0001f600"])
def test_long_name_keeps_its_extension(stem):
    name = safe_name(stem * 500 + ".xlsx")
    assert name.endswith(".xlsx")
    assert len(name) <= NAME_MAX_CHARACTERS
    assert len(name.encode()) <= NAME_MAX_BYTES


@pytest.mark.django_db
class TestAttach:
    def test_attached_in_the_order_given(self):
        owner = UserFactory()
        first, second = UploadFactory.create_batch(2, owner=owner)
        assert attach(owner=owner, tokens=[second.token, first.token, second.token]) == [second, first]
        assert set(Upload.objects.values_list("state", flat=True)) == {"attached"}

    def test_nothing_to_attach_is_fine(self):
        assert attach(owner=UserFactory(), tokens=[]) == []

    def test_token_of_another_person_is_refused_and_nothing_is_attached(self):
        owner = UserFactory()
        mine, theirs = UploadFactory(owner=owner), UploadFactory()
        with pytest.raises(UploadRefused):
            attach(owner=owner, tokens=[mine.token, theirs.token])
        assert set(Upload.objects.values_list("state", flat=True)) == {"staged"}

    def test_attached_file_is_not_attached_twice(self):
        upload = UploadFactory(state=Upload.State.ATTACHED)
        with pytest.raises(UploadRefused):
            attach(owner=upload.owner, tokens=[upload.token])

    @pytest.mark.parametrize("token", ["", "\0", "x" * 5000, "../../etc/passwd"])
    def test_malformed_token_is_refused(self, token):
        with pytest.raises(UploadRefused):
            attach(owner=UserFactory(), tokens=[token])


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_attach_a_file_once():
    upload = UploadFactory()
    barrier = threading.Barrier(8)
    outcomes = []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(bool(attach(owner=upload.owner, tokens=[upload.token])))
        except UploadRefused:
            outcomes.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_stay_within_the_quota(monkeypatch):
    monkeypatch.setattr(staging, "STAGED_MAX_FILES", 3)
    owner = UserFactory()
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        try:
            stage(owner=owner, file=file_of(LOG), name="agent.log")
        except UploadRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Upload.objects.count() == 3


@pytest.mark.django_db
class TestDiscard:
    def test_owner_discards_a_staged_file_and_its_bytes(self, django_capture_on_commit_callbacks):
        upload = UploadFactory()
        with django_capture_on_commit_callbacks(execute=True):
            assert discard(owner=upload.owner, token=upload.token)
        assert not Upload.objects.exists()
        assert not upload_storage().exists(upload.file.name)

    def test_attached_file_stays(self):
        upload = UploadFactory(state=Upload.State.ATTACHED)
        assert not discard(owner=upload.owner, token=upload.token)
        assert upload_storage().exists(upload.file.name)

    def test_another_persons_file_stays(self):
        upload = UploadFactory()
        assert not discard(owner=UserFactory(), token=upload.token)
        assert Upload.objects.exists()
