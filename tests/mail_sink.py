"""A real SMTP server that keeps what it is sent."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.servers import free_port, wait_until


@dataclass(frozen=True)
class Received:
    """One mail as it arrived: the envelope, and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""


class MailSink:
    """Listens on loopback; ``received`` holds the mails in the order in which they came."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refusals: list[str] = []
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen; again on the same port after ``stop()``."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening: from now on connections are refused."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def refuse(self, *replies: str) -> None:
        """Answer the next mails with these replies, such as ``451 try later``, and keep none of them."""
        self.refusals.extend(replies)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusals:
            return self.refusals.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.received.append(Received(envelope.mail_from, list(envelope.rcpt_tos), message))
        return "250 OK"

    def to(self, address: str) -> list[Received]:
        """Return the mails to one address."""
        return [mail for mail in list(self.received) if address in mail.recipients]

    def wait_for(self, count: int, *, address: str | None = None, seconds: float = 30) -> list[Received]:
        """Wait until so many mails have come (to the address, if one is named) and return them."""

        def mails() -> list[Received]:
            return self.to(address) if address else list(self.received)

        wait_until(
            lambda: len(mails()) >= count,
            seconds=seconds,
            what=f"the arrival of {count} mails{f' to {address}' if address else ''}",
            detail=lambda: "\n".join(f"{mail.recipients}: {mail.subject}" for mail in self.received),
        )
        return mails()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """Return an SMTP server of the test's own."""
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()
