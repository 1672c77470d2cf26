"""Uploads: bytes in a private storage, under a random name that tells nothing."""

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _l

from files.querysets import UploadQuerySet
from lib.tokens import new_token


def upload_storage() -> Storage:
    """Return the storage that settings name for uploads; a callable, so that no migration pins it."""
    return storages["uploads"]


def storage_name(upload: "Upload", _filename: str) -> str:
    """Return the name in the storage: random, in 256 folders, with nothing of the person's own file name."""
    return f"{upload.token[:2]}/{upload.token}"


class Upload(models.Model):
    """One file that one person sent.

    *Staged* while its form is being filled, then *attached*. Who may download it is decided by what it is attached
    to; a staged one only by its owner. Staged uploads are swept after a day.
    """

    class State(models.TextChoices):
        STAGED = "staged", _l("Staged")
        ATTACHED = "attached", _l("Attached")

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=10, choices=State, default=State.STAGED)
    name = models.CharField(_l("file name"), max_length=200)
    content_type = models.CharField(max_length=120, default="application/octet-stream")
    size = models.PositiveBigIntegerField(_l("size in bytes"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(storage=upload_storage, upload_to=storage_name, max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _l("upload")
        verbose_name_plural = _l("uploads")
        indexes = [
            # Reader: the sweep of staged uploads.
            models.Index(fields=["created_at"], condition=models.Q(state="staged"), name="upload_staged_oldest"),
        ]

    def __str__(self) -> str:
        return self.name
