"""Uploads."""

import hashlib

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from files.models import Upload
from tests.factories.accounts import UserFactory

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


class UploadFactory(DjangoModelFactory[Upload]):
    class Meta:
        model = Upload

    class Params:
        content = b"2026-11-23 10:00:00 ERROR endpoint answered 503\n"

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"agent-{n}.log")
    content_type = "text/plain"
    size = factory.LazyAttribute(lambda upload: len(upload.content))
    sha256 = factory.LazyAttribute(lambda upload: hashlib.sha256(upload.content).hexdigest())
    file = factory.LazyAttribute(lambda upload: ContentFile(upload.content, name="any"))
