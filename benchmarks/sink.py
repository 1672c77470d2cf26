"""``python -m benchmarks.sink``: an SMTP server on loopback that counts and checks what it is sent, and keeps nothing.

It answers one session at a time, prints ``listening <port>`` first and one line of JSON at the end: how many mails came,
how many recipients got none of theirs twice, and what was wrong. It ends when ``--sessions`` sessions are over, after
``--idle`` seconds without a byte, or with its parent.
"""

import argparse
import hashlib
import json
import signal
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from portal.local_servers import die_with_parent

REQUIRED_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
BULK_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")
PROBLEMS_KEPT = 20


@dataclass(slots=True)
class Tally:
    """What has come so far."""

    required: tuple[str, ...]
    mails: int = 0
    bytes: int = 0
    recipients: Counter[str] = field(default_factory=Counter)
    message_ids: Counter[bytes] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def take(self, recipients: list[str], content: bytes) -> None:
        """Count one mail and look at its headers and links."""
        self.mails += 1
        self.bytes += len(content)
        self.recipients.update(recipients)
        head, _empty, body = content.partition(b"\r\n\r\n")
        headers: dict[str, bytes] = {}
        for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
            name, _colon, text = line.partition(b":")
            headers[name.decode("ascii", "replace").lower()] = text.strip()
        for name in self.required:
            if not headers.get(name.lower()):
                self.problem(f"{name} is missing")
        if len(recipients) != 1:
            self.problem("not one recipient")
        elif recipients[0].encode() not in headers.get("to", b""):
            self.problem("To names somebody else")
        link = headers.get("list-unsubscribe", b"").strip(b"<>")
        if link and link not in body.replace(b"=\r\n", b"").replace(b"=3D", b"="):
            self.problem("the body has another unsubscribe link")
        self.message_ids[hashlib.blake2b(headers.get("message-id", b""), digest_size=12).digest()] += 1

    def problem(self, text: str) -> None:
        """Count something that is wrong."""
        if text in self.problems or len(self.problems) < PROBLEMS_KEPT:
            self.problems[text] += 1

    def report(self) -> dict[str, object]:
        """Return the figures."""
        return {
            "mails": self.mails,
            "bytes": self.bytes,
            "recipients": len(self.recipients),
            "doubled": sum(count - 1 for count in self.recipients.values()),
            "message_ids": len(self.message_ids),
            # Order does not matter: the sum of the hashes of all recipients is compared with that of the expected ones.
            "fingerprint": fingerprint(self.recipients),
            "problems": dict(self.problems),
        }


def fingerprint(addresses: object) -> str:
    """Return what two sets of addresses have in common only when they are the same."""
    total = 0
    for address in addresses:  # type: ignore[attr-defined]
        total ^= int.from_bytes(hashlib.blake2b(str(address).encode(), digest_size=16).digest())
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


def _session(connection: socket.socket, tally: Tally) -> None:
    stream = connection.makefile("rb")
    connection.sendall(b"220 sink\r\n")
    recipients: list[str] = []
    while line := stream.readline(4096):
        verb = line[:4].upper()
        if verb == b"DATA":
            connection.sendall(b"354 go on\r\n")
            tally.take(recipients, _content(stream))
            recipients = []
            connection.sendall(b"250 taken\r\n")
        elif verb == b"RCPT":
            recipients.append(line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace"))
            connection.sendall(b"250 ok\r\n")
        elif verb == b"EHLO":
            connection.sendall(b"250-sink\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n")
        elif verb == b"QUIT":
            connection.sendall(b"221 bye\r\n")
            return
        else:
            if verb in (b"MAIL", b"RSET"):
                recipients = []
            connection.sendall(b"250 ok\r\n")


def _content(stream: BinaryIO) -> bytes:
    lines: list[bytes] = []
    while (line := stream.readline()) != b".\r\n":
        if not line:
            raise EOFError
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


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
        try:
            serve(listener, tally, sessions=options.sessions, idle=options.idle)
        except KeyboardInterrupt:
            pass
    report = json.dumps(tally.report())
    if options.report:
        options.report.write_text(report)
    else:
        print(report, flush=True)
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
