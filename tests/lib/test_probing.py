"""Probes against servers that behave, and servers that do not. All are real sockets of this machine."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from lib import probing
from lib.probing import BadTarget, Reason
from tests.lib.drips import DrippingTls

Behave = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Takes connections and does with each what it is told."""

    def __init__(self, behave: Behave) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/health?deep=1"
        self.requests: list[bytes] = []
        self._behave = behave
        self._open: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.settimeout(5)
            self.requests.append(connection.recv(65536))
            self._behave(connection)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self._open:
            connection.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Behave], Server]]:
    servers: list[Server] = []

    def start(behave: Behave) -> Server:
        servers.append(Server(behave))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def answering(answer: bytes) -> Behave:
    def behave(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)

    return behave


def silent(connection: socket.socket) -> None:
    time.sleep(5)


def dripping(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Filler: y\r\n" * 80 + b"\r\n":
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def dripping_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _number in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def continuing_forever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


# --- HTTP -------------------------------------------------------------------------------------------------------


def test_a_good_answer_is_ok(serve):
    server = serve(answering(OK))

    result = probing.probe_http(server.url, seconds=5)

    assert (result.ok, result.reason, result.status) == (True, Reason.OK, 200)
    assert 0 <= result.milliseconds < 5000
    assert server.requests[0].startswith(b"GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"User-Agent: Portal-Probe/" in server.requests[0]


@pytest.mark.parametrize(("status", "expected", "ok"), [
    (204, (), True), (299, (), True), (302, (), False), (404, (), False), (500, (), False),
    (401, (200, 401), True), (200, (401,), False),
])  # fmt: skip
def test_the_status_decides(serve, status, expected, ok):
    server = serve(answering(b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n" % status))

    result = probing.probe_http(server.url, seconds=5, expected=expected)

    assert (result.ok, result.status) == (ok, status)
    assert result.reason == (Reason.OK if ok else Reason.STATUS)


@pytest.mark.parametrize("behave", [silent, dripping, dripping_body, continuing_forever])
def test_the_time_is_bounded_whatever_the_server_does(serve, behave):
    server = serve(behave)
    begun = time.monotonic()

    result = probing.probe_http(server.url, seconds=0.4)

    assert result.reason == Reason.TIMEOUT
    assert not result.ok
    # A drop at a time would last four seconds and more.
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (resetting, Reason.RESET),
        (answering(b""), Reason.RESET),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), Reason.RESET),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), Reason.RESET),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), Reason.PROTOCOL),
        (answering(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), Reason.PROTOCOL),
        (answering(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000), Reason.PROTOCOL),
    ],
    ids=["reset", "nothing", "half a body", "half a chunk", "another protocol", "headers", "long header"],
)
def test_what_breaks_off_is_not_ok(serve, behave, reason):
    result = probing.probe_http(serve(behave).url, seconds=5)

    assert (result.ok, result.reason, result.status) == (False, reason, None)


def test_no_more_than_the_beginning_of_a_large_body_is_read(serve):
    sent: list[int] = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                sent.append(connection.send(b"x" * 65536))

    assert probing.probe_http(serve(endless).url, seconds=5).ok
    # The rest is what buffers between the two ends hold.
    assert sum(sent) < 32 * 1024 * 1024


def test_redirects_are_followed_only_when_asked(serve):
    target = serve(answering(OK))
    server = serve(answering(b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % target.url.encode()))

    assert probing.probe_http(server.url, seconds=5).status == 302
    assert target.requests == []
    assert probing.probe_http(server.url, seconds=5, redirects=1).status == 200


def test_a_ring_of_redirects_ends(serve):
    server = serve(answering(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"))

    assert probing.probe_http(server.url, seconds=5, redirects=100).status == 302
    assert len(server.requests) == probing.REDIRECTS_LIMIT + 1


@pytest.mark.parametrize("location", [b"http://169.254.169.254/latest/", b"http://[fd00:ec2::254]/"])
def test_a_redirect_does_not_lead_to_the_metadata(serve, location):
    server = serve(answering(b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % location))

    assert probing.probe_http(server.url, seconds=5, redirects=1).reason == Reason.REFUSED


def test_a_redirect_to_another_scheme_is_no_answer(serve):
    server = serve(answering(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"))

    assert probing.probe_http(server.url, seconds=5, redirects=1).reason == Reason.PROTOCOL


def test_plain_http_at_an_https_address_is_a_tls_failure(serve):
    server = serve(answering(b"HTTP/1.1 400 Bad\r\n\r\n"))

    assert probing.probe_http(f"https://127.0.0.1:{server.port}/", seconds=5).reason == Reason.TLS


def test_a_silent_handshake_is_bounded(serve):
    server = serve(silent)
    begun = time.monotonic()

    assert probing.probe_http(f"https://127.0.0.1:{server.port}/", seconds=0.4).reason == Reason.TIMEOUT
    assert time.monotonic() - begun < 2


def test_a_tls_server_that_drips_is_bounded(tmp_path, monkeypatch):
    server = DrippingTls(tmp_path, monkeypatch)

    assert probing.probe_http(server.url, seconds=0.5).reason == Reason.TIMEOUT
    server.stop()


# --- Names and addresses ----------------------------------------------------------------------------------------


def _slowly() -> list[object]:
    time.sleep(3)
    return []


def test_a_slow_resolver_is_bounded(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: _slowly())
    begun = time.monotonic()

    assert probing.probe_tcp("service.example:443", seconds=0.2).reason == Reason.TIMEOUT
    assert time.monotonic() - begun < 2


def test_an_unknown_name_is_told(monkeypatch):
    def unknown(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert probing.probe_http("http://nowhere.example/", seconds=2).reason == Reason.DNS


def test_an_address_that_fails_does_not_hide_one_that_works(serve, monkeypatch):
    server = serve(answering(OK))
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.port)) for address in ("127.0.0.9", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    real = socket.create_connection

    def first_swallows(address, timeout):
        if address[0] == "127.0.0.9":
            time.sleep(timeout)
            raise TimeoutError
        return real(address, timeout=timeout)

    monkeypatch.setattr(socket, "create_connection", first_swallows)

    assert probing.probe_http("http://service.example/", seconds=1).ok


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.0.1", "fd00:ec2::254", "100.100.100.200", "192.0.0.192",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::",
    ],
)  # fmt: skip
def test_metadata_addresses_are_known_in_every_spelling(address):
    assert probing.is_metadata(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1", "93.184.216.34"])
def test_private_addresses_may_be_probed(address):
    assert not probing.is_metadata(address)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://[fd00:ec2::254]/"]
)
def test_the_metadata_is_refused_before_any_connection(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_kwargs: pytest.fail("connected"))

    assert probing.probe_http(url, seconds=2).reason == Reason.REFUSED


def test_one_bad_address_among_several_refuses_them_all(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("127.0.0.1", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)

    assert probing.probe_tcp("both.example:80", seconds=2).reason == Reason.REFUSED


# --- TCP --------------------------------------------------------------------------------------------------------


def test_a_port_that_takes_connections_is_ok(serve):
    server = serve(silent)

    assert probing.probe_tcp(f"127.0.0.1:{server.port}", seconds=2).ok


def test_a_closed_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    result = probing.probe_tcp(f"127.0.0.1:{port}", seconds=2)

    assert (result.ok, result.reason) == (False, Reason.CONNECT)


# --- Targets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "url"), ("service.example", "scheme"), ("ftp://service.example/", "scheme"), ("https://", "url"),
        ("https://a b.example/", "url"), ("https://a.example/\r\nHost: b", "url"), ("https://ünicode.example/", "url"),
        ("https://a.example:99999/", "url"), ("https://a.example:0/", "url"), ("https://[::1", "url"),
        ("https://me:secret@a.example/", "credentials"), ("https://a.example/" + "x" * 400, "url"),
        ("http://a\0.example/", "url"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_address_is_refused(url, code):
    with pytest.raises(BadTarget, match=code):
        probing.parse_url(url)


@pytest.mark.parametrize(
    "target", ["", "host", "host:", ":80", "host:0", "host:99999", "host:http", "a@host:80", "host:80/x"]
)
def test_what_is_no_host_and_port_is_refused(target):
    with pytest.raises(BadTarget, match="tcp"):
        probing.parse_tcp(target)


@pytest.mark.parametrize(("target", "found"), [("db.internal:5432", ("db.internal", 5432)), ("[::1]:80", ("::1", 80))])
def test_host_and_port_are_read(target, found):
    assert probing.parse_tcp(target) == found


@pytest.mark.parametrize("target", ["nonsense", "http://127.0.0.1:99999/"])
def test_a_bad_target_is_a_result_and_no_crash(target):
    assert probing.probe_http(target, seconds=1).reason == Reason.PROTOCOL
    assert probing.probe_tcp(target, seconds=1).reason == Reason.PROTOCOL
