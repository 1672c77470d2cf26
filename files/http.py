"""Handing files out. Whoever calls this has asked whether the person may have the file."""

import logging

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from files.content import OCTET_STREAM
from files.models import Upload

logger = logging.getLogger(__name__)

# A downloaded file is somebody else's content on our address: whatever it holds, it may do nothing here.
CONTENT_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def download_response(upload: Upload) -> FileResponse:
    """Stream ``upload`` as an attachment, from whichever storage holds it.

    Raises ``Http404`` when the bytes are gone. The server sends no body for HEAD.
    """
    try:
        file = upload.file.open("rb")
    except FileNotFoundError as error:
        logger.error("The bytes of upload %s are missing from the storage.", upload.pk)  # noqa: TRY400 - no traceback needed
        raise Http404(_("This file is no longer here.")) from error
    response = FileResponse(
        file, as_attachment=True, filename=upload.name, content_type=upload.content_type or OCTET_STREAM
    )
    response["Content-Length"] = str(upload.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = CONTENT_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
