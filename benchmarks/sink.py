"""``python -m benchmarks.sink``: an SMTP server on loopback that counts and checks what it is sent, and keeps nothing.

It answers one session at a time, prints ``listening <port>`` first and one line of JSON at the end: how many mails
came, to how many recipients, how many twice, and what was wrong. It ends when ``--sessions`` sessions are over, after
``--idle`` seconds without a byte, and when asked to (SIGTERM).
"""

import argparse
import contextlib
import hashlib
import json
import signal
import socket
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

REQUIRED_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
BULK_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")
PROBLEMS_KEPT = 20


@dataclass(slots=True)
class Tally:
    """What has come so far."""

    required: tuple[str, ...]
    mails: int = 0
    octets: int = 0
    recipients: Counter[str] = field(default_factory=Counter)
    message_ids: set[bytes] = field(default_factory=set)
    problems: Counter[str] = field(default_factory=Counter)

    def take(self, recipients: list[str], content: bytes) -> None:
        """Count one mail and look at its headers and links."""
        self.mails += 1
        self.octets += len(content)
        self.recipients.update(recipients)
        head, _empty, body = content.partition(b"\r\n\r\n")
        headers: dict[str, bytes] = {}
        for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
            name, _colon, text = line.partition(b":")
            headers[name.decode("ascii", "replace").lower()] = text.strip()
        for required in self.required:
            if not headers.get(required.lower()):
                self.problem(f"{required} is missing")
        if len(recipients) != 1:
            self.problem("not one recipient")
        elif recipients[0].encode() not in headers.get("to", b""):
            self.problem("To names somebody else")
        link = headers.get("list-unsubscribe", b"").strip(b"<>")
        if link and link not in body.replace(b"=\r\n", b"").replace(b"=3D", b"="):
            self.problem("the body has another unsubscribe link")
        self.message_ids.add(hashlib.blake2b(headers.get("message-id", b""), digest_size=12).digest())

    def problem(self, text: str) -> None:
        """Count something that is wrong."""
        if text in self.problems or len(self.problems) < PROBLEMS_KEPT:
            self.problems[text] += 1

    def report(self) -> dict[str, object]:
        """Return the figures."""
        return {
            "mails": self.mails,
            "bytes": self.octets,
            "recipients": len(self.recipients),
            "doubled": sum(count - 1 for count in self.recipients.values()),
            "message_ids": len(self.message_ids),
            # Compared with that of the expected recipients; order does not matter.
            "fingerprint": fingerprint(self.recipients),
            "problems": dict(self.problems),
        }


def fingerprint(addresses: Iterable[str]) -> str:
    """Return what two sets of addresses have in common only when they are the same."""
    total = 0
    for address in addresses:
        total ^= int.from_bytes(hashlib.blake2b(address.encode(), digest_size=16).digest(), "big")
    return f"{total:032x}"


def serve(listener: socket.socket, tally: Tally, *, sessions: int, idle: float) -> None:
    """Answer sessions until there were enough of them, or nobody has said anything for ``idle`` seconds."""
    listener.settimeout(idle)
    for _number in range(sessions):
        try:
            connection, _peer = listener.accept()
        except TimeoutError:
            return
        with connection:
            connection.settimeout(idle)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                _session(connection, tally)
            except (OSError, EOFError):
                continue  # the other side is gone, or silent: the tally tells


class _Talk:
    """One side of a session: replies to commands that came together leave together (RFC 2920, section 3.2)."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.unread = b""
        self.unsent = b"220 sink\r\n"

    def say(self, reply: bytes) -> None:
        """Reply, as soon as nothing more is there to be read."""
        self.unsent += reply + b"\r\n"

    def until(self, end: bytes) -> bytes:
        """Return what comes before ``end``. Raises ``EOFError`` when the other side is gone."""
        while (found := self.unread.find(end)) < 0:
            if self.unsent:
                self.connection.sendall(self.unsent)
                self.unsent = b""
            more = self.connection.recv(1 << 18)
            if not more:
                raise EOFError
            self.unread += more
        said, self.unread = self.unread[:found], self.unread[found + len(end) :]
        return said


def _session(connection: socket.socket, tally: Tally) -> None:
    talk = _Talk(connection)
    recipients: list[str] = []
    while True:
        line = talk.until(b"\r\n")
        verb = line[:4].upper()
        if verb == b"DATA":
            talk.say(b"354 go on")
            content = talk.until(b"\r\n.\r\n") + b"\r\n"
            tally.take(recipients, content.replace(b"\r\n..", b"\r\n."))
            recipients = []
            talk.say(b"250 taken")
        elif verb == b"RCPT":
            recipients.append(line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace"))
            talk.say(b"250 ok")
        elif verb == b"EHLO":
            talk.say(b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250 8BITMIME")
        elif verb == b"QUIT":
            connection.sendall(talk.unsent + b"221 bye\r\n")
            return
        else:
            if verb in (b"MAIL", b"RSET"):
                recipients = []
            talk.say(b"250 ok")


def main() -> int:
    """Listen, count, report. Returns 1 when something was wrong with a mail."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sink", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--sessions", type=int, default=sys.maxsize, help="how many sessions until it ends")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence until it ends")
    parser.add_argument("--bulk", action="store_true", help="mails must have one-click unsubscribe as well")
    parser.add_argument("--report", type=Path, help="write the report to this file instead of printing it")
    options = parser.parse_args()
    tally = Tally(required=REQUIRED_HEADERS + (BULK_HEADERS if options.bulk else ()))
    # Asked to end, it reports what it has.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        print(f"listening {listener.getsockname()[1]}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            serve(listener, tally, sessions=options.sessions, idle=options.idle)
    report = json.dumps(tally.report())
    if options.report:
        options.report.write_text(report)
    else:
        print(report, flush=True)
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
