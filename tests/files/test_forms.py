from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from files.forms import StagedUploadsField, owned_by
from files.models import Upload
from tests.factories.accounts import ContactFactory, UserFactory
from tests.factories.files import UploadFactory

pytestmark = pytest.mark.django_db


class ReplyForm(forms.Form):
    body = forms.CharField()
    uploads = StagedUploadsField()

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owned_by(self, owner)


def a_file(name: str = "agent.log", content: bytes = b"log\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(owner: User, *, files: Any = (), **data: Any) -> ReplyForm:
    posted = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in data.items()})
    return ReplyForm(posted, MultiValueDict({"files": list(files)}), owner=owner)


def test_new_files_are_staged_and_cleaned_to_uploads():
    owner = UserFactory()
    form = sent(owner, body="See the log", files=[a_file("a.log"), a_file("b.log")])
    assert form.is_valid()
    assert [upload.name for upload in form.cleaned_data["uploads"]] == ["a.log", "b.log"]


def test_files_survive_an_error_elsewhere_in_the_form():
    owner = UserFactory()
    form = sent(owner, body="", files=[a_file()])
    assert not form.is_valid()
    upload = Upload.objects.get()
    assert f'name="uploads" value="{upload.token}"' in str(form["uploads"])
    again = sent(owner, body="Now with words", uploads=[upload.token])
    assert again.is_valid()
    assert again.cleaned_data["uploads"] == [upload]


def test_refused_file_leaves_the_good_ones_and_the_words():
    form = sent(UserFactory(), body="Words", files=[a_file(), a_file("setup.exe"), a_file("screen.png", b"no image")])
    assert not form.is_valid()
    assert len(form.errors["uploads"]) == 2
    shown = str(form["uploads"])
    assert "setup.exe: Programs" in shown
    assert "agent.log" in shown


def test_removed_file_is_discarded():
    owner = UserFactory()
    kept, removed = UploadFactory.create_batch(2, owner=owner)
    form = sent(owner, body="x", uploads=[kept.token, removed.token], remove_upload=[removed.token])
    assert form.is_valid()
    assert form.cleaned_data["uploads"] == [kept]
    assert list(Upload.objects.all()) == [kept]


@pytest.mark.parametrize("state", ["staged", "attached"])
def test_token_of_another_person_or_an_attached_one_is_an_error(state):
    foreign = UploadFactory(state=state)
    owner = UserFactory() if state == "staged" else foreign.owner
    form = sent(owner, body="x", uploads=[foreign.token])
    assert not form.is_valid()
    assert "no longer here" in str(form.errors["uploads"])
    assert foreign.name not in str(form["uploads"])


@pytest.mark.parametrize("token", ["", "\0", "x" * 5000, "'; drop table--"])
def test_malformed_token_is_an_error_and_no_crash(token):
    assert not sent(UserFactory(), body="x", uploads=[token]).is_valid()


def test_removing_anothers_file_does_nothing():
    foreign = UploadFactory()
    sent(UserFactory(), body="x", remove_upload=[foreign.token, "\0"]).is_valid()
    assert Upload.objects.filter(pk=foreign.pk).exists()


def test_more_files_than_allowed_are_refused(settings):
    settings.UPLOAD_MAX_FILES = 2
    owner = UserFactory()
    form = sent(owner, body="x", files=[a_file(f"{number}.log") for number in range(4)])
    assert not form.is_valid()
    assert "at most 2 files" in str(form.errors["uploads"])
    assert Upload.objects.count() == 2


def test_no_file_is_fine():
    form = sent(UserFactory(), body="x")
    assert form.is_valid()
    assert form.cleaned_data["uploads"] == []


def test_field_is_rendered_with_its_address_and_limit(settings):
    shown = str(ReplyForm(owner=UserFactory())["uploads"])
    assert 'name="files"' in shown
    assert 'data-upload-url="/files/"' in shown
    assert f'data-max-bytes="{settings.UPLOAD_MAX_BYTES}"' in shown
    assert ReplyForm(owner=UserFactory()).is_multipart()


def test_form_that_forgot_its_owner_fails_loudly():
    class Forgetful(forms.Form):
        uploads = StagedUploadsField()

    with pytest.raises(RuntimeError, match="owned_by"):
        Forgetful({}).is_valid()


def test_a_form_with_far_too_many_files_is_told_so_and_keeps_its_words(client: Client) -> None:
    contact = ContactFactory()
    client.force_login(contact.user)
    files = [a_file(f"{number}.log") for number in range(50)]

    response = client.post("/cases/new/", {"subject": "Words to keep", "files": files})

    assert response.status_code == 422
    assert "Words to keep" in response.content.decode()
    assert Upload.objects.count() == settings.UPLOAD_MAX_FILES
