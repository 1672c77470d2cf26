from io import BytesIO

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, Http404
from django.urls import reverse

from accounts.models import Contact, User
from files.http import download_response
from files.models import Upload
from files.staging import stage
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.files import PNG, UploadFactory

pytestmark = pytest.mark.django_db

STAGE = "/files/"


class RemoteStorage(Storage):
    """What S3 offers: names and bytes, and no path on any disk."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        if name not in self.objects:
            raise FileNotFoundError(name)
        return File(BytesIO(self.objects[name]), name=name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        self.objects[name] = b"".join(content.chunks())
        return name

    def exists(self, name: str) -> bool:
        return name in self.objects

    def delete(self, name: str) -> None:
        self.objects.pop(name, None)


def a_file(name: str = "agent.log", content: bytes = b"2026-11-23 ERROR\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class TestStage:
    def test_answer_is_a_chip_with_the_token(self, as_user: SignedIn, member: User):
        response = as_user(member).post(STAGE, {"file": a_file()})
        upload = Upload.objects.get()
        assert response.status_code == 201
        assert f'value="{upload.token}"' in response.text
        assert "agent.log" in response.text
        assert upload.owner == member

    def test_name_cannot_break_out_of_the_chip(self, as_user: SignedIn, member: User):
        response = as_user(member).post(STAGE, {"file": a_file("x'\"&amp;lt;img src=y.log")})
        assert "<img" not in response.text

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("screen.png", b"MZ\x90\x00", "Programs"),
            ("screen.png", b"plain text", "not a .png"),
            ("agent.log", b"", "empty"),
            ("setup.exe", b"x", "Programs"),
        ],
    )
    def test_refusal_is_one_sentence_of_text(self, as_user: SignedIn, member: User, name, content, reason):
        response = as_user(member).post(STAGE, {"file": a_file(name, content)})
        assert response.status_code == 422
        assert response["Content-Type"].startswith("text/plain")
        assert reason in response.text
        assert not Upload.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"file": "text"}])
    def test_request_without_a_file_is_refused(self, as_user: SignedIn, member: User, data):
        assert as_user(member).post(STAGE, data).status_code == 422

    @pytest.mark.parametrize("name", ["../../etc/passwd.log", "..\\..\\boot.log", "a\0b.log", "gnp\u202e.log"])
    def test_name_becomes_safe(self, as_user: SignedIn, member: User, name):
        as_user(member).post(STAGE, {"file": a_file(name)})
        stored = Upload.objects.get().name
        assert not set(stored) & set("/\\\0\u202e")
        assert stored.endswith(".log")

    def test_visitor_is_sent_to_sign_in_and_a_script_is_told(self, client):
        assert client.post(STAGE, {"file": a_file()})["Location"].startswith("/accounts/login/")
        response = client.post(STAGE, {"file": a_file()}, headers={"X-Requested-With": "XMLHttpRequest"})
        assert (response.status_code, response.text) == (401, "Please sign in again.")
        assert not Upload.objects.exists()

    def test_wrong_verb_is_told(self, as_user: SignedIn, member: User):
        assert as_user(member).get(STAGE).status_code == 405

    def test_form_of_another_site_is_refused(self, member: User):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(member)
        assert client.post(STAGE, {"file": a_file()}).status_code == 403


class TestDiscard:
    def test_owner_discards(self, as_user: SignedIn, member: User):
        upload = UploadFactory(owner=member)
        assert as_user(member).post(reverse("files:discard", args=[upload.token])).status_code == 204
        assert not Upload.objects.exists()

    def test_stranger_gets_404_and_the_file_stays(self, as_user: SignedIn, stranger: Contact):
        upload = UploadFactory()
        assert as_user(stranger.user).post(reverse("files:discard", args=[upload.token])).status_code == 404
        assert Upload.objects.exists()

    @pytest.mark.parametrize("token", ["x", "a" * 22, "%00", "x" * 5000])
    def test_no_such_token_is_404(self, as_user: SignedIn, member: User, token):
        assert as_user(member).post(f"/files/{token}/discard/").status_code == 404

    def test_wrong_verb_is_told(self, as_user: SignedIn, member: User):
        upload = UploadFactory(owner=member)
        assert as_user(member).get(reverse("files:discard", args=[upload.token])).status_code == 405


def parts(response: FileResponse) -> list[bytes]:
    return [bytes(part) for part in response]


class TestDownload:
    def test_file_comes_as_an_attachment_that_may_do_nothing(self):
        upload = UploadFactory(name="page.html", content_type="application/octet-stream")
        response = download_response(upload)
        assert b"".join(parts(response)) == b"2026-11-23 10:00:00 ERROR endpoint answered 503\n"
        assert response["Content-Disposition"] == 'attachment; filename="page.html"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response["Content-Length"] == str(upload.size)

    def test_name_outside_ascii_arrives(self):
        response = download_response(UploadFactory(name="Größe.log"))
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.log"

    def test_missing_bytes_are_404(self):
        upload = UploadFactory()
        upload.file.storage.delete(upload.file.name)
        with pytest.raises(Http404):
            download_response(upload)

    def test_another_storage_serves_the_same(self, monkeypatch):
        storage = RemoteStorage()
        monkeypatch.setattr("files.staging.upload_storage", lambda: storage)
        monkeypatch.setattr(Upload._meta.get_field("file"), "storage", storage)
        upload = stage(owner=UserFactory(), file=ContentFile(PNG), name="screen.png")
        response = download_response(Upload.objects.get(pk=upload.pk))
        assert b"".join(parts(response)) == PNG
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == 'attachment; filename="screen.png"'

    def test_large_file_is_streamed(self):
        upload = stage(owner=UserFactory(), file=ContentFile(b"a" * 1_000_000), name="big.log")
        response = download_response(upload)
        assert max(len(part) for part in parts(response)) <= 64 * 1024


def test_bytes_of_a_temporary_file_are_read_too():
    from django.core.files.uploadedfile import TemporaryUploadedFile

    with TemporaryUploadedFile("big.log", "text/plain", 5, None) as file:
        file.write(b"hello")
        assert stage(owner=UserFactory(), file=file, name="big.log").size == 5


def test_in_memory_file_is_read_from_its_beginning():
    file = ContentFile(b"hello")
    file.read()
    assert stage(owner=UserFactory(), file=file, name="x.log").file.read() == b"hello"
