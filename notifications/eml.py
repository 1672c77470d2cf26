"""Mail as files, for development: one ``.eml`` per message, which any mail program opens."""

import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_PLAIN = re.compile(r"[^A-Za-z0-9@._-]+")


class EmlFileBackend(BaseEmailBackend):
    """Writes each message to ``EMAIL_FILE_PATH``. Names sort by time, and say to whom and what."""

    def __init__(self, fail_silently: bool = False, file_path: str | Path | None = None, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - Django's signature
        super().__init__(fail_silently=fail_silently, **kwargs)
        self.directory = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages and return how many. A reader never sees half a file."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        mime: Any = message.message()
        content = mime.as_bytes(linesep="\r\n")
        path = self.directory / _file_name(message)
        unfinished = path.with_suffix(".part")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.replace(path)


def _file_name(message: EmailMessage) -> str:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    recipient = _PLAIN.sub("-", next(iter(message.recipients()), "nobody"))[:60]
    subject = _PLAIN.sub("-", str(message.subject)).strip("-.")[:60] or "no-subject"
    return f"{moment}-{recipient}-{subject}-{secrets.token_hex(3)}.eml"
