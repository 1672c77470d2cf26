"""Ways out: mail over one reused connection, signed webhooks. Each says what kind of failure a failure was."""

import contextlib
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from lib import outbound, webhooks

WEBHOOK_SECONDS = 10
_GONE = 410
_TOO_BIG = 552
_CLOSING = 421


class TemporaryFailure(Exception):  # noqa: N818 - named by what follows from it
    """It may go through later."""


class PermanentFailure(Exception):  # noqa: N818 - named by what follows from it
    """It will not go through, ever: trying again would only annoy the other side."""


class Outage(TemporaryFailure):
    """The way out itself is closed: nothing else would go through either, for now."""


class MailTransport:
    """One connection for a whole run of the worker, opened again when it broke."""

    def __init__(self) -> None:
        self._backend: Any = None

    def send(self, mail: EmailMessage) -> None:
        """Hand ``mail`` to the mail server. Raises the failures above."""
        reused = self._ready()
        try:
            self._send(mail)
        except smtplib.SMTPResponseException as error:
            if error.smtp_code != _CLOSING:
                raise refusal(error) from error
            # The server ends a long session. It has not taken this mail; the next session may.
            self.close()
            if not reused:
                raise TemporaryFailure(describe(error)) from error
            self._ready()
            self._send_again(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """End the connection, if there is one."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                backend.close()

    def _send_again(self, mail: EmailMessage) -> None:
        try:
            self._send(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise self._failure(error) from error

    def _send(self, mail: EmailMessage) -> None:
        if not self._backend.send_messages([mail]):
            raise PermanentFailure("The mail has no recipient.")

    def _ready(self) -> bool:
        """Have an open connection. Returns whether it was open before. Raises ``Outage``."""
        if self._backend is not None:
            if self._is_alive():
                return True
            self.close()
        backend: Any = get_connection()
        try:
            backend.open()
        except (smtplib.SMTPException, OSError) as error:
            raise Outage(f"The mail server cannot be used: {describe(error)}") from error
        self._backend = backend
        return False

    def _is_alive(self) -> bool:
        # Asking first costs one round trip and saves the doubt whether a mail on a dead connection was taken.
        noop = getattr(getattr(self._backend, "connection", None), "noop", None)
        if noop is None:
            return True
        try:
            code, _answer = noop()
        except (smtplib.SMTPException, OSError):
            return False
        return bool(code == 250)

    def _failure(self, error: Exception) -> TemporaryFailure | PermanentFailure:
        if isinstance(error, smtplib.SMTPServerDisconnected | OSError) and not isinstance(
            error, smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException | smtplib.SMTPNotSupportedError
        ):
            self.close()
        return refusal(error)


def refusal(error: Exception) -> TemporaryFailure | PermanentFailure:
    """Say what a mail server's refusal means. A 5xx about sender or sign-in is our own fault, and can be mended."""
    text = describe(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _answer in error.recipients.values()]
        return PermanentFailure(text) if codes and min(codes) >= 500 else TemporaryFailure(text)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return PermanentFailure(text) if error.smtp_code == _TOO_BIG else TemporaryFailure(text)
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return PermanentFailure(text)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return PermanentFailure(text)
    return TemporaryFailure(text)


def describe(error: Exception) -> str:
    """Return an error in words an operator can use."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(answer)}" for code, answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def post_webhook(url: str, *, webhook_id: str, body: bytes, secret: str) -> None:
    """Post a signed webhook. Raises the failures above; only a 2xx answer is success, and 410 is for ever."""
    try:
        signed = webhooks.headers(secret, webhook_id=webhook_id, body=body)
        status = outbound.post(
            url,
            body=body,
            headers={"Content-Type": "application/json", "User-Agent": f"{settings.PORTAL_NAME} webhooks", **signed},
            seconds=WEBHOOK_SECONDS,
            allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS,
        )
    except outbound.RefusedAddress as error:
        raise PermanentFailure(str(error)) from error
    except (OSError, ValueError) as error:
        raise TemporaryFailure(describe(error)) from error
    if status == _GONE:
        raise PermanentFailure(f"The endpoint answered {status}: it is gone.")
    if not 200 <= status < 300:
        raise TemporaryFailure(f"The endpoint answered {status}.")


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(text.split())
