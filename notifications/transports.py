"""Ways out: mail over one reused connection, signed webhooks. Each says what kind of failure a failure was."""

import contextlib
import re
import smtplib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend
from django.core.mail.message import sanitize_address
from django.utils.module_loading import import_string

from lib import outbound, webhooks

WEBHOOK_SECONDS = 10
IDLE_SECONDS = 1.0
_OK, _GO_ON = 250, 354
_TAKEN = (250, 251)
# Most addresses; every other goes through Django's rules.
_PLAIN_ADDRESS = re.compile(r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\Z")
_GONE = 410
_TOO_BIG = 552
_CLOSING = 421


class TemporaryFailure(Exception):  # noqa: N818 - named by what follows from it
    """It may go through later."""


class PermanentFailure(Exception):  # noqa: N818 - named by what follows from it
    """It will not go through, ever: trying again would only annoy the other side."""


class Outage(TemporaryFailure):
    """The way out itself is closed: nothing else would go through either, for now."""


class NotTaken(smtplib.SMTPServerDisconnected):
    """The connection was gone before the mail was handed over: nobody can have taken it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's envelope and bytes."""

    sender: str
    recipients: Sequence[str]
    raw: bytes
    before_data: Callable[[], None] | None = None


class MailTransport:
    """One connection for a whole run of the worker, opened again when it broke."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._used_at = 0.0

    def send(self, mail: EmailMessage) -> None:
        """Hand ``mail`` to the mail server. Raises the failures above."""
        self._hand_over(mail)

    def send_bytes(self, recipient: str, raw: bytes, *, before_data: Callable[[], None]) -> None:
        """Hand over a mail that is built already, from the portal to one recipient. Raises the failures above.

        ``before_data`` is called when the envelope is accepted and the mail itself is about to go.
        """
        to = recipient if _PLAIN_ADDRESS.match(recipient) else sanitize_address(recipient, "utf-8")
        self._hand_over(Letter(_sender(settings.DEFAULT_FROM_EMAIL), [to], raw, before_data))

    def _hand_over(self, mail: EmailMessage | Letter) -> None:
        reused = self._ready()
        try:
            self._send(mail)
        except NotTaken as error:
            self.close()
            if not reused:
                raise TemporaryFailure(describe(error)) from error
            self._ready()
            self._send_again(mail)
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

    def _send_again(self, mail: EmailMessage | Letter) -> None:
        try:
            self._send(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise self._failure(error) from error

    def _send(self, mail: EmailMessage | Letter) -> None:
        if type(self._backend) is SMTPBackend and self._backend.connection is not None:
            _converse(self._backend.connection, mail if isinstance(mail, Letter) else _letter(mail))
        elif isinstance(mail, Letter) or not self._backend.send_messages([mail]):
            raise PermanentFailure("The mail has no recipient.")
        self._used_at = time.monotonic()

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
        # Asking first costs one round trip. A connection that was in use just now need not be asked: whether a mail
        # was taken is in doubt only when the connection breaks after the mail itself was sent (``NotTaken``).
        if type(self._backend) is SMTPBackend and time.monotonic() < self._used_at + IDLE_SECONDS:
            return True
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


def _letter(mail: EmailMessage) -> Letter:
    encoding = mail.encoding or settings.DEFAULT_CHARSET
    recipients = [sanitize_address(address, encoding) for address in mail.recipients()]
    if not recipients:
        raise PermanentFailure("The mail has no recipient.")
    sender = sanitize_address(mail.from_email, encoding)
    message: Any = mail.message()
    return Letter(sender, recipients, message.as_bytes(linesep="\r\n"))


def _converse(smtp: smtplib.SMTP, letter: Letter) -> None:
    """Do what ``smtplib.SMTP.sendmail`` does, in fewer round trips where the server lets us (RFC 2920).

    Raises smtplib's errors, and ``NotTaken`` for a connection that was lost before the mail itself was sent.
    """
    try:
        smtp.ehlo_or_helo_if_needed()
        _open(smtp, letter)
    except smtplib.SMTPServerDisconnected as error:
        raise NotTaken(*error.args) from error
    except smtplib.SMTPException:
        _reset(smtp)
        raise
    if letter.before_data is not None:
        try:
            letter.before_data()
        except BaseException:
            smtp.close()  # the server waits for a mail, and shall not get one
            raise
    # A line that is a dot ends the mail: a dot that begins one is doubled (RFC 5321, section 4.5.2).
    content = letter.raw.replace(b"\n.", b"\n..")
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    smtp.send(content + end)
    code, answer = smtp.getreply()
    if code != _OK:
        _reset(smtp)
        raise smtplib.SMTPDataError(code, answer)


def _open(smtp: smtplib.SMTP, letter: Letter) -> None:
    """Have the envelope accepted, and the server ready for the mail itself."""
    size = f" size={len(letter.raw)}" if smtp.does_esmtp and smtp.has_extn("size") else ""
    commands = [f"MAIL FROM:<{letter.sender}>{size}", *(f"RCPT TO:<{to}>" for to in letter.recipients), "DATA"]
    is_plain = all(_PLAIN_ADDRESS.match(address) for address in (letter.sender, *letter.recipients))
    if is_plain and smtp.does_esmtp and smtp.has_extn("pipelining"):
        smtp.send("\r\n".join([*commands, ""]))
        replies = [smtp.getreply() for _command in commands]
        ready, answer = replies[-1]
        try:
            _check(letter, replies[0], replies[1:-1])
        except smtplib.SMTPException:
            if ready == _GO_ON:
                # It waits for a mail that has no recipient: nothing is what it gets.
                smtp.docmd(".")
            raise
    else:
        sent = smtp.mail(letter.sender, size.split())
        _check(letter, sent, [(_OK, b"")])
        _check(letter, sent, [smtp.rcpt(recipient) for recipient in letter.recipients])
        ready, answer = smtp.docmd("DATA")
    if ready != _GO_ON:
        raise smtplib.SMTPDataError(ready, answer)


def _check(letter: Letter, sent: tuple[int, bytes], received: Sequence[tuple[int, bytes]]) -> None:
    """Raise smtplib's errors unless the sender, and one of the recipients, was accepted."""
    if sent[0] != _OK:
        raise smtplib.SMTPSenderRefused(*sent, letter.sender)
    for reply in received:
        if reply[0] == _CLOSING:
            raise smtplib.SMTPResponseException(*reply)
    if not any(code in _TAKEN for code, _answer in received):
        raise smtplib.SMTPRecipientsRefused(dict(zip(letter.recipients, received, strict=True)))


def _reset(smtp: smtplib.SMTP) -> None:
    # A server that has closed is found out about by the next mail.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.rset()


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
    except ValueError as error:
        raise TemporaryFailure(describe(error)) from error
    post_json(url, body=body, headers=signed)


def post_json(url: str, *, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Post to an endpoint, a chat's by itself. Raises as ``post_webhook`` does."""
    try:
        status = outbound.post(
            url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "User-Agent": f"{settings.PORTAL_NAME} webhooks",
                **(headers or {}),
            },
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


def takes_bytes() -> bool:
    """Say whether mails leave by SMTP, so that bytes are enough; other backends want Django's messages."""
    return import_string(settings.EMAIL_BACKEND) is SMTPBackend


@lru_cache(maxsize=8)
def _sender(from_email: str) -> str:
    return parseaddr(sanitize_address(from_email, "utf-8"))[1]


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(text.split())
