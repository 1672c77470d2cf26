"""Handing files out. Whoever calls this has asked whether the person may have the file."""

import logging

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from files.content import OCTET_STREAM
from files.models import Upload

logger = logging.getLogger(__name__)

# A downloaded file is somebody else's content on our address: whatever it holds, it may do nothing here.
CONTENT_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


# What files.images makes. A drawing (SVG) is a program and none of these.
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})


def download_response(upload: Upload) -> FileResponse:
    """Stream ``upload`` as an attachment, from whichever storage holds it.

    Raises ``Http404`` when the bytes are gone. The server sends no body for HEAD.
    """
    response = _response(upload, as_attachment=True)
    response["Cache-Control"] = "private, no-store"
    return response


def inline_response(upload: Upload) -> FileResponse:
    """Stream ``upload``, a picture that ``files.images`` made, for showing in a page. The caller says how to cache it.

    Raises ``Http404`` when the bytes are gone, and for anything that is no such picture.
    """
    if upload.content_type not in IMAGE_TYPES:
        raise Http404(_("This file is no longer here."))
    return _response(upload, as_attachment=False)


def _response(upload: Upload, *, as_attachment: bool) -> FileResponse:
    try:
        file = upload.file.open("rb")
    except FileNotFoundError as error:
        logger.error("The bytes of upload %s are missing from the storage.", upload.pk)  # noqa: TRY400 - no traceback needed
        raise Http404(_("This file is no longer here.")) from error
    response = FileResponse(
        file, as_attachment=as_attachment, filename=upload.name, content_type=upload.content_type or OCTET_STREAM
    )
    response["Content-Length"] = str(upload.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CONTENT_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
