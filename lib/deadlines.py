"""One deadline for all of a connection. A socket's own time-out bounds each read, and not their sum."""

import io
import queue
import socket
import threading
import time


class Clock:
    """What name resolution, connections, handshakes, redirects and answers share.

    A server that sends one byte at a time gains nothing: each read has only what is left.
    """

    def __init__(self, seconds: float) -> None:
        self._begun = time.monotonic()
        self._deadline = self._begun + seconds

    def left(self) -> float:
        """Return the seconds left. Raises ``TimeoutError`` when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def milliseconds(self) -> int:
        """Return how long it has taken."""
        return round((time.monotonic() - self._begun) * 1000)


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock, self._clock = sock, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override] # what readers pass
        self._sock.settimeout(self._clock.left())
        return self._sock.recv_into(buffer)


class TimedSocket:
    """As much of a socket as ``http.client`` uses, under one deadline. Who made the socket inside closes it."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock, self._clock = sock, clock

    def sendall(self, data: bytes) -> None:
        """Send the request."""
        self._sock.settimeout(self._clock.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the answer's stream."""
        return io.BufferedReader(_Reader(self._sock, self._clock))

    def close(self) -> None:
        """Do nothing."""


def resolve(host: str, port: int, clock: Clock) -> list[str]:
    """Return the host's addresses. Raises ``OSError``, and ``UnicodeError`` for what cannot be a host's name.

    The resolver knows no time-out: it is asked in a thread that may be left behind.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="resolver").start()
    try:
        answer = answers.get(timeout=clock.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def connect(addresses: list[str] | tuple[str, ...], port: int, clock: Clock) -> socket.socket:
    """Connect to the first address that answers. Raises ``OSError``.

    Each gets its share of the time: one that swallows packets must not hide one that works.
    """
    failure = OSError("The name has no address.")
    for number, address in enumerate(addresses):
        try:
            return socket.create_connection((address, port), timeout=clock.left() / (len(addresses) - number))
        except OSError as error:
            failure = error
    raise failure
