"""Taking files in: staged when they arrive, attached when their form is accepted, discarded otherwise.

Bytes reach the storage before their row commits, so a row always has its bytes; bytes whose row never came are swept.
"""

import hashlib
import logging
from collections.abc import Collection

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from files import content
from files.models import Upload, storage_name, upload_storage
from files.names import extension, safe_name
from lib.tokens import is_token

logger = logging.getLogger(__name__)

# What one person may have staged at once: enough for a few forms, too little to fill a disk.
STAGED_MAX_FILES = 50
STAGED_MAX_TIMES_LARGEST = 20

_CHUNK_BYTES = 64 * 1024


class UploadRefused(Exception):  # noqa: N818 - a refusal that a person reads, not a fault
    """A file is not taken, or no longer there. ``reason`` is a sentence for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def stage(*, owner: User, file: "File[bytes]", name: str) -> Upload:
    """Store ``file`` privately for ``owner`` until a form attaches it. Raises ``UploadRefused``.

    Read in chunks: no file is ever whole in memory.
    """
    name = safe_name(name)
    head = _head(file)
    _check_content(name, head)
    size, digest = _measure(file)
    _check_size(size)
    _check_quota(owner, size)
    upload = Upload(owner=owner, name=name, content_type=content.safe_type(extension(name)), size=size, sha256=digest)
    storage = upload_storage()
    stored = _store(storage, file, upload)
    try:
        with transaction.atomic():
            # One at a time for each person, or two at once would each see room for themselves.
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            _check_quota(owner, size)
            upload.file.name = stored
            upload.save(force_insert=True)
    except BaseException:
        storage.delete(stored)
        raise
    return upload


@transaction.atomic
def attach(*, owner: User, tokens: Collection[str]) -> list[Upload]:
    """Mark staged uploads as attached, all or none, and return them in the order given.

    Raises ``UploadRefused`` when one is not staged by ``owner``: another person's, already attached, or swept.
    The caller writes what they are attached to in the same transaction.
    """
    wanted = list(dict.fromkeys(tokens))
    if not wanted:
        return []
    found = {
        upload.token: upload
        for upload in Upload.objects.staged_by(owner)
        .filter(token__in=[token for token in wanted if is_token(token)])
        .select_for_update()
        .order_by("id")
    }
    if len(found) != len(wanted):
        raise UploadRefused(missing(len(wanted) - len(found)))
    for upload in found.values():
        upload.state = Upload.State.ATTACHED
    Upload.objects.filter(pk__in=[upload.pk for upload in found.values()]).update(state=Upload.State.ATTACHED)
    return [found[token] for token in wanted]


@transaction.atomic
def discard(*, owner: User, token: str) -> bool:
    """Delete a staged upload of ``owner``. Returns whether there was one; an attached file stays."""
    if not is_token(token):
        return False
    upload = Upload.objects.staged_by(owner).filter(token=token).select_for_update().first()
    if upload is None:
        return False
    delete(upload)
    return True


def delete(upload: Upload) -> None:
    """Delete a locked row, and its bytes once that has committed. Bytes that fail to go are left to the sweep."""
    stored = upload.file.name
    upload.delete()
    if stored:
        # A function and no partial: when it fails, Django's log asks for its name.
        transaction.on_commit(lambda: upload_storage().delete(stored), robust=True)


def missing(count: int) -> str:
    """Return the sentence about ``count`` files that are gone."""
    return ngettext(
        "A file you chose is no longer here. Please choose it again.",
        "Some files you chose are no longer here. Please choose them again.",
        count,
    )


def _store(storage: Storage, file: "File[bytes]", upload: Upload) -> str:
    file.seek(0)
    try:
        return storage.save(storage_name(upload, upload.name), File(file, name=upload.token))
    except Exception as error:  # each storage fails in its own way, and a form must not be lost over it
        logger.exception("An upload could not be stored.")
        raise UploadRefused(_("The file could not be stored. Please try again in a moment.")) from error


def _head(file: "File[bytes]") -> bytes:
    file.seek(0)
    return bytes(file.read(content.HEAD_BYTES))


def _measure(file: "File[bytes]") -> tuple[int, str]:
    """Return size in bytes and SHA-256; stops early on a file that is over the limit anyway."""
    digest = hashlib.sha256()
    size = 0
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        size += len(chunk)
        if size > settings.UPLOAD_MAX_BYTES:
            break
        digest.update(chunk)
    return size, digest.hexdigest()


def _check_content(name: str, head: bytes) -> None:
    ending = extension(name)
    if content.is_program(head) or ending in content.FORBIDDEN_EXTENSIONS:
        raise UploadRefused(_("Programs and scripts cannot be attached. Put it into a .zip file if we need it."))
    if head and content.contradicts(ending, head):
        raise UploadRefused(_("This is not a .%(extension)s file, though its name says so.") % {"extension": ending})


def _check_size(size: int) -> None:
    if size == 0:
        raise UploadRefused(_("This file is empty."))
    if size > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(
            _("This file is larger than %(limit)s.") % {"limit": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        )


def _check_quota(owner: User, size: int) -> None:
    staged = Upload.objects.staged_by(owner)
    used = staged.aggregate(bytes=Sum("size"))["bytes"] or 0
    if staged.count() >= STAGED_MAX_FILES or used + size > STAGED_MAX_TIMES_LARGEST * settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(
            _("You have many files waiting in forms that you did not send. Send or remove those, or try tomorrow.")
        )
