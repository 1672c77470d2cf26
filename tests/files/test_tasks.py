import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from files.models import Upload, upload_storage
from files.tasks import sweep_orphans, sweep_staged
from tests.factories.files import UploadFactory

pytestmark = pytest.mark.django_db


def age(upload: Upload, hours: float) -> None:
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(hours=hours))


def test_staged_file_is_swept_after_a_day(django_capture_on_commit_callbacks):
    old, fresh = UploadFactory.create_batch(2)
    age(old, 25)
    age(fresh, 23)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_staged()
    assert list(Upload.objects.all()) == [fresh]
    assert not upload_storage().exists(old.file.name)
    assert upload_storage().exists(fresh.file.name)


def test_attached_file_is_never_swept():
    upload = UploadFactory(state=Upload.State.ATTACHED)
    age(upload, 1000)
    sweep_staged()
    assert Upload.objects.exists()


class TestOrphans:
    storage: FileSystemStorage

    @pytest.fixture(autouse=True)
    def own_storage(self, tmp_path, monkeypatch):
        self.storage = FileSystemStorage(location=tmp_path)
        monkeypatch.setattr("files.tasks.upload_storage", lambda: self.storage)

    def keep(self, name: str, *, hours: float) -> str:
        stored = self.storage.save(name, ContentFile(b"x"))
        moment = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(self.storage.path(stored), (moment, moment))
        return stored

    def sweep(self) -> int:
        oldest = timezone.now() - timedelta(hours=24)
        return sum(sweep_orphans(oldest, part=part) for part in range(24))

    def test_old_bytes_without_a_row_go(self):
        name = self.keep("ab/abcdefghijklmnopqrstuv", hours=25)
        assert self.sweep() == 1
        assert not self.storage.exists(name)

    def test_fresh_bytes_stay_for_their_row_to_commit(self):
        self.keep("ab/abcdefghijklmnopqrstuv", hours=1)
        assert self.sweep() == 0

    def test_bytes_with_a_row_stay(self):
        upload = UploadFactory(state=Upload.State.ATTACHED)
        self.keep(f"{upload.token[:2]}/{upload.token}", hours=1000)
        assert self.sweep() == 0

    def test_storage_that_cannot_be_listed_is_left_alone(self, monkeypatch):
        def unlisted(path):
            raise NotImplementedError

        monkeypatch.setattr(self.storage, "listdir", unlisted)
        assert self.sweep() == 0
